/**
 * Groups: the answers to one problem, side by side.
 *
 *   judged rollouts  →  groups
 *
 * A verdict becomes a signal only by comparison: the group's solve rate is what every objective
 * measures against. A group that is all right or all wrong teaches nothing.
 */
import type { Group, JudgedRollout, Problem, Verdict } from "../types.ts";

/** r̂: right / (right + wrong); NaN where every verdict is an error. */
export function solveRate(verdicts: readonly Verdict[]): number {
  const right = verdicts.filter((verdict) => verdict.kind === "right").length;
  const wrong = verdicts.filter((verdict) => verdict.kind === "wrong").length;
  return right / (right + wrong);
}

/** One group, of all the rollouts to one problem. */
export function toGroup(problem: Problem, rollouts: readonly JudgedRollout[]): Group {
  return { problem, rollouts, solveRate: solveRate(rollouts.map(({ verdict }) => verdict)) };
}

/** Every verdict of the groups, in order. */
export function verdictsIn(groups: readonly Group[]): Verdict[] {
  return groups.flatMap(({ rollouts }) => rollouts.map(({ verdict }) => verdict));
}

/** What an answer is worth, in [0, 1]: the verdict's score, or 1 where it is right and 0 where it is wrong; NaN of an error. */
export function scoreOf(verdict: Verdict): number {
  if (verdict.kind === "error") return Number.NaN;
  return verdict.score ?? (verdict.kind === "right" ? 1 : 0);
}

/** Whether some answer is worth more than another. */
export function differsInScore({ rollouts }: Group): boolean {
  const scores = rollouts.map(({ verdict }) => scoreOf(verdict)).filter((score) => !Number.isNaN(score));
  return scores.some((score) => score !== scores[0]);
}

/** 0 < r̂ < 1: somebody was right and somebody wrong. */
export function isMixed(group: Group): boolean {
  return group.solveRate > 0 && group.solveRate < 1;
}

/** At least one answer got a verdict that is not an error. */
export function isJudged(group: Group): boolean {
  return !Number.isNaN(group.solveRate);
}
