import { describe, expect, test } from "vitest";
import { columnsOf } from "../../src/loop/groups/columns.ts";
import {
  examples,
  isJudged,
  isMixed,
  judgedRollouts,
  miniBatches,
  solveRate,
  toGroup,
} from "../../src/loop/groups/group.ts";
import type { Problem, Verdict } from "../../src/loop/types.ts";

const problem: Problem = { id: "1", prompt: "1+1", answer: "2" };
const verdictOf = {
  r: { kind: "right" },
  w: { kind: "wrong", because: "no" },
  e: { kind: "error", because: "oops" },
} as const;

/** A group of answers judged as `kinds` says, such as "rrwe". */
function made(kinds: string) {
  const verdicts: Verdict[] = [...kinds].map((kind) => verdictOf[kind as keyof typeof verdictOf]);
  const rollouts = verdicts.map((_, index) => ({
    problem,
    index,
    text: "",
    tokens: Int32Array.of(index, 9),
    logps: Float32Array.of(-1, -2),
    entropies: Float32Array.of(1, 1),
    stop: "eos" as const,
  }));
  return toGroup(problem, Int32Array.of(5), rollouts, verdicts);
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

  test("gives no example of an answer whose verdict is an error", () => {
    expect(judgedRollouts(made("rew")).map(({ rollout, right }) => [rollout.index, right])).toEqual([
      [0, true],
      [2, false],
    ]);
  });
});

describe("mini-batches", () => {
  test("are whole groups in order, the last one short", () => {
    expect(miniBatches([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(miniBatches([], 2)).toEqual([]);
  });

  test("hold each judged answer with its own old log-probs and its group's solve rate", () => {
    const groups = [made("rew"), made("wwwr")];
    const scores = [0, 1, 2, 3, 4, 5].map((n) => ({
      logps: Float32Array.of(-n, -n),
      entropies: new Float32Array(2),
    }));
    const columns = columnsOf(groups, { scaleRewards: "none", rewardStd: "sample" });
    const made_ = examples(groups, scores, columns, ["right", "solveRate"]);
    expect(made_.map((own) => own.length)).toEqual([2, 4]);
    expect(
      made_.flat().map(({ completion, logpsOld, columns }) => [completion[0], logpsOld[0], columns]),
    ).toEqual([
      [0, -0, { right: 1, solveRate: 0.5 }],
      [2, -1, { right: 0, solveRate: 0.5 }],
      [0, -2, { right: 0, solveRate: 0.25 }],
      [1, -3, { right: 0, solveRate: 0.25 }],
      [2, -4, { right: 0, solveRate: 0.25 }],
      [3, -5, { right: 1, solveRate: 0.25 }],
    ]);
  });
});
