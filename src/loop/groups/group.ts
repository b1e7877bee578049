/**
 * Groups: the answers to one problem, side by side.
 *
 *   rollouts, verdicts  →  groups  →  mini-batches  →  examples
 *
 * A verdict becomes a signal only by comparison: the group's solve rate is what every objective
 * measures against. A group that is all right or all wrong teaches nothing.
 */
import type { Example, Score } from "../../engine/engine.ts";
import type { Group, Problem, Rollout, Verdict } from "../types.ts";

/** r̂: right / (right + wrong); NaN where every verdict is an error. */
export function solveRate(verdicts: readonly Verdict[]): number {
  const right = verdicts.filter((verdict) => verdict.kind === "right").length;
  const wrong = verdicts.filter((verdict) => verdict.kind === "wrong").length;
  return right / (right + wrong);
}

/** One group: `rollouts[i]` was judged `verdicts[i]`. */
export function toGroup(
  problem: Problem,
  promptTokens: Int32Array,
  rollouts: readonly Rollout[],
  verdicts: readonly Verdict[],
): Group {
  return { problem, promptTokens, rollouts, verdicts, solveRate: solveRate(verdicts) };
}

/** 0 < r̂ < 1: somebody was right and somebody wrong. */
export function isMixed(group: Group): boolean {
  return group.solveRate > 0 && group.solveRate < 1;
}

/** At least one answer got a verdict that is not an error. */
export function isJudged(group: Group): boolean {
  return !Number.isNaN(group.solveRate);
}

/** Mini-batches of `size` whole groups, in their order; the last may be short. */
export function miniBatches<T>(groups: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < groups.length; start += size) batches.push(groups.slice(start, start + size));
  return batches;
}

/** The rollouts of a group that got a verdict: errors are no signal and are not learnt from. */
export function judgedRollouts(group: Group): { readonly rollout: Rollout; readonly right: boolean }[] {
  return group.rollouts.flatMap((rollout, i) => {
    const kind = group.verdicts[i]!.kind;
    return kind === "error" ? [] : [{ rollout, right: kind === "right" }];
  });
}

/**
 * What the engine learns from: each judged answer with its old log-probs and its columns.
 *
 * @param scores   one for each judged rollout of each group, in order; `logps` is log π_old
 * @param columns  of each judged rollout of each group, from `columnsOf`
 * @param names    the columns that the objective reads
 */
export function examples(
  groups: readonly Group[],
  scores: readonly Score[],
  columns: readonly (readonly Readonly<Record<string, number>>[])[],
  names: readonly string[],
): Example[][] {
  let next = 0;
  return groups.map((group, g) =>
    judgedRollouts(group).map(({ rollout }, i) => ({
      prompt: group.promptTokens,
      completion: rollout.tokens,
      logpsOld: scores[next++]!.logps,
      columns: Object.fromEntries(names.map((name) => [name, columns[g]![i]![name]!])),
    })),
  );
}
