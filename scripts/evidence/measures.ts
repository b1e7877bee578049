/**
 * Measures of runs, and of pairs of runs that have the same seed.
 */
import { type ArmName, arms } from "./arms.ts";
import type { ComparisonRecord, RecordedRun } from "./record.ts";

/** One number of a run. */
export type Measure = (run: RecordedRun) => number;

const last = (values: readonly number[]): number => values.at(-1)!;
/** NaN where an end was not measured. */
const change = (values: readonly (number | null)[]): number =>
  (values.at(-1) ?? Number.NaN) - (values[0] ?? Number.NaN);

export const base: Measure = ({ evals }) => evals.accuracy[0]!;
export const final: Measure = ({ evals }) => last(evals.accuracy);
export const gain: Measure = ({ evals }) => change(evals.accuracy);
/** Of all evaluations after the base's: less noise than the last alone, and it sees how fast a method learns. */
export const average: Measure = ({ evals }) => mean(evals.accuracy.slice(1));
export const entropyChange: Measure = ({ evals }) => change(evals.entropy);
export const lengthChange: Measure = ({ evals }) => change(evals.length);
export const truncatedAtFirst: Measure = ({ evals }) => evals.truncated[0]!;
export const truncatedAtLast: Measure = ({ evals }) => last(evals.truncated);
export const truncatedChange: Measure = ({ evals }) => change(evals.truncated);
/** log₁₀ of the largest gradient norm of any update of the run. */
export const largestGradNorm: Measure = ({ gradNormMax }) =>
  Math.log10(gradNormMax.reduce<number>((most, value) => Math.max(most, value ?? 0), 0));

/** pass@k at the end; NaN where it was not measured. */
export const passAt =
  (k: number): Measure =>
  ({ ends }) =>
    ends?.passAt.after[ends.passAt.k.indexOf(k)] ?? Number.NaN;
export const hard: Measure = ({ ends }) => ends?.hard?.after ?? Number.NaN;

/** Tokens sampled in training. */
export const tokensSampled: Measure = ({ spent }) => spent.tokens.reduce((sum, value) => sum + value, 0);
/** Of them those of groups that taught nothing. */
export const discardedShare: Measure = (run) =>
  run.spent.tokensDiscarded.reduce((sum, value) => sum + value, 0) / tokensSampled(run);

/** Held-out share right when so many tokens had been sampled, by a straight line between two evaluations. */
export function accuracyAt({ evals: { accuracy }, spent }: RecordedRun, tokens: number): number {
  let before = 0;
  for (const [i, own] of spent.tokens.entries()) {
    if (before + own >= tokens) {
      const share = (tokens - before) / own;
      return accuracy[i]! + share * (accuracy[i + 1]! - accuracy[i]!);
    }
    before += own;
  }
  return accuracy.at(-1)!;
}

/** The runs of an arm, by seed; none where it has not been run. */
export function runsOf(records: readonly ComparisonRecord[], name: ArmName): RecordedRun[] {
  const { comparison, method } = arms[name];
  const record = records.find((each) => each.comparison === comparison);
  return record?.runs.filter((run) => run.method === method) ?? [];
}

/** Of every seed that all the arms have a run of: those runs, in the order of the arms. */
export function paired(records: readonly ComparisonRecord[], names: readonly ArmName[]): RecordedRun[][] {
  const columns = names.map((name) => runsOf(records, name));
  const seeds = columns[0]!.map(({ seed }) => seed);
  return seeds
    .map((seed) => columns.flatMap((runs) => runs.filter((run) => run.seed === seed)))
    .filter((runs) => runs.length === names.length);
}

/** ‖θ − θ'‖ at the end, over the distance the first has moved from the base. */
export function apart(first: RecordedRun, second: RecordedRun): number {
  const { moved, apart: others } = first.trajectory!;
  return others[second.method]! / moved;
}

/** Steps from the first on in which every answer sampled is the same. */
export function stepsAlike(first: RecordedRun, second: RecordedRun): number {
  const ours = first.trajectory!.answers;
  const theirs = second.trajectory!.answers;
  const differs = ours.findIndex((hash, i) => hash !== theirs[i]);
  return differs < 0 ? ours.length : differs;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
