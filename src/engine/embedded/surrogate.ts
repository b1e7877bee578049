/**
 * Objectives that couple answers: scored as one whole mini-batch first, then learnt from as weights.
 *
 * Whatever the objective, the backward pass needs only d loss / d log-prob of each token; given those,
 * Σ weight · log-prob has the same gradient and can be cut anywhere.
 */
import { mul } from "../../autodiff/ops.ts";
import type { Program } from "../../autodiff/tensor.ts";
import type { Example, Score } from "../engine.ts";
import { objectiveGradient, traceObjective } from "../objective-program.ts";
import { compile } from "../onnx/run.ts";
import { columns } from "./head-gradient.ts";
import { MetricTotals } from "./metric-totals.ts";
import { array } from "./model-programs.ts";

/** Σ weight · log-prob, its weights given in the place of the old log-probs. */
export const weighted = traceObjective({
  name: "weighted",
  columns: [],
  loss: ({ logp, logpOld }) => ({ loss: mul(logp, logpOld) }),
});

/** The same examples as weights for `weighted`, and what the objective itself reports. */
export async function asWeights(
  examples: readonly Example[],
  scores: readonly Score[],
  objective: Program,
  lossScale: number,
  threads: number,
) {
  const B = examples.length;
  const T = Math.max(...examples.map((each) => each.completion.length));
  const logp = new Float64Array(B * T);
  for (const [b, { logps }] of scores.entries()) logp.set(logps, b * T);
  const entropy = Float32Array.from(scores.flatMap(({ entropies }) => [...entropies]));
  const program = await compile(objectiveGradient(objective), threads);
  const results = await program.run({
    ...columns(examples, T),
    logp: array(logp, B, T),
    lossScale: array(Float64Array.of(lossScale)),
  });
  await program.release();
  const totals = new MetricTotals();
  totals.add({ ...results, entropy: array(entropy, entropy.length, 1) });
  const dlogp = results.dlogp.data as Float64Array;
  return {
    report: totals.report(),
    examples: examples.map((example, b) => ({
      ...example,
      logpsOld: Float32Array.from(dlogp.subarray(b * T, b * T + example.completion.length)),
      columns: {},
    })),
  };
}
