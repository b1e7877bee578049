/**
 * pass@k: the share of problems with a right answer among k, of all k from one set of samples.
 *
 * The intervals of a curve hold all at once: a curve is looked at as a whole, and whoever looks for the k at which
 * two models part would find one by chance more often than 5 times of 100.
 */
import type { Interval, PassAt } from "../run/records.ts";
import { clustered, pairedDifference } from "./intervals.ts";
import { simultaneousQuantile } from "./simultaneous.ts";

/**
 * The chance that at least one of k answers, drawn without replacement from n of which c are right, is right:
 * 1 − C(n − c, k) / C(n, k), which is unbiased for 1 − (1 − p)^k (Chen et al., 2021, arXiv:2107.03374).
 *
 * @param n  answers judged, at least k
 */
export function passAt(n: number, c: number, k: number): number {
  if (n - c < k) return 1;
  let none = 1;
  for (let i = n - c + 1; i <= n; i++) none *= 1 - k / i;
  return 1 - none;
}

/** Of each problem, by its place: its right answers, and those judged. */
export interface Counts {
  readonly right: readonly number[];
  readonly judged: readonly number[];
}

/** Over the problems with k verdicts or more: the others do not say what k answers do. Undefined where none has. */
export function passRate(counts: Counts, k: number, quantile?: number): Interval | undefined {
  const rates = ratesAt(counts, k);
  const present = rates.filter((rate) => rate !== undefined);
  if (present.length === 0) return undefined;
  const tries = counts.judged.reduce((sum, n) => sum + Math.floor(n / k), 0);
  return clustered(present, tries, quantile);
}

/** pass@1, 2, 4, … and k, with intervals that hold all at once in 95 % of samples; of one answer each no curve. */
export function passCurve(counts: Counts, k: number): PassAt[] {
  const sizes = doublings(k).filter((size) => counts.judged.some((n) => n >= size));
  if (k === 1 || sizes.length === 0) return [];
  const quantile = simultaneousQuantile(sizes.map((size) => ratesAt(counts, size)));
  return sizes.map((size) => ({ k: size, ...passRate(counts, size, quantile)! }));
}

/**
 * pass@1, 2, 4, … of `after` less those of `before`, problem by problem, with intervals that hold all at once.
 *
 * @param k  the most answers that both have to each problem
 */
export function passDifferences(before: Counts, after: Counts, k: number): PassAt[] {
  const curves = doublings(k).flatMap((size) => {
    const [one, other] = [ratesAt(before, size), ratesAt(after, size)];
    const pairs = one.flatMap((rate, i) => (rate === undefined || other[i] === undefined ? [] : [i]));
    const tries = Math.min(
      ...pairs.map((i) => Math.floor(Math.min(before.judged[i]!, after.judged[i]!) / size)),
    );
    return pairs.length === 0 ? [] : [{ size, one, other, pairs, tries }];
  });
  if (k === 1 || curves.length === 0) return [];
  const quantile = simultaneousQuantile(
    curves.map(({ one, other }) =>
      one.map((rate, i) => (rate === undefined || other[i] === undefined ? undefined : other[i] - rate)),
    ),
  );
  return curves.map(({ size, one, other, pairs, tries }) => {
    const [was, is] = [pairs.map((i) => one[i]!), pairs.map((i) => other[i]!)];
    return { k: size, ...pairedDifference(was, is, tries, quantile) };
  });
}

function ratesAt({ right, judged }: Counts, k: number): (number | undefined)[] {
  return judged.map((n, i) => (n >= k ? passAt(n, right[i]!, k) : undefined));
}

/** 1, 2, 4, … below k, and k. */
function doublings(k: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < k; size *= 2) sizes.push(size);
  return [...sizes, k];
}
