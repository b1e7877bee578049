import { describe, expect, test } from "vitest";
import { withColumns } from "../../src/loop/groups/columns.ts";
import { miniBatches, withScores } from "../../src/loop/groups/examples.ts";
import { isJudged, isMixed, solveRate, toGroup } from "../../src/loop/groups/group.ts";
import type { Group, Problem } from "../../src/loop/types.ts";

const problem: Problem = { id: "1", prompt: "1+1", answer: "2" };
const verdictOf = {
  r: { kind: "right" },
  w: { kind: "wrong", because: "no" },
  e: { kind: "error", because: "oops" },
} as const;

/** A group of answers judged as `kinds` says, such as "rrwe". */
function made(kinds: string) {
  const rollouts = [...kinds].map((kind, index) => ({
    rollout: {
      problem,
      prompt: Int32Array.of(5),
      index,
      text: "",
      tokens: Int32Array.of(index, 9),
      logps: Float32Array.of(-1, -2),
      entropies: Float32Array.of(1, 1),
      stop: "eos" as const,
    },
    verdict: verdictOf[kind as keyof typeof verdictOf],
  }));
  return toGroup(problem, rollouts);
}

const plain = { scaleRewards: "none", rewardStd: "sample" } as const;

/** Examples of groups whose n-th learnt answer has log-probs of −n. */
function batchesOf(groups: readonly Group[], size: number) {
  const compared = withColumns(groups, plain);
  const scores = compared.map((_, n) => ({ logps: Float32Array.of(-n, -n), entropies: new Float32Array(2) }));
  return miniBatches(withScores(compared, scores), size, ["right", "solveRate"]);
}

describe("a group", () => {
  test("counts right among right and wrong, and leaves errors out", () => {
    expect(made("rrww").solveRate).toBe(0.5);
    expect(made("rwee").solveRate).toBe(0.5);
    expect(solveRate([])).toBeNaN();
    expect(made("ee").solveRate).toBeNaN();
  });

  test("teaches where somebody was right and somebody wrong", () => {
    expect(["rw", "rwe", "rr", "ww", "re", "we", "ee"].map((kinds) => isMixed(made(kinds)))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(isJudged(made("re"))).toBe(true);
    expect(isJudged(made("ee"))).toBe(false);
  });

  test("is compared without the answers whose verdict is an error", () => {
    expect(
      withColumns([made("rew")], plain).map(({ rollout, columns }) => [rollout.index, columns.advantage]),
    ).toEqual([
      [0, 0.5],
      [2, -0.5],
    ]);
  });
});

describe("mini-batches", () => {
  test("are whole groups in order, the last one short", () => {
    const sizes = (groups: readonly string[]) =>
      batchesOf(groups.map(made), 2).map((batch) => batch.map(({ completion }) => completion[0]));
    expect(sizes(["rw", "rwe", "erw", "rww", "wr"])).toEqual([
      [0, 1, 0, 1],
      [1, 2, 0, 1, 2],
      [0, 1],
    ]);
    expect(sizes(["ee", "e", "rw"])).toEqual([[0, 1]]);
    expect(sizes([])).toEqual([]);
  });

  test("hold each judged answer with its own old log-probs and its group's solve rate", () => {
    const [batch] = batchesOf([made("rew"), made("wwwr")], 2);
    expect(batch.map(({ completion, logpsOld, columns }) => [completion[0], logpsOld[0], columns])).toEqual([
      [0, -0, { right: 1, solveRate: 0.5 }],
      [2, -1, { right: 0, solveRate: 0.5 }],
      [0, -2, { right: 0, solveRate: 0.25 }],
      [1, -3, { right: 0, solveRate: 0.25 }],
      [2, -4, { right: 0, solveRate: 0.25 }],
      [3, -5, { right: 1, solveRate: 0.25 }],
    ]);
  });
});
