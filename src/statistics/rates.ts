/**
 * Measures: judged answers to held-out problems → avg@k, pass@k, maj@k with their intervals, and what went wrong.
 *
 * Verdicts that are errors are no answers: they are counted, and every rate is of what was judged. A problem
 * without a verdict says nothing and is in no rate.
 */

import type { Interval, JudgedAnswer, PassAt, SolveEval } from "../run/records.ts";
import { clustered } from "./intervals.ts";
import { majority } from "./majority.ts";

export type Measures = Pick<
  SolveEval,
  | "avgAtK"
  | "passAtK"
  | "passAt"
  | "majAtK"
  | "verifierErrors"
  | "truncated"
  | "ambiguous"
  | "meanTokens"
  | "entropy"
  | "right"
  | "judged"
>;

/**
 * @param problems  the answers to each problem, in the order of sampling
 * @param k         answers to each
 * @param same      gives, for a problem by its place, the question whether two of its answers say the same
 */
export function measure(
  problems: readonly (readonly JudgedAnswer[])[],
  k: number,
  same: (problem: number) => (one: string, other: string) => boolean,
): Measures {
  const answers = problems.flat();
  const right = problems.map((own) => count(own, "right"));
  const judged = problems.map((own) => own.length - count(own, "error"));
  const rates = right.flatMap((times, i) => (judged[i]! > 0 ? [times / judged[i]!] : []));
  const tokens = sum(answers.map((answer) => answer.tokens));
  const entropies = answers.flatMap(({ entropy }) => entropy ?? []);
  const passAtK = passRate(right, judged, k);
  const ambiguous = answers.filter(({ isAmbiguous }) => isAmbiguous === true).length;
  const majAtK = majorities(problems, k, same);
  return {
    avgAtK: clustered(rates, sum(judged)),
    ...(passAtK === undefined ? {} : { passAtK }),
    passAt: doublings(k).flatMap((few): PassAt[] => {
      const rate = passRate(right, judged, few);
      return rate === undefined ? [] : [{ k: few, ...rate }];
    }),
    ...(majAtK === undefined ? {} : { majAtK }),
    verifierErrors: count(answers, "error"),
    truncated: answers.filter(({ stop }) => stop === "length").length,
    ambiguous,
    meanTokens: tokens / answers.length,
    ...(entropies.length === answers.length ? { entropy: sum(entropies) / tokens } : {}),
    right,
    judged,
  };
}

/**
 * The chance that at least one of k answers, drawn without replacement from n of which c are right, is right:
 * 1 − C(n − c, k) / C(n, k), which is unbiased for 1 − (1 − p)^k (Chen et al., 2021, arXiv:2107.03374).
 *
 * @param n  answers judged, at least k
 */
export function passAt(n: number, c: number, k: number): number {
  if (n - c < k) return 1;
  let none = 1;
  for (let i = n - c + 1; i <= n; i++) none *= 1 - k / i;
  return 1 - none;
}

/** Over the problems with k verdicts or more: the others do not say what k answers do. Undefined where none has. */
function passRate(right: readonly number[], judged: readonly number[], k: number): Interval | undefined {
  const enough = judged.flatMap((n, i) => (n >= k ? [i] : []));
  const rates = enough.map((i) => passAt(judged[i]!, right[i]!, k));
  if (enough.length === 0) return undefined;
  return clustered(rates, sum(enough.map((i) => Math.floor(judged[i]! / k))));
}

/** 1, 2, 4, … below k. */
function doublings(k: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < k; size *= 2) sizes.push(size);
  return sizes;
}

/**
 * Undefined where there is nothing to vote on: one answer each, or a verifier that does not say what it read, which
 * right answers tell. Where none is right no vote can be, whatever was read: that is measured to be 0.
 */
function majorities(
  problems: readonly (readonly JudgedAnswer[])[],
  k: number,
  same: (problem: number) => (one: string, other: string) => boolean,
): Interval | undefined {
  const answers = problems.flat();
  const isRead = answers.some(({ extracted }) => extracted !== undefined);
  if (k === 1 || (!isRead && count(answers, "right") > 0)) return undefined;
  const votes = problems.flatMap((own, problem) => {
    if (own.every(({ verdict }) => verdict === "error")) return [];
    const first = majority(
      own.map(({ extracted }) => extracted),
      same(problem),
    );
    return [first !== undefined && own[first]!.verdict === "right" ? 1 : 0];
  });
  return votes.length === 0 ? undefined : clustered(votes, votes.length);
}

function count(answers: readonly JudgedAnswer[], verdict: JudgedAnswer["verdict"]): number {
  return answers.filter((answer) => answer.verdict === verdict).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
