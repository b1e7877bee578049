/**
 * Which held-out problems flipped between a run's evaluations.
 *
 *   solve evaluations, first to last  →  for each problem what it became, and when
 *
 * A problem is solved where more than half of its judged answers are right. What was never judged says nothing, and
 * what was not judged once is as it was before.
 */
import type { SolveEval } from "../../run/records.ts";

/**
 * `always`: solved at each evaluation, `never`: at none. Of the others, `learnt` is solved at the last one and
 * `forgotten` is not.
 */
export type Fate = "always" | "never" | "learnt" | "forgotten";

export interface ProblemHistory {
  /** Its place among the held-out problems. */
  readonly place: number;
  /** Undefined where it has no verdict at all. */
  readonly fate: Fate | undefined;
  /** At each evaluation; undefined where it has no verdict there. */
  readonly solved: readonly (boolean | undefined)[];
  /** The step of the evaluation at which it became what it is at the last one; undefined where it was so from the first. */
  readonly since: number | undefined;
}

/** @param evals  of one data set; others than those of the last one's are left out */
export function problemHistories(evals: readonly SolveEval[]): ProblemHistory[] {
  const last = evals.at(-1);
  if (last === undefined) return [];
  const same = evals.filter(
    ({ dataset, problems }) => dataset === last.dataset && problems === last.problems,
  );
  return last.judged.map((_, place) => {
    const solved = same.map(({ right, judged }) =>
      judged[place]! > 0 ? right[place]! / judged[place]! > 0.5 : undefined,
    );
    const told = solved.flatMap((value, i) => (value === undefined ? [] : [{ value, step: same[i]!.step }]));
    const flips = told.filter(({ value }, i) => i > 0 && value !== told[i - 1]!.value);
    return { place, fate: fateOf(told.map(({ value }) => value)), solved, since: flips.at(-1)?.step };
  });
}

function fateOf(solved: readonly boolean[]): Fate | undefined {
  if (solved.length === 0) return undefined;
  if (solved.every(Boolean)) return "always";
  if (!solved.some(Boolean)) return "never";
  return solved.at(-1) === true ? "learnt" : "forgotten";
}
