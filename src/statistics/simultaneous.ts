/**
 * Simultaneous intervals: how much wider several intervals over the same problems must be so that all of them hold
 * at once in 95 % of samples.
 *
 * Means of columns that resemble each other (pass@1, pass@2, pass@4, …) miss together, so that the widening is less than
 * Bonferroni's: the quantile of the largest |t| of a multivariate t with the columns' own correlations (Hothorn, Bretz
 * and Westfall, "Simultaneous inference in general parametric models", 2008), over points that fill the cube evenly.
 */
import { tQuantile } from "./student.ts";

/** The quantile is then sure to 2 %. */
const DRAWS = 4096;
/** Whose roots turn a point into the next (Richtmyer, 1951): two for each column and for the spread. */
const primes = primesBelow(200);

/**
 * @param columns  for each mean the values of the problems, by their place; undefined where a problem has none
 * @returns  the factor of a standard error, in place of Student's quantile: that of one mean alone, or more
 */
export function simultaneousQuantile(columns: readonly (readonly (number | undefined)[])[]): number {
  const counts = columns.map((column) => column.filter((value) => value !== undefined).length);
  const freedom = Math.min(...counts) - 1;
  const one = tQuantile(freedom);
  // a column that does not vary never misses; under two problems there is no spread
  const varying = columns.map(standardized).filter((column) => column !== undefined);
  if (varying.length < 2 || freedom < 1) return one;
  const root = choleskyOf(varying.map((a) => varying.map((b) => correlation(a, b))));
  const largest = largestOf(root);
  for (let draw = 0; draw < DRAWS; draw++) largest[draw]! /= chi(normals(0)[draw]!, freedom);
  largest.sort();
  return Math.max(one, largest[Math.ceil(0.95 * DRAWS) - 1]!);
}

/** Of each draw the largest size of the columns' normal deviates, which are correlated as root·rootᵀ says. */
function largestOf(root: readonly (readonly number[])[]): Float64Array {
  const largest = new Float64Array(DRAWS);
  for (const row of root) {
    const value = new Float64Array(DRAWS);
    for (const [i, weight] of row.entries()) {
      const own = normals(i + 1);
      for (let draw = 0; draw < DRAWS; draw++) value[draw]! += weight * own[draw]!;
    }
    for (let draw = 0; draw < DRAWS; draw++) largest[draw] = Math.max(largest[draw]!, Math.abs(value[draw]!));
  }
  return largest;
}

/** Less their mean, over the root of the sum of squares; 0 where there is none; undefined where all are equal. */
function standardized(column: readonly (number | undefined)[]): number[] | undefined {
  const present = column.filter((value) => value !== undefined);
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  const size = Math.sqrt(present.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return size > 1e-12 ? column.map((value) => (value === undefined ? 0 : (value - mean) / size)) : undefined;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** The lower root of a correlation matrix; a column that the others give whole has no part of its own. */
function choleskyOf(matrix: readonly (readonly number[])[]): number[][] {
  const root: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const own: number[] = [];
    for (let j = 0; j < i; j++) {
      const other = root[j]!;
      const rest = row[j]! - own.reduce((sum, value, k) => sum + value * other[k]!, 0);
      own.push(other[j]! > 1e-6 ? rest / other[j]! : 0);
    }
    own.push(Math.sqrt(Math.max(0, row[i]! - own.reduce((sum, value) => sum + value * value, 0))));
    root.push(own);
  }
  return root;
}

const drawn = new Map<number, Float64Array>();

/** [DRAWS] standard normal numbers, of a place; every quantile takes the same. */
function normals(place: number): Float64Array {
  const known = drawn.get(place);
  if (known !== undefined) return known;
  const [one, other] = [Math.sqrt(primes[2 * place]!), Math.sqrt(primes[2 * place + 1]!)];
  const made = Float64Array.from({ length: DRAWS }, (_, draw) => {
    // Box and Muller
    const [radius, angle] = [((draw + 0.5) * one) % 1, ((draw + 0.5) * other) % 1];
    return Math.sqrt(-2 * Math.log(1 - radius)) * Math.cos(2 * Math.PI * angle);
  });
  drawn.set(place, made);
  return made;
}

/** The root of a chi-square over its degrees of freedom, from a normal number by Wilson and Hilferty's cube. */
function chi(normal: number, freedom: number): number {
  const part = 2 / (9 * freedom);
  return Math.sqrt(Math.max(1e-6, (1 - part + normal * Math.sqrt(part)) ** 3));
}

function primesBelow(limit: number): number[] {
  const found: number[] = [];
  for (let n = 2; n < limit; n++) if (found.every((prime) => n % prime > 0)) found.push(n);
  return found;
}
