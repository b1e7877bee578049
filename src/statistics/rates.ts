/**
 * Measures: judged answers to held-out problems → avg@k, pass@k, maj@k with their intervals, and what went wrong.
 *
 * Verdicts that are errors are no answers: they are counted, and every rate is of what was judged. A problem
 * without a verdict says nothing and is in no rate.
 */

import type { Interval, JudgedAnswer, SolveEval } from "../run/records.ts";
import { clustered } from "./intervals.ts";
import { majority } from "./majority.ts";
import { passCurve, passRate } from "./pass-at-k.ts";

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
  const passAtK = passRate({ right, judged }, k);
  const ambiguous = answers.filter(({ isAmbiguous }) => isAmbiguous === true).length;
  const majAtK = majorities(problems, k, same);
  return {
    avgAtK: clustered(rates, sum(judged)),
    ...(passAtK === undefined ? {} : { passAtK }),
    passAt: passCurve({ right, judged }, k),
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
