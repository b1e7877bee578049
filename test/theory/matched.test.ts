/** Objectives that climb the same with wrong answers and without: by how much, through every group there can be. */
import { describe, expect, test } from "vitest";
import { withColumns } from "../../src/loop/groups/columns.ts";
import { isMixed, toGroup } from "../../src/loop/groups/group.ts";
import { defaultsOf, makeObjective, type ObjectiveOptions } from "../../src/loop/objectives/objectives.ts";
import type { Group, JudgedRollout } from "../../src/loop/types.ts";
import { type Draw, dot, evaluator, gradientOfTable } from "./tabular.ts";

/** A softmax over four answers, two of them right: q is 0.362. */
const policy = [0.262, 0.4, 0.238, 0.1];
const rights = [1, 0, 0, 1];
const q = dot(policy, rights);
const K = 6;

/** How often each answer is among K, in every way there is. */
function* counts(left: number, kinds: number): Generator<number[]> {
  if (kinds === 1) yield [left];
  else
    for (let first = 0; first <= left; first++)
      for (const rest of counts(left - first, kinds - 1)) yield [first, ...rest];
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
/** Chance of those counts among K answers. */
const chanceOf = (count: readonly number[]) =>
  count.reduce(
    (chance, times, answer) => (chance * policy[answer]! ** times) / factorial(times),
    factorial(K),
  );

const problem = { id: "p", prompt: "?", answer: "1" };
function groupOf(answers: readonly number[]): Group {
  const rollouts = answers.map((answer, index): JudgedRollout => {
    const rollout = {
      ...{ problem, prompt: Int32Array.of(0), index, text: "", stop: "eos" as const },
      ...{ tokens: Int32Array.of(answer), logps: new Float32Array(1) },
    };
    return { rollout, verdict: rights[answer] === 1 ? { kind: "right" } : { kind: "wrong", because: "" } };
  });
  return toGroup(problem, rollouts);
}

/** Every answer of every mixed group, counted by its group's chance and a share of 1/K: the mean step per answer. */
function drawsFor(name: string): Draw[] {
  const { scaleRewards } = defaultsOf(name);
  return [...counts(K, policy.length)].flatMap((count) => {
    const answers = count.flatMap((times, answer) => Array<number>(times).fill(answer));
    const group = groupOf(answers);
    if (!isMixed(group)) return [];
    const weight = chanceOf(count) / K;
    return withColumns([group], { scaleRewards, rewardStd: "population" }).map(({ columns }, i) => ({
      ...{ answer: answers[i]!, weight },
      columns: { ...columns },
    }));
  });
}

/** What the objective climbs, in multiples of ∇q; and that it is one. */
async function climbs(name: string, options: Partial<ObjectiveOptions> = {}): Promise<number> {
  const evaluate = await evaluator(makeObjective(name, options, "token-sum"));
  const logits = policy.map(Math.log);
  const descent = await gradientOfTable(evaluate, logits, policy, drawsFor(name));
  const slope = policy.map((each, j) => each * (rights[j]! - q));
  const factor = -dot(descent, slope) / dot(slope, slope);
  for (const [j, each] of descent.entries()) expect(-each).toBeCloseTo(factor * slope[j]!, 12);
  return factor;
}

/** Σ over mixed groups of Pr(k right of K) · f(k / K). */
function expected(f: (rate: number) => number): number {
  let sum = 0;
  for (let k = 1; k < K; k++) {
    const ways = factorial(K) / (factorial(k) * factorial(K - k));
    sum += ways * q ** k * (1 - q) ** (K - k) * f(k / K);
  }
  return sum;
}

type Arm = readonly [name: string, options: Partial<ObjectiveOptions>, factor: number];
const right = (weight: (r: number) => number) => expected((r) => weight(r) * r) / q;
const both = (weight: (r: number) => number) => expected((r) => weight(r) * r) / (q * (1 - q));
const spread = (r: number) => Math.sqrt((1 - r) / r);

describe.each<readonly [string, readonly Arm[]]>([
  [
    "q",
    [
      ["nft", {}, both((r) => 1 - r)],
      ["dr_grpo", {}, both((r) => 1 - r)],
      ["rft", {}, right(() => 1)],
      ["nsr", {}, expected((r) => 1 - r) / (1 - q)],
      ["w_reinforce", {}, 0.1 * right(() => 1) + expected((r) => 1 - r) / (1 - q)],
    ],
  ],
  [
    "arcsin √q",
    [
      ["nft", { normalize: "grpo" }, both(spread)],
      ["grpo", {}, both(spread)],
      ["rft", { normalize: "inverse_spread" }, right((r) => 1 / Math.sqrt(r * (1 - r)))],
    ],
  ],
  [
    "log q",
    [
      ["nft", { normalize: "maxrl" }, both((r) => (1 - r) / r)],
      ["maxrl", {}, both((r) => (1 - r) / r)],
      ["rft", { normalize: "inverse_rate" }, right((r) => 1 / r)],
    ],
  ],
  [
    "−log(1 − q)",
    [
      ["nft", { normalize: "none" }, both(() => 1)],
      ["rft", { normalize: "inverse_wrong_rate" }, right((r) => 1 / (1 - r))],
    ],
  ],
  ["GRPO's right answers alone", [["grpo_positive", {}, right(spread)]]],
])("%s", (_, arms) => {
  test.each(arms)("is climbed by %s %o as worked out by hand", async (name, options, factor) => {
    const found = await climbs(name, options);
    console.log(`${name} ${JSON.stringify(options)}: ${found.toFixed(3)} ∇q`);
    expect(found).toBeCloseTo(factor, 9);
  });
});
