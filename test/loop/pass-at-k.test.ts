import { describe, expect, test } from "vitest";
import { uniform } from "../../src/engine/random.ts";
import { clustered } from "../../src/statistics/intervals.ts";
import { passCurve, passDifferences } from "../../src/statistics/pass-at-k.ts";
import { simultaneousQuantile } from "../../src/statistics/simultaneous.ts";
import { tQuantile } from "../../src/statistics/student.ts";

/** Standard normal numbers of a column. */
const normals = (column: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const [radius, angle] = [uniform(7, column, i, 0, 0), uniform(7, column, i, 0, 1)];
    return Math.sqrt(-2 * Math.log(1 - radius)) * Math.cos(2 * Math.PI * angle);
  });

describe("intervals that hold at once", () => {
  test("of one mean, or of means that move as one, are Student's", () => {
    const column = normals(0, 30);
    expect(simultaneousQuantile([column])).toBe(tQuantile(29));
    expect(simultaneousQuantile([column, column.map((x) => 2 * x + 1)])).toBeCloseTo(tQuantile(29), 1);
    expect(simultaneousQuantile([column, column.map(() => 0.5)])).toBe(tQuantile(29));
  });

  test("of independent means have Šidák's quantile, which is less than Bonferroni's", () => {
    const columns = Array.from({ length: 5 }, (_, i) => normals(i, 20_000));
    // the normal quantile of (1 + 0.95^(1/5)) / 2
    expect(simultaneousQuantile(columns)).toBeCloseTo(2.569, 1);
  });

  test("of means against one control have Dunnett's quantile", () => {
    // differences to a common control are correlated by 1/2; 21 values make 20 degrees of freedom.
    // Columns with exactly that correlation: a basis of contrasts, made orthonormal
    const control = Array.from({ length: 21 }, (_, i) => Math.cos((2 * Math.PI * i) / 21));
    const own = [2, 3, 4].map((times) =>
      Array.from({ length: 21 }, (_, i) => Math.cos((2 * Math.PI * times * i) / 21)),
    );
    const columns = own.map((column) => column.map((x, i) => x - control[i]!));
    // two-sided, 5 %, three comparisons, 20 degrees of freedom (Dunnett 1964)
    expect(simultaneousQuantile(columns)).toBeGreaterThan(2.5);
    expect(simultaneousQuantile(columns)).toBeLessThan(2.58);
  });
});

describe("a curve of pass@k", () => {
  const counts = (rights: readonly number[], n: number) => ({ right: rights, judged: rights.map(() => n) });
  const rights = Array.from({ length: 60 }, (_, i) => Math.floor(65 * uniform(3, 0, i, 0, 0) ** 3));

  test("has a point for each doubling and for k, the same mean as alone, and intervals a little wider", () => {
    const curve = passCurve(counts(rights, 64), 64);
    expect(curve.map(({ k }) => k)).toEqual([1, 2, 4, 8, 16, 32, 64]);
    const [first] = curve;
    const alone = clustered(
      rights.map((c) => c / 64),
      60 * 64,
    );
    expect(first!.mean).toBeCloseTo(alone.mean, 12);
    const ratio = (first!.high - first!.low) / (alone.high - alone.low);
    expect(ratio).toBeGreaterThan(1.02);
    expect(ratio).toBeLessThan(1.4);
    expect(passCurve(counts(rights, 64), 64)).toEqual(curve);
  });

  test("leaves out what no problem has verdicts for, and is none of one answer", () => {
    expect(passCurve({ right: [1, 0], judged: [3, 2] }, 8).map(({ k }) => k)).toEqual([1, 2]);
    expect(passCurve(counts([1, 0, 1], 1), 1)).toEqual([]);
  });

  test("less another of the same problems is 0 of a model and itself, and shows what one gained", () => {
    const own = counts(rights, 64);
    for (const { mean, low, high } of passDifferences(own, own, 64)) {
      expect(mean).toBe(0);
      expect(low).toBeLessThan(0);
      expect(high).toBeGreaterThan(0);
    }
    const better = counts(
      rights.map((c) => Math.min(64, c + 8)),
      64,
    );
    const [one] = passDifferences(own, better, 64);
    expect(one!.low).toBeGreaterThan(0);
  });
});
