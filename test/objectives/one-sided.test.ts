/** Objectives that weigh right and wrong answers apart: losses and gradients beside plain float64 arithmetic. */
import { describe, expect, test } from "vitest";
import { advantages } from "../../src/loop/groups/advantages.ts";
import { makeObjective, type ObjectiveOptions } from "../../src/loop/objectives/objectives.ts";
import { evaluator, type Row } from "../theory/tabular.ts";

const group = [
  { right: 1, logpOld: [-1.1, -0.4], change: [0.1, -0.3] },
  { right: 0, logpOld: [-2.3], change: [0.4] },
  { right: 0, logpOld: [-0.2, -0.9, -1.7], change: [-0.5, 0.05, 0.25] },
  { right: 0, logpOld: [-0.6, -1.2], change: [-0.1, -0.24] },
  { right: 1, logpOld: [-0.8], change: [0.31] },
];
const q = 2 / 5;

/** −min(R·A, clip(R, 0.8, 1.2)·A) of each token, summed. */
function clipped(advantageOf: (right: number) => number, changes: readonly (readonly number[])[]): number {
  return group.reduce(
    (sum, { right }, i) =>
      sum +
      changes[i]!.reduce((own, change) => {
        const [ratio, advantage] = [Math.exp(change), advantageOf(right)];
        return own - Math.min(ratio * advantage, Math.min(Math.max(ratio, 0.8), 1.2) * advantage);
      }, 0),
    0,
  );
}

const weighed =
  (weight: number) =>
  (changes: readonly (readonly number[])[]): number =>
    group.reduce(
      (sum, { right }, i) => sum - right * weight * changes[i]!.reduce((own, change) => own + change, 0),
      0,
    );

const grpo = (right: number) => (right - q) / (Math.sqrt((5 * q * (1 - q)) / 4) + 1e-6);

const cases: readonly (readonly [
  string,
  Partial<ObjectiveOptions>,
  (changes: readonly (readonly number[])[]) => number,
])[] = [
  ["maxrl", {}, (changes) => clipped((right) => (right - q) / q, changes)],
  ["nsr", {}, (changes) => clipped((right) => right - 1, changes)],
  ["w_reinforce", {}, (changes) => clipped((right) => (right === 1 ? 0.1 : -1), changes)],
  ["w_reinforce", { posWeight: 1 }, (changes) => clipped((right) => 2 * right - 1, changes)],
  ["grpo_positive", {}, (changes) => clipped((right) => Math.max(0, grpo(right)), changes)],
  ["rft", { normalize: "inverse_rate" }, weighed(1 / q)],
  ["rft", { normalize: "inverse_wrong_rate" }, weighed(1 / (1 - q))],
  ["rft", { normalize: "inverse_spread" }, weighed(1 / Math.sqrt(q * (1 - q)))],
  ["rft", { normalize: "maxrl" }, weighed((1 - q) / q)],
];

describe.each(cases)("%s %o", (name, options, straightforward) => {
  test("has the loss of its formula, and the gradient of that loss by finite differences", async () => {
    const scaleRewards = name === "maxrl" ? "mean" : "group";
    const [own] = advantages([group.map(({ right }) => right)], { scaleRewards, rewardStd: "sample" });
    const rows = group.map(({ right, logpOld, change }, i): Row => {
      const columns = { right, solveRate: q, advantage: own![i]! };
      return { logpOld, logp: logpOld.map((old, t) => old + change[t]!), columns };
    });
    const { loss, dlogp } = await (await evaluator(makeObjective(name, options, "token-sum")))(rows);
    const changes = group.map(({ change }) => change);
    expect(loss).toBeCloseTo(straightforward(changes), 12);
    const step = 1e-6;
    for (const [i, each] of changes.entries())
      for (const t of each.keys()) {
        const moved = (by: number) =>
          straightforward(
            changes.map((one, a) => one.map((value, b) => (a === i && b === t ? value + by : value))),
          );
        expect(dlogp[i]![t]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 8);
      }
  });
});

describe("rewards divided by their mean", () => {
  const of = (rewards: readonly number[]) =>
    advantages([rewards], { scaleRewards: "mean", rewardStd: "sample" })[0];

  test("are (1 − q)/q where right and −1 where wrong", () => {
    expect(of([1, 0, 0, 0])).toEqual([3, -1, -1, -1]);
  });

  test("say nothing where all are alike, and stay finite where a penalty takes their mean below 0", () => {
    expect(of([0, 0, 0])).toEqual([0, 0, 0]);
    expect(of([1, 1])).toEqual([0, 0]);
    expect(of([-0.5, -0.25])).toEqual([-0.125, 0.125]);
  });
});
