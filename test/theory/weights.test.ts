/** What the weight of a problem makes NFT and RFT climb, on-policy and with its solve rate known. */
import { describe, expect, test } from "vitest";
import { makeObjective } from "../../src/loop/objectives/objectives.ts";
import { dot, evaluator, gradientOfTable, softmax } from "./tabular.ts";

const rights = [1, 0, 0, 1];
/** Policies that solve the problem in 15 to 80 %. */
const tables = [
  [0.4, -0.2, 0.9, 0],
  [-1.5, 1, 0.3, -2],
  [2, -0.5, 0, 1.2],
];

/** d/dq of what is climbed, by `normalize` and algorithm. */
const climbed = {
  none: { nft: (q: number) => 1 / (1 - q), rft: () => 1 },
  dr_grpo: { nft: () => 1, rft: (q: number) => 1 - q },
  grpo: {
    nft: (q: number) => 1 / Math.sqrt(q * (1 - q)),
    rft: (q: number) => Math.sqrt((1 - q) / q),
  },
};

describe.each(Object.keys(climbed) as (keyof typeof climbed)[])("with normalize=%s", (normalize) => {
  test.each(["nft", "rft"] as const)("%s climbs its function of the solve rate", async (algorithm) => {
    const evaluate = await evaluator(makeObjective(algorithm, { normalize }, "token-sum"));
    for (const logits of tables) {
      const policy = softmax(logits);
      const solveRate = dot(policy, rights);
      const draws = policy.map((weight, answer) => ({
        ...{ answer, weight },
        columns: { right: rights[answer]!, solveRate },
      }));
      const descent = await gradientOfTable(evaluate, logits, policy, draws);
      const slope = climbed[normalize][algorithm](solveRate);
      for (const [j, each] of descent.entries())
        expect(-each).toBeCloseTo(slope * policy[j]! * (rights[j]! - solveRate), 6);
    }
  });
});
