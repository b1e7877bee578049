/**
 * Intervals: how far a measured rate can be trusted.
 *
 * Answers to one problem resemble each other, so k answers to n problems are worth fewer than n·k
 * independent ones; every interval here counts problems, not answers. Student's quantile stands where a
 * spread between problems was estimated: the benchmarks of 30 problems are covered too.
 */
import type { Interval } from "../run/records.ts";
import { tQuantile } from "./student.ts";

/** Standard normal quantile of 97.5 %. */
const NORMAL = 1.959963984540054;

/**
 * Wilson's interval for `right` out of `trials` independent trials, both may be fractional (an
 * effective sample size). Unlike the normal one it does not shrink to a point at 0 and 1.
 *
 * @param z  the quantile of 97.5 %: the normal one where the trials are what varies
 */
export function wilson(right: number, trials: number, z = NORMAL): Interval {
  if (!(trials > 0)) return { mean: Number.NaN, low: 0, high: 1 };
  const mean = right / trials;
  const scale = 1 + (z * z) / trials;
  const center = (mean + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((mean * (1 - mean)) / trials + (z * z) / (4 * trials * trials));
  return {
    mean,
    low: Math.max(0, Math.min(mean, center - half)),
    high: Math.min(1, Math.max(mean, center + half)),
  };
}

/**
 * The interval of a mean of per-problem rates: Wilson's at the effective number of trials, which
 * the spread between problems gives (mean·(1 − mean) / se²), between n problems and all answers.
 *
 * @param rates    [n] share of right answers to each problem
 * @param answers  answers judged in all
 * @param quantile  Student's unless given
 */
export function clustered(
  rates: readonly number[],
  answers: number,
  quantile = tQuantile(rates.length - 1),
): Interval {
  const n = rates.length;
  if (n === 0) return { mean: Number.NaN, low: 0, high: 1 };
  const mean = average(rates);
  // one problem says nothing of others
  if (n === 1) return { mean, low: 0, high: 1 };
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (n - 1) / n;
  const spread = mean * (1 - mean);
  // rates that all agree say nothing about the spread between problems: then problems are the trials
  const effective = variance > 0 && spread > 0 ? Math.min(answers, Math.max(n, spread / variance)) : n;
  return wilson(mean * effective, effective, quantile);
}

/** Values that say how far they spread: of two, Student's quantile is 12.7, and the interval says nothing. */
export const FEWEST_FOR_INTERVAL = 3;

/** What a mean can be, for intervals that end there. */
export interface Range {
  readonly low: number;
  readonly high: number;
}
export const ofRates: Range = { low: 0, high: 1 };
export const ofRateChanges: Range = { low: -1, high: 1 };

/**
 * The mean of values and its 95 % interval, by Student's t; without bounds (infinite ones) where there are fewer
 * than `fewestForInterval` values.
 *
 * @param within    what the mean can be; anything unless given
 * @param quantile  Student's unless given
 */
export function meanInterval(
  values: readonly number[],
  within?: Range,
  quantile = tQuantile(values.length - 1),
): Interval {
  const n = values.length;
  const mean = average(values);
  if (n < FEWEST_FOR_INTERVAL) return { mean, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = quantile * Math.sqrt(variance / n);
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = within ?? {};
  return { mean, low: Math.max(low, mean - half), high: Math.min(high, mean + half) };
}

/**
 * The mean change from `before` to `after`, problem by problem: pairing removes the spread between
 * easy and hard problems, which is most of it.
 *
 * @param before  [n] share of right answers to each problem
 * @param after   [n] the same of the other policy
 * @param k       answers to each problem; one that fell otherwise is added to the spread, as differences that are
 *   all 0 do not say that there is none
 * @param quantile  Student's unless given
 */
export function pairedDifference(
  before: readonly number[],
  after: readonly number[],
  k = 1,
  quantile = tQuantile(after.length - 1),
): Interval {
  const differences = after.map((rate, i) => rate - before[i]!);
  const n = differences.length;
  if (n === 0) return { mean: Number.NaN, low: -1, high: 1 };
  const mean = average(differences);
  if (n === 1) return { mean, low: -1, high: 1 };
  const squares = differences.reduce((sum, d) => sum + (d - mean) ** 2, 1 / k);
  const half = quantile * Math.sqrt(squares / (n - 1) / n);
  return { mean, low: Math.max(-1, mean - half), high: Math.min(1, mean + half) };
}

/**
 * The unweighted mean of independent estimates, each of its own data set: the distances to their bounds add as
 * squares, below and above apart (Zou and Donner's MOVER), so that it stays as lopsided as they are.
 */
export function unweighted(intervals: readonly Interval[]): Interval {
  const n = intervals.length;
  const mean = average(intervals.map((each) => each.mean));
  const below = Math.sqrt(intervals.reduce((sum, each) => sum + (each.mean - each.low) ** 2, 0)) / n;
  const above = Math.sqrt(intervals.reduce((sum, each) => sum + (each.high - each.mean) ** 2, 0)) / n;
  return { mean, low: mean - below, high: mean + above };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
