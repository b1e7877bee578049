/** Two runs' evaluations of the same problems, at the last place that both have reached. */
import type { Interval, SolveEval } from "../../../run/records.ts";
import { pairedDifference } from "../../../statistics/intervals.ts";
import { type Axis, evalLine } from "./curves.ts";
import type { Run } from "./store.ts";

/** @returns the evaluation of each, and the mean of the second less the first, problem by problem */
export function lastPair(
  first: Run,
  ours: readonly SolveEval[],
  other: Run,
  theirs: readonly SolveEval[],
  axis: Axis,
): readonly [SolveEval, SolveEval, Interval] | undefined {
  const x = (run: Run, evals: readonly SolveEval[]) =>
    evalLine(run, evals, { label: "", colour: "" }, axis).x;
  const [a, b] = [x(first, ours), x(other, theirs)];
  const reached = Math.min(a.at(-1) ?? -1, b.at(-1) ?? -1);
  const [one, two] = [
    ours[a.findLastIndex((at) => at <= reached)],
    theirs[b.findLastIndex((at) => at <= reached)],
  ];
  if (one === undefined || two === undefined || one.problems !== two.problems) return undefined;
  const both = one.judged.flatMap((n, i) => (n > 0 && two.judged[i]! > 0 ? [i] : []));
  const rate = ({ right, judged }: SolveEval) => both.map((i) => right[i]! / judged[i]!);
  return [one, two, pairedDifference(rate(one), rate(two), Math.min(one.k, two.k))];
}
