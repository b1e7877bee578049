/**
 * Intervals: how far a measured rate can be trusted.
 *
 * Answers to one problem resemble each other, so k answers to n problems are worth fewer than n·k
 * independent ones; every interval here counts problems, not answers.
 */

/** An estimate with its 95 % interval, as rates in [0, 1] (differences in [-1, 1]). */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Standard normal quantile of 97.5 %. */
const z = 1.959963984540054;

/**
 * Wilson's interval for `right` out of `trials` independent trials, both may be fractional (an
 * effective sample size). Unlike the normal one it does not shrink to a point at 0 and 1.
 */
export function wilson(right: number, trials: number): Interval {
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
 */
export function clustered(rates: readonly number[], answers: number): Interval {
  const n = rates.length;
  if (n === 0) return { mean: Number.NaN, low: 0, high: 1 };
  const mean = average(rates);
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / Math.max(1, n - 1) / n;
  const spread = mean * (1 - mean);
  // rates that all agree say nothing about the spread between problems: then problems are the trials
  const effective = variance > 0 && spread > 0 ? Math.min(answers, Math.max(n, spread / variance)) : n;
  return wilson(mean * effective, effective);
}

/**
 * The mean change from `before` to `after`, problem by problem: pairing removes the spread between
 * easy and hard problems, which is most of it. Normal interval on the differences.
 */
export function pairedDifference(before: readonly number[], after: readonly number[]): Interval {
  const differences = after.map((rate, i) => rate - before[i]!);
  const n = differences.length;
  if (n === 0) return { mean: Number.NaN, low: -1, high: 1 };
  const mean = average(differences);
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / Math.max(1, n - 1);
  const half = n > 1 ? z * Math.sqrt(variance / n) : 1;
  return { mean, low: Math.max(-1, mean - half), high: Math.min(1, mean + half) };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
