/** T1 to T3, T9 to T11: what the implicit negative policy is, and where its training ends. */
import { beforeAll, describe, expect, test } from "vitest";
import { nft } from "../../src/loop/objectives/nft.ts";
import { rft } from "../../src/loop/objectives/rft.ts";
import {
  type Draw,
  descend,
  dot,
  type Evaluate,
  evaluator,
  largest,
  minus,
  softmax,
  sum,
} from "./tabular.ts";

const old = softmax([0.3, -0.5, 1.1, 0, -1.2, 0.7]);
/** p(right | answer): a verifier that is never sure. */
const soft = [0.9, 0.2, 0.35, 0.6, 0.75, 0.1];
const hard = [1, 0, 0, 1, 1, 0];

/** r_q, π⁺ and π⁻ by Bayes. */
function splitOf(policy: readonly number[], rights: readonly number[]) {
  const rate = dot(policy, rights);
  return {
    rate,
    positive: policy.map((p, a) => (p * rights[a]) / rate),
    negative: policy.map((p, a) => (p * (1 - rights[a])) / (1 - rate)),
  };
}

/** Every answer as often as it is sampled and found right, or wrong. */
function draws(policy: readonly number[], rights: readonly number[], which: "right" | "wrong"): Draw[] {
  const { rate } = splitOf(policy, rights);
  return policy.flatMap((p, answer) => {
    const share = which === "right" ? rights[answer] : 1 - rights[answer];
    const columns = { right: which === "right" ? 1 : 0, solveRate: rate };
    return share === 0 ? [] : [{ answer, weight: p * share, columns }];
  });
}

/** Without a floor and without weights: the theorem's loss. */
let bare: Evaluate;
let positives: Evaluate;
beforeAll(async () => {
  bare = await evaluator(nft({ normalize: "none", clampNegative: 1e-12 }));
  positives = await evaluator(rft());
});

describe("T1, the split of a policy", () => {
  test("is whole: r π⁺ + (1 − r) π⁻ = π_old, for any verifier", () => {
    for (const rights of [soft, hard]) {
      const { rate, positive, negative } = splitOf(old, rights);
      expect(sum(positive)).toBeCloseTo(1, 15);
      expect(sum(negative)).toBeCloseTo(1, 15);
      const mixed = positive.map((p, a) => rate * p + (1 - rate) * negative[a]);
      expect(largest(minus(mixed, old))).toBeLessThan(1e-16);
    }
  });

  test("is what a wrong answer's loss measures: at π_θ = π⁺ it is −log π⁻ / π_old", async () => {
    const { rate, positive, negative } = splitOf(old, soft);
    for (const answer of old.keys()) {
      const { loss } = await bare([
        {
          logp: [Math.log(positive[answer])],
          logpOld: [Math.log(old[answer])],
          columns: { right: 0, solveRate: rate },
        },
      ]);
      expect(loss).toBeCloseTo(-Math.log(negative[answer] / old[answer]), 13);
    }
  });
});

describe("T2, learning from wrong answers alone", () => {
  test("ends at the positive policy, with a verifier that is never sure", async () => {
    const { positive } = splitOf(old, soft);
    const found = await descend(bare, old, draws(old, soft, "wrong"));
    expect(largest(minus(found, positive))).toBeLessThan(1e-9);
  });

  test("only takes the wrong answers away, with a verifier that is sure", async () => {
    const found = await descend(bare, old, draws(old, hard, "wrong"), { rate: 1, steps: 4000 });
    const { positive } = splitOf(old, hard);
    expect(dot(found, hard)).toBeGreaterThan(0.99);
    // nothing says how the right answers share what is left
    expect(largest(minus(found, positive))).toBeGreaterThan(0.01);
  });

  test("and from right ones together ends at the positive policy with either verifier", async () => {
    const softly = [...draws(old, soft, "right"), ...draws(old, soft, "wrong")];
    const found = await descend(bare, old, softly, { rate: 2 });
    expect(largest(minus(found, splitOf(old, soft).positive))).toBeLessThan(1e-9);
    const surely = [...draws(old, hard, "right"), ...draws(old, hard, "wrong")];
    const sure = await descend(bare, old, surely, { rate: 1, steps: 4000 });
    expect(largest(minus(sure, splitOf(old, hard).positive))).toBeLessThan(0.01);
  });
});

describe("T3, the loss at π_θ = π_old", () => {
  test.each([0.01, 0.5, 1])("is 0 for every answer and weight with the floor at %f", async (floor) => {
    for (const normalize of ["none", "dr_grpo", "grpo"] as const) {
      const evaluate = await evaluator(nft({ normalize, clampNegative: floor }));
      for (const right of [0, 1])
        for (let k = 1; k < 16; k++) {
          const columns = { right, solveRate: k / 16 };
          const { loss } = await evaluate([{ logp: [-1.3, -0.2], logpOld: [-1.3, -0.2], columns }]);
          expect(Math.abs(loss)).toBe(0);
        }
    }
  });

  test("is −log of a floor above 1, for wrong answers", async () => {
    const evaluate = await evaluator(nft({ normalize: "none", clampNegative: 4 }));
    const { loss } = await evaluate([{ logp: [-1], logpOld: [-1], columns: { right: 0, solveRate: 0.5 } }]);
    expect(loss).toBeCloseTo(-Math.log(4), 15);
  });
});

describe("T9, a reward between 0 and 1", () => {
  test("leads to π_old · reward / mean reward, as a chance of being right does", async () => {
    const reward = [0.05, 0.95, 0.5, 0.25, 0.8, 0.4];
    const both = [...draws(old, reward, "right"), ...draws(old, reward, "wrong")];
    const found = await descend(bare, old, both, { rate: 0.5 });
    expect(largest(minus(found, splitOf(old, reward).positive))).toBeLessThan(1e-9);
  });
});

describe("T10, splitting again and again", () => {
  test("weighs each answer by its chance of being right once more, and is right ever more often", async () => {
    let policy: readonly number[] = old;
    const rates = [dot(old, soft)];
    for (let k = 1; k <= 3; k++) {
      policy = await descend(positives, policy, draws(policy, soft, "right"), { rate: 2 });
      const powers = old.map((p, a) => p * soft[a] ** k);
      const exact = powers.map((each) => each / sum(powers));
      expect(largest(minus(policy, exact))).toBeLessThan(1e-8);
      expect(dot(policy, soft)).toBeGreaterThan(rates.at(-1)!);
      rates.push(dot(policy, soft));
    }
  });

  test("is done after one exact step with a verifier that is sure", () => {
    expect(dot(splitOf(old, hard).positive, hard)).toBeCloseTo(1, 15);
  });
});

describe("T11, token by token", () => {
  test("wrong answers alone lead to (r_s/r) π⁺ + (1 − r_s/r) π⁻ after a prefix s, not to π⁺", async () => {
    // a first token, then a second: [first][second]
    const first = softmax([0.2, -0.3]);
    const second = [softmax([0.4, -0.1, 0.3]), softmax([-0.2, 0.5, 0])];
    const rights = [
      [0.35, 0.6, 0.5],
      [0.45, 0.75, 0.4],
    ];
    const after = second.map((policy, s) => splitOf(policy, rights[s]));
    const rate = dot(
      first,
      after.map((split) => split.rate),
    );
    for (const [s, policy] of second.entries()) {
      const wrong = policy.map((p, answer) => ({
        answer,
        weight: p * (1 - rights[s][answer]),
        columns: { right: 0, solveRate: rate },
      }));
      const found = await descend(bare, policy, wrong, { rate: 4 });
      const { rate: own, positive, negative } = after[s];
      const share = own / rate;
      const expected = positive.map((p, a) => share * p + (1 - share) * negative[a]);
      expect(largest(minus(found, expected))).toBeLessThan(1e-9);
      expect(largest(minus(found, positive))).toBeGreaterThan(1e-3);
    }
    // at the first token the rate is the whole's, and there the theorem holds
    const root = splitOf(
      first,
      after.map((split) => split.rate),
    );
    const wrong = first.map((p, answer) => ({
      answer,
      weight: p * (1 - after[answer].rate),
      columns: { right: 0, solveRate: rate },
    }));
    const found = await descend(bare, first, wrong, { rate: 4 });
    expect(largest(minus(found, root.positive))).toBeLessThan(1e-9);
  });
});
