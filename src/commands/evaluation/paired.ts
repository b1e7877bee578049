/**
 * Two models on the same problems: the difference problem by problem, with the interval of the difference.
 */
import { DataError } from "../../errors.ts";
import type { Interval, PassAt, ResultRecord } from "../../run/records.ts";
import { clustered, pairedDifference, unweighted } from "../../statistics/intervals.ts";
import { type Counts, passDifferences } from "../../statistics/pass-at-k.ts";

/** One data set, over the problems that both were judged on. */
export interface SetComparison {
  readonly dataset: string;
  readonly problems: number;
  /** avg@k of the other model. */
  readonly other: Interval;
  /** avg@k of this model less that of the other. */
  readonly difference: Interval;
  /** pass@1, 2, 4, … of this model less those of the other, with intervals that hold all at once; none of one answer each. */
  readonly passAt: readonly PassAt[];
}

export interface Comparison {
  /** The other model, or the folder of its evaluation, as it was named. */
  readonly with: string;
  readonly sets: readonly SetComparison[];
  /** The unweighted mean of the differences, where every data set of several has one. */
  readonly mean?: Interval;
}

/**
 * @param named  the other, for the report
 * @param sets   the names of this model's data sets, in order
 * @throws DataError where no problem has been judged for both
 */
export function compareResults(
  named: string,
  sets: readonly string[],
  own: readonly ResultRecord[],
  other: readonly ResultRecord[],
): Comparison {
  const theirs = new Map<string, ResultRecord[]>();
  for (const result of other) theirs.set(result.key, [...(theirs.get(result.key) ?? []), result]);
  const compared = sets.flatMap((dataset) => {
    const comparison = compareSet(
      dataset,
      own.filter((result) => result.dataset === dataset),
      theirs,
    );
    return comparison === undefined ? [] : [comparison];
  });
  if (compared.length === 0) throw noneShared(named, other.length);
  const whole = compared.length > 1 && compared.length === sets.length;
  return {
    with: named,
    sets: compared,
    ...(whole ? { mean: unweighted(compared.map(({ difference }) => difference)) } : {}),
  };
}

/** @param problems  how many the other has answered */
export function noneShared(named: string, problems: number): DataError {
  return new DataError({
    where: `compare_with ${named}`,
    expected: "answers to some of these problems",
    got: `${problems} problems, none of them among these`,
    next: "Evaluate both on the same data sets.",
  });
}

function compareSet(
  dataset: string,
  own: readonly ResultRecord[],
  theirs: ReadonlyMap<string, readonly ResultRecord[]>,
): SetComparison | undefined {
  const times = new Map<string, number>();
  const pairs = own.flatMap((result) => {
    const time = times.get(result.key) ?? 0;
    times.set(result.key, time + 1);
    const other = partner(dataset, theirs.get(result.key) ?? [], time);
    return other === undefined || judged(result) === 0 || judged(other) === 0 ? [] : [{ result, other }];
  });
  if (pairs.length === 0) return undefined;
  const [before, now] = [pairs.map(({ other }) => other), pairs.map(({ result }) => result)];
  const answers = pairs.map(({ other }) => other.answers.length);
  const k = Math.min(own[0]!.answers.length, ...answers);
  return {
    dataset,
    problems: pairs.length,
    other: clustered(
      before.map(rate),
      answers.reduce((sum, each) => sum + each, 0),
    ),
    difference: pairedDifference(before.map(rate), now.map(rate), k),
    passAt: passDifferences(countsOf(before), countsOf(now), k),
  };
}

/**
 * The other's answers to a problem: those in the data set of the same name, as each set draws answers of its own;
 * where it has none there, those of the set with the most answers.
 *
 * @param answered  the problem wherever the other was asked it
 * @param time      how often this data set had it before
 */
function partner(dataset: string, answered: readonly ResultRecord[], time: number): ResultRecord | undefined {
  const same = answered.filter((result) => result.dataset === dataset);
  const most = Math.max(...answered.map(({ answers }) => answers.length));
  const fitting = same.length > 0 ? same : answered.filter(({ answers }) => answers.length === most);
  return fitting[Math.min(time, fitting.length - 1)];
}

function right({ answers }: ResultRecord): number {
  return answers.filter(({ verdict }) => verdict === "right").length;
}

function judged({ answers }: ResultRecord): number {
  return answers.filter(({ verdict }) => verdict !== "error").length;
}

const rate = (result: ResultRecord): number => right(result) / judged(result);

const countsOf = (results: readonly ResultRecord[]): Counts => ({
  right: results.map(right),
  judged: results.map(judged),
});
