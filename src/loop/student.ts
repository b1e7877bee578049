/**
 * Student's intervals: what a handful of runs say of a mean, where a run is the unit and seeds are few.
 */
import type { Interval } from "./intervals.ts";

/** 97.5 % quantiles of Student's t with 1 to 30 degrees of freedom. */
// biome-ignore format: ten a line
const quantiles = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281,
  2.201, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086,
  2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
];
const z = 1.959963984540054;

/** With more degrees of freedom, the first two terms of its expansion about the normal quantile. */
export function tQuantile(freedom: number): number {
  if (freedom <= quantiles.length) return quantiles[freedom - 1] ?? Number.POSITIVE_INFINITY;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

/** The mean of values and its 95 % interval, which one value alone leaves without bounds. */
export function meanInterval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = tQuantile(n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}
