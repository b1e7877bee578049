import { describe, expect, test } from "vitest";
import { score } from "../../src/engine/embedded/score.ts";
import { gradientOf } from "../../src/engine/embedded/update.ts";
import type { Example } from "../../src/engine/engine.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { surrogate, surrogateOf } from "../../src/engine/surrogate.ts";
import { aggregated, type LossAgg, lossScale } from "../../src/loop/objectives/aggregation.ts";
import { grpo } from "../../src/loop/objectives/grpo.ts";
import { makeObjective, objectiveNames } from "../../src/loop/objectives/objectives.ts";
import { smallNetwork, tokens } from "../engine/small.ts";
import { evaluator } from "../theory/tabular.ts";

const rows = [
  { logp: [-1, -2, -0.3], logpOld: [-1.1, -2, -0.2], columns: { advantage: 1.5 } },
  { logp: [-0.7], logpOld: [-0.8], columns: { advantage: -0.5 } },
];
const sizes = { answers: 2, tokens: 4 };

describe("the loss of a mini-batch", () => {
  const ratio = (i: number, t: number) => Math.exp(rows[i].logp[t] - rows[i].logpOld[t]);
  const own = rows.map(({ logp, columns }, i) => logp.map((_, t) => -columns.advantage * ratio(i, t)));
  const total = (values: number[]) => values.reduce((a, b) => a + b, 0);

  test.each<[LossAgg, number]>([
    ["token-sum", total(own.flat()) / 1000],
    ["token-mean", total(own.flat()) / 4],
    ["seq-mean-token-sum", total(own.flat()) / 2],
    ["seq-mean-token-mean", (total(own[0]) / 3 + own[1][0]) / 2],
  ])("is, in %s, what the words say", async (agg, expected) => {
    const evaluate = await evaluator(aggregated(grpo(), agg));
    expect((await evaluate(rows, lossScale(agg, sizes, 1000))).loss).toBeCloseTo(expected, 8);
  });
});

describe("the gradient of a mini-batch", () => {
  const lengths = [3, 12, 1, 7, 7, 20];
  const prompts = [tokens(9, 50), tokens(4, 51)];

  test.each(objectiveNames)("does not depend on how it is cut, in %s", async (name) => {
    const objective = makeObjective(name, { beta: 0.1 });
    const program = traceObjective(objective);
    const gradient = async (budget: number) => {
      const network = await smallNetwork();
      const sequences = lengths.map((length, i) => ({
        prompt: prompts[i % 2],
        completion: tokens(length, i),
      }));
      const scores = await score(network, sequences, 1, 1000);
      const all: Record<string, number>[] = lengths.map((length, i) => ({
        ...{ right: i < 3 ? 1 : 0, solveRate: i % 2 === 0 ? 2 / 3 : 1 / 3, group: i % 2 },
        ...{ advantage: i < 3 ? 0.7 : -0.9, length },
      }));
      const examples: Example[] = sequences.map((sequence, i) => ({
        ...sequence,
        logpsOld: scores[i].logps.map((logp, t) => logp + 0.2 * Math.sin(7 * i + t)),
        columns: Object.fromEntries(objective.columns.map((column) => [column, all[i][column]])),
      }));
      const options = { temperature: 1, budget, keep: true };
      // objectives that couple answers are scored whole and go back as weights, as in the engine
      const found = objective.coupled
        ? await gradientOf(
            network,
            (await surrogateOf(examples, scores, program, 10, 1)).examples,
            traceObjective(surrogate),
            surrogate.name,
            { ...options, lossScale: 1 },
          )
        : await gradientOf(network, examples, program, name, { ...options, lossScale: 10 });
      await network.release();
      return found;
    };
    const [whole, cut] = [await gradient(10_000), await gradient(25)];
    expect(cut.microBatches).toBeGreaterThan(whole.microBatches + 1);
    expect(whole.gradients.norm()).toBeGreaterThan(1e-4);
    for (const [tensor, values] of whole.gradients.tensors) {
      const other = cut.gradients.tensors.get(tensor)!;
      const apart = Math.sqrt(values.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0));
      expect(apart / whole.gradients.norm()).toBeLessThan(1e-5);
    }
  });
});
