import { describe, expect, test } from "vitest";
import { learningRateAt } from "../../src/loop/schedule.ts";
import {
  clustered,
  meanInterval,
  ofRateChanges,
  ofRates,
  pairedDifference,
  unweighted,
  wilson,
} from "../../src/statistics/intervals.ts";
import { rates } from "../../src/statistics/markdown-table.ts";

describe("an interval", () => {
  test("of independent trials is Wilson's", () => {
    // R: prop.test(40, 100, correct = FALSE)
    const { mean, low, high } = wilson(40, 100);
    expect(mean).toBe(0.4);
    expect(low).toBeCloseTo(0.3094, 4);
    expect(high).toBeCloseTo(0.498, 4);
  });

  test("does not shrink to a point at none and at all", () => {
    expect(wilson(0, 50)).toMatchObject({ mean: 0, low: 0 });
    expect(wilson(0, 50).high).toBeCloseTo(0.0714, 3);
    expect(wilson(50, 50)).toMatchObject({ mean: 1, high: 1 });
  });

  test("of one answer a problem is that of independent trials", () => {
    const rates = Array.from({ length: 100 }, (_, i) => (i < 40 ? 1 : 0));
    const [one, other] = [clustered(rates, 100), wilson(40, 100)];
    expect(one.low).toBeCloseTo(other.low, 2);
    expect(one.high).toBeCloseTo(other.high, 2);
  });

  test("is no narrower for answers that repeat each other, and narrower for those that do not", () => {
    const repeated = clustered(
      Array.from({ length: 50 }, (_, i) => i % 2),
      50 * 8,
    );
    const varied = clustered(
      Array.from({ length: 50 }, () => 0.5),
      50 * 8,
    );
    const spread = clustered(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 0.25 : 0.75)),
      50 * 8,
    );
    // Student's quantile of 49 degrees of freedom in place of the normal one: a fiftieth wider
    const independent = wilson(25, 50).high - wilson(25, 50).low;
    expect((repeated.high - repeated.low) / independent).toBeCloseTo(2.0096 / 1.96, 2);
    expect(spread.high - spread.low).toBeLessThan(repeated.high - repeated.low);
    // equal rates leave the spread unknown, so problems are what counts
    expect(varied.high - varied.low).toBeCloseTo(repeated.high - repeated.low, 2);
  });

  test("of a paired difference holds the spread of problems out", () => {
    const before = Array.from({ length: 40 }, (_, i) => i % 2);
    const after = before.map((rate, i) => (i < 8 ? 1 : rate));
    const { mean, low, high } = pairedDifference(before, after);
    expect(mean).toBeCloseTo(0.1);
    // by hand: 4 of 40 differ by 1, one answer more is added to the squares: 2.0227·√((3.6 + 1) / 39 / 40)
    expect(low).toBeCloseTo(0.1 - 0.10984, 4);
    expect(high).toBeCloseTo(0.1 + 0.10984, 4);
  });

  test("of a paired difference is no point where no answer fell otherwise", () => {
    const same = [0, 0, 1, 1, 1, 0, 1, 0, 0, 1];
    const { mean, low, high } = pairedDifference(same, same);
    expect(mean).toBe(0);
    expect(high).toBeCloseTo(2.2622 * Math.sqrt(1 / 9 / 10), 4);
    expect(low).toBe(-high);
  });

  test("of a mean of data sets adds their distances as squares, each to its side", () => {
    const { mean, low, high } = unweighted([
      { mean: 0.2, low: 0.17, high: 0.26 },
      { mean: 0.6, low: 0.56, high: 0.68 },
    ]);
    expect(mean).toBeCloseTo(0.4);
    expect(low).toBeCloseTo(0.4 - 0.05 / 2);
    expect(high).toBeCloseTo(0.4 + 0.1 / 2);
  });

  test("of a mean is Student's", () => {
    // by hand, with R's qt(0.975, 4) = 2.776445
    const { mean, low, high } = meanInterval([48.8, 50.1, 47.2, 49.9, 48.0]);
    expect(mean).toBeCloseTo(48.8, 12);
    expect(low).toBeCloseTo(47.2667, 3);
    expect(high).toBeCloseTo(50.3333, 3);
    // three of a kind, and R's qt(0.975, 2) = 4.302653
    expect(meanInterval([1, 2, 3]).high).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 3);
  });

  test("of a mean has no bounds where two values or one are all there is", () => {
    for (const values of [[0.219], [0.2, 0.6], [0, 0]]) {
      const { low, high } = meanInterval(values, ofRates);
      expect([low, high]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    }
  });

  test("of rates, or of their changes, ends where no rate can be", () => {
    expect(meanInterval([0, 0.1, 0.9], ofRates)).toMatchObject({ low: 0, high: 1 });
    expect(meanInterval([-1, 0.9, 1], ofRateChanges)).toMatchObject({ low: -1, high: 1 });
    expect(meanInterval([0, 0.1, 0.9]).high).toBeGreaterThan(1);
  });

  test("is printed where it says something: not of two seeds, nor of values that are all the same", () => {
    expect(rates(meanInterval([0.2, 0.24, 0.22], ofRates))).toBe("22.0 [17.0, 27.0]");
    expect(rates(meanInterval([0.2, 0.24], ofRates))).toBe("22.0");
    expect(rates(meanInterval([0, 0], ofRateChanges))).toBe("0.0");
    expect(rates(meanInterval([0, 0, 0], ofRateChanges))).toBe("0.0");
    expect(rates(meanInterval([], ofRates))).toBe("–");
  });

  test("of one problem, or of none, bounds nothing", () => {
    expect(clustered([1], 8)).toEqual({ mean: 1, low: 0, high: 1 });
    expect(pairedDifference([0], [1])).toEqual({ mean: 1, low: -1, high: 1 });
    expect(clustered([], 0)).toMatchObject({ low: 0, high: 1 });
  });

  test("covers the truth about 95 times of 100", () => {
    let state = 7;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    let covered = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const rates = Array.from({ length: 60 }, () => {
        const p = random();
        return [1, 2, 3, 4].filter(() => random() < p).length / 4;
      });
      const { low, high } = clustered(rates, 240);
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(925);
    expect(covered).toBeLessThan(975);
  });
});

describe("the learning rate", () => {
  const schedule = { learningRate: 1, warmupSteps: 4, lrSchedulerType: "constant" } as const;
  const rates = (kind: "constant" | "linear" | "cosine") =>
    [1, 2, 3, 4, 5, 8, 12].map((step) =>
      Number(learningRateAt({ ...schedule, lrSchedulerType: kind }, step, 12).toFixed(4)),
    );

  test("rises over the warm-up from one part of it, and stays", () => {
    expect(rates("constant")).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 1]);
  });

  test("falls in a line or a half cosine to just above 0 at the last step", () => {
    expect(rates("linear")).toEqual([0.25, 0.5, 0.75, 1, 1, 0.625, 0.125]);
    expect(rates("cosine")).toEqual([0.25, 0.5, 0.75, 1, 1, 0.6913, 0.0381]);
  });

  test("is whole from the first step without a warm-up", () => {
    expect(learningRateAt({ ...schedule, warmupSteps: 0 }, 1, 1)).toBe(1);
  });
});
