/** T12: on-policy and in expectation RFT and NFT learn the same; what wrong answers add is less variance. */
import { describe, expect, test } from "vitest";
import { makeObjective } from "../../src/loop/objectives/objectives.ts";
import { dot, type Evaluate, evaluator, generator, largest, minus, softmax, sum } from "./tabular.ts";

const logits = [0.4, -0.2, 0.9, 0];
const rights = [1, 0, 0, 1];
const K = 3;
const policy = softmax(logits);
const rate = dot(policy, rights);
/** ∇ r_q: d Σ_a π(a)·right(a) / dθ_j. */
const target = policy.map((p, j) => p * (rights[j] - rate));

/** Every group of K answers there can be, with its probability. */
const groups = Array.from({ length: policy.length ** K }, (_, n) => {
  const answers = Array.from({ length: K }, (_, k) => Math.floor(n / policy.length ** k) % policy.length);
  return { answers, probability: answers.reduce((p, answer) => p * policy[answer], 1) };
});

/** The ascent direction of a group: −gradient, the mean over its K answers. */
async function ascent(evaluate: Evaluate, answers: readonly number[], mixedOnly: boolean): Promise<number[]> {
  const solveRate = sum(answers.map((answer) => rights[answer])) / K;
  if (mixedOnly && (solveRate === 0 || solveRate === 1)) return logits.map(() => 0);
  const { dlogp } = await evaluate(
    answers.map((answer) => ({
      logp: [Math.log(policy[answer])],
      logpOld: [Math.log(policy[answer])],
      columns: { right: rights[answer], solveRate },
    })),
    K,
  );
  return logits.map((_, j) =>
    sum(answers.map((answer, k) => -dlogp[k][0] * ((answer === j ? 1 : 0) - policy[j]))),
  );
}

/** Mean direction over all groups, and E|g|² / |E g|² − 1. */
async function moments(evaluate: Evaluate, mixedOnly: boolean) {
  const mean = logits.map(() => 0);
  let square = 0;
  for (const { answers, probability } of groups) {
    const own = await ascent(evaluate, answers, mixedOnly);
    own.forEach((each, j) => (mean[j] += probability * each));
    square += probability * dot(own, own);
  }
  return { mean, relativeVariance: square / dot(mean, mean) - 1 };
}

const times = (factor: number) => target.map((each) => factor * each);

describe("T12, on-policy and over every group there can be", () => {
  test("the mean step is ∇r for RFT on all groups, (1 − r^(K−1)) ∇r on mixed ones, (1 − 1/K) ∇r for NFT weighted by 1 − r", async () => {
    const rft = await evaluator(makeObjective("rft"));
    const nft = await evaluator(makeObjective("nft"));
    expect(sum(groups.map(({ probability }) => probability))).toBeCloseTo(1, 14);
    const [everything, mixed, both] = [
      await moments(rft, false),
      await moments(rft, true),
      await moments(nft, true),
    ];
    expect(largest(minus(everything.mean, target))).toBeLessThan(1e-15);
    expect(largest(minus(mixed.mean, times(1 - rate ** (K - 1))))).toBeLessThan(1e-15);
    expect(largest(minus(both.mean, times(1 - 1 / K)))).toBeLessThan(1e-15);
    // what the same step costs in variance
    expect(both.relativeVariance).toBeLessThan(0.9 * everything.relativeVariance);
    expect(both.relativeVariance).toBeLessThan(0.9 * mixed.relativeVariance);
  });

  test("the variance of sampled steps agrees with the enumeration", async () => {
    const random = generator(5);
    for (const [name, mixedOnly] of [
      ["nft", true],
      ["rft", false],
    ] as const) {
      const evaluate = await evaluator(makeObjective(name));
      const exact = await moments(evaluate, mixedOnly);
      const known = new Map<number, number[]>();
      let square = 0;
      const samples = 20_000;
      for (let n = 0; n < samples; n++) {
        let left = random();
        const at = Math.max(
          0,
          groups.findIndex(({ probability }) => (left -= probability) < 0),
        );
        if (!known.has(at)) known.set(at, await ascent(evaluate, groups[at].answers, mixedOnly));
        const own = known.get(at)!;
        square += dot(own, own) / samples;
      }
      const measured = square / dot(exact.mean, exact.mean) - 1;
      expect(measured / exact.relativeVariance).toBeCloseTo(1, 1);
    }
  });
});
