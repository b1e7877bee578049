/**
 * Intervals hold the truth as often as they say, in seeded simulations of whole evaluations: problems drawn from
 * a population of known difficulties, answers drawn to each, measured as `errata eval` measures.
 */
import { describe, expect, test } from "vitest";
import type { Interval, JudgedAnswer } from "../../src/run/records.ts";
import { pairedDifference, unweighted } from "../../src/statistics/intervals.ts";
import { measure } from "../../src/statistics/rates.ts";

const trials = 1000;

/** Mulberry32: uniform on [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How hard problems are: their solve rates, all equally likely, so that every truth is a plain sum. */
const populations = {
  "all kinds": Array.from({ length: 101 }, (_, i) => i / 100),
  "mostly all or nothing": Array.from({ length: 101 }, (_, i) => (i / 100 < 0.6 ? 0.02 : 0.95)),
  hard: Array.from({ length: 101 }, (_, i) => 0.5 * (i / 100) ** 3),
  easy: Array.from({ length: 101 }, (_, i) => 1 - 0.6 * (i / 100) ** 2),
} as const;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The wrong answers to a problem are of three kinds, so that they seldom outvote. */
function answers(p: number, k: number, random: () => number): JudgedAnswer[] {
  return Array.from({ length: k }, () => {
    const right = random() < p;
    const extracted = right ? "7" : `${Math.floor(3 * random())}`;
    return { text: "", stop: "eos", tokens: 1, entropy: 0, verdict: right ? "right" : "wrong", extracted };
  });
}

const evaluation = (rates: readonly number[], n: number, k: number, random: () => number) =>
  measure(
    Array.from({ length: n }, () => answers(rates[Math.floor(rates.length * random())]!, k, random)),
    k,
    () => (one, other) => one === other,
  );

const holds = ({ low, high }: Interval, truth: number) => low <= truth && truth <= high;

/** With 1000 trials the share itself is known to 1.4 points. */
function expectCoverage(covered: number, least: number, what: string) {
  expect(covered / trials, what).toBeGreaterThan(least - 0.014);
  expect(covered / trials, what).toBeLessThan(0.995);
}

describe.each(Object.entries(populations))("of problems of difficulty: %s", (_, rates) => {
  test.each([
    [30, 8],
    [100, 4],
  ])(
    "%i of them, %i answers each: avg@k, maj@k, pass@k and its whole curve hold the truth 95 times of 100",
    (n, k) => {
      const random = generator(n + k);
      // the truth of maj@k has no short form here: many problems say it well enough
      const majTruth = evaluation(rates, 40_000, k, generator(1)).majAtK!.mean;
      const covered = { avg: 0, passAll: 0, maj: 0 };
      let curves = 0;
      for (let trial = 0; trial < trials; trial++) {
        const { avgAtK, passAtK, passAt, majAtK } = evaluation(rates, n, k, random);
        if (holds(avgAtK, mean(rates))) covered.avg++;
        const curve = passAt!.map((point) => holds(point, mean(rates.map((p) => 1 - (1 - p) ** point.k))));
        if (curve.every(Boolean)) curves++;
        if (holds(passAtK!, mean(rates.map((p) => 1 - (1 - p) ** k)))) covered.passAll++;
        if (holds(majAtK!, majTruth)) covered.maj++;
      }
      // 30 problems of which few are ever solved are the worst there is: 92 of 100
      for (const [what, times] of Object.entries(covered))
        expectCoverage(times, n === 30 ? 0.925 : 0.935, what);
      // all points of a curve at once, of which few shares of problems are as hard
      expectCoverage(curves, n === 30 ? 0.915 : 0.93, "the whole curve of pass@k");
    },
    120_000,
  );

  test.each([
    [30, 1],
    [30, 8],
    [200, 1],
  ])("%i of them, %i answers each: a paired difference holds the truth 95 times of 100", (n, k) => {
    const random = generator(7 * n + k);
    const better = (p: number) => p + 0.2 * (1 - p);
    const truth = mean(rates.map((p) => better(p) - p));
    const share = (p: number) => {
      let right = 0;
      for (let i = 0; i < k; i++) if (random() < p) right++;
      return right / k;
    };
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const drawn = Array.from({ length: n }, () => rates[Math.floor(rates.length * random())]!);
      const before = drawn.map((p) => share(p));
      const after = drawn.map((p) => share(better(p)));
      if (holds(pairedDifference(before, after, k), truth)) covered++;
    }
    expectCoverage(covered, 0.94, "difference");
  });
});

test("the unweighted mean of the paper's six sets holds the truth 95 times of 100", () => {
  // 30, 30 and 40 problems with several answers, the others with one; each of its own difficulty
  const sets = [
    { n: 30, k: 8, rates: populations.hard },
    { n: 30, k: 8, rates: populations.hard },
    { n: 40, k: 8, rates: populations["all kinds"] },
    { n: 100, k: 1, rates: populations.easy },
    { n: 130, k: 1, rates: populations["mostly all or nothing"] },
    { n: 60, k: 1, rates: populations["all kinds"] },
  ];
  const truth = mean(sets.map(({ rates }) => mean(rates)));
  const random = generator(3);
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const intervals = sets.map(({ n, k, rates }) => evaluation(rates, n, k, random).avgAtK);
    if (holds(unweighted(intervals), truth)) covered++;
  }
  expectCoverage(covered, 0.94, "mean");
}, 60_000);
