/** An engine on another machine does not tell all that this one does: what it leaves out has no key, and is no 0. */
import { expect, test } from "vitest";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { surrogateOf } from "../../src/engine/surrogate.ts";
import { nft } from "../../src/loop/objectives/nft.ts";
import { checkUpdate, tooLarge } from "../../src/loop/session/self-checks.ts";
import { flopMetrics, learntMetrics } from "../../src/loop/step-metrics.ts";
import { measure } from "../../src/statistics/rates.ts";

const silent = { loss: 0.5, tokens: 4, microBatches: 1, seconds: {}, metrics: {} };
const told = { ...silent, gradNorm: 2, updateNorm: 0.25, entropy: 1.5 };
const metricsOf = (report: typeof silent) =>
  learntMetrics({
    ...{ reports: [report, report], learningRate: 0.1 },
    ...{ difference: { mean: 0, max: 0 }, answers: 2 },
  });

test("norms and entropy that no update told have no key among a step's metrics", () => {
  const untold = ["actor/grad_norm", "actor/grad_norm/max", "actor/update_norm", "actor/entropy"];
  expect(untold.map((name) => metricsOf(told)[name])).toEqual([2, 2, 0.25, 1.5]);
  expect(Object.keys(metricsOf(silent)).filter((name) => untold.includes(name))).toEqual([]);
  expect(metricsOf(silent)["actor/loss"]).toBe(0.5);
});

test("operations that an engine does not count have no key", () => {
  const counted = { sample: 1, score: 2, update: 3 };
  expect(flopMetrics({ sample: 0, score: 0, update: 0 }, counted)["perf/flops"]).toBe(6);
  expect(flopMetrics(undefined, undefined)).toEqual({});
});

test("an evaluation has an entropy where every answer has one", () => {
  const answer = { text: "4", stop: "eos", tokens: 2, verdict: "right" } as const;
  const same = () => () => true;
  expect(measure([[{ ...answer, entropy: 3 }]], 1, same).entropy).toBe(1.5);
  expect(measure([[answer]], 1, same)).not.toHaveProperty("entropy");
});

test("the surrogate has an entropy where the scores have", async () => {
  const example = {
    ...{ prompt: Int32Array.of(1), completion: Int32Array.of(2, 3), logpsOld: Float32Array.of(-1, -2) },
    columns: { right: 1, solveRate: 0.5 },
  };
  const scores = { logps: Float32Array.of(-1, -2), entropies: Float32Array.of(1, 2) };
  const objective = traceObjective(nft());
  const both = await surrogateOf([example], [scores], objective, 1, 1);
  const one = await surrogateOf([example], [{ logps: scores.logps }], objective, 1, 1);
  expect(both.report.entropy).toBe(1.5);
  expect(one.report).toEqual({ ...both.report, entropy: undefined });
  expect(one.examples).toEqual(both.examples);
});

test("the first update passes its check on what is told, and not where that is 0 or no number", () => {
  expect(checkUpdate(silent, 1)).toContain("not told");
  expect(checkUpdate({ ...silent, gradNorm: 2 }, 1)).toContain("gradient norm 2.0e+0");
  expect(() => checkUpdate({ ...silent, gradNorm: 0 }, 1)).toThrow(/No answer had a gradient/);
  expect(() => checkUpdate({ ...silent, gradNorm: Number.NaN }, 1)).toThrow(/Lower learning_rate/);
  expect(tooLarge({ ...silent, weightNorm: 1 }, 1)).toBeUndefined();
});
