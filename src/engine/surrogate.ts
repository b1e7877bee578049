/**
 * The surrogate: the loss Σ weight · log-prob, its weights d loss / d log-prob of an objective.
 *
 *   examples, their log-probs, an objective  →  examples with a weight per token, and what the objective reports
 *
 * Whatever the objective, the backward pass needs only those weights; given them, the surrogate has the same gradient,
 * can be cut anywhere, and is a loss that any engine knows. It serves objectives that couple answers, and engines
 * that cannot run an objective themselves.
 */
import { mul } from "../autodiff/ops.ts";
import type { Program } from "../autodiff/tensor.ts";
import type { Example, Score } from "./engine.ts";
import { MetricTotals, type ObjectiveReport } from "./metric-totals.ts";
import type { Objective } from "./objective.ts";
import { objectiveInputs } from "./objective-inputs.ts";
import { objectiveGradient } from "./objective-program.ts";
import { array, compile, type Runnable } from "./onnx/run.ts";

/** To be summed as it stands: its `lossScale` is 1, the objective's being in the weights. */
export const surrogate: Objective = {
  name: "surrogate",
  columns: [],
  tokenColumns: ["weight"],
  loss: ({ logp, columns: { weight } }) => ({ loss: mul(logp, weight) }),
};

/** By the traced objective, which is compiled when it is first met, and let go with it. */
const compiled = new WeakMap<Program, Promise<Runnable>>();

function gradientProgram(objective: Program, threads: number | undefined): Promise<Runnable> {
  const found = compiled.get(objective) ?? compile(objectiveGradient(objective), threads);
  compiled.set(objective, found);
  return found;
}

/**
 * @param scores     of the examples under the present weights, at the temperature of the update
 * @param objective  traced, once for all updates by it
 * @param lossScale  of the update
 * @param threads    cores for one op, the same each time; left out, onnxruntime chooses
 */
export async function surrogateOf(
  examples: readonly Example[],
  scores: readonly Score[],
  objective: Program,
  lossScale: number,
  threads: number | undefined,
): Promise<{ readonly examples: readonly Example[]; readonly report: ObjectiveReport }> {
  const B = examples.length;
  const T = Math.max(...examples.map((each) => each.completion.length));
  const logp = new Float64Array(B * T);
  for (const [b, { logps }] of scores.entries()) logp.set(logps, b * T);
  const entropies = scores.flatMap((score) => (score.entropies === undefined ? [] : [...score.entropies]));
  const program = await gradientProgram(objective, threads);
  const results = await program.run({
    ...objectiveInputs(examples, T),
    logp: array(logp, B, T),
    lossScale: array(Float64Array.of(lossScale)),
  });
  const totals = new MetricTotals();
  const entropy = array(Float32Array.from(entropies), entropies.length, 1);
  totals.add({ ...results, ...(entropies.length > 0 && { entropy }) }, examples);
  const dlogp = results.dlogp.data as Float64Array;
  return {
    report: totals.report(),
    examples: examples.map((example, b) => ({
      ...example,
      columns: {},
      tokenColumns: {
        weight: Float32Array.from(dlogp.subarray(b * T, b * T + example.completion.length)),
      },
    })),
  };
}
