/**
 * Student's t: how much wider an interval must be where its spread was estimated from a few.
 */

/** 97.5 % quantiles of Student's t with 1 to 30 degrees of freedom. */
// biome-ignore format: ten a line
const quantiles = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281,
  2.201, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086,
  2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
];
const Z = 1.959963984540054;

/** With more degrees of freedom, the first two terms of its expansion about the normal quantile. */
export function tQuantile(freedom: number): number {
  if (freedom <= quantiles.length) return quantiles[freedom - 1] ?? Number.POSITIVE_INFINITY;
  return Z + (Z ** 3 + Z) / (4 * freedom) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2);
}
