import { describe, expect, test } from "vitest";
import { Draw } from "../../src/loop/problems/counter-rng.ts";
import {
  type Outcome,
  type ProblemOrder,
  ShuffledSampler,
} from "../../src/loop/problems/shuffled-sampler.ts";
import { mixedChance, SolveRateSampler } from "../../src/loop/problems/solve-rate-sampler.ts";

/** ∫ f(q) q^(a − 1) (1 − q)^(b − 1) dq over 0 to 1, by the double exponential rule: q = 1 / (1 + exp(−π sinh t)). */
function integral(a: number, b: number, f: (q: number, other: number) => number): number {
  const step = 1 / 32;
  let sum = 0;
  for (let t = -6; t <= 6; t += step) {
    const u = Math.PI * Math.sinh(t);
    const [q, other] = [1 / (1 + Math.exp(-u)), 1 / (1 + Math.exp(u))];
    sum += f(q, other) * q ** a * other ** b * Math.PI * Math.cosh(t) * step;
  }
  return sum;
}

test("the chance of a mixed group is what quadrature over the Beta gives", () => {
  for (const [a, b] of [
    ...([[1, 1], [0.3, 0.7], [0.05, 0.95], [8.2, 0.8], [2.5, 40]] as const), // biome-ignore format: pairs
  ])
    for (const answers of [2, 4, 8, 64]) {
      const mixed = integral(a, b, (q, other) => 1 - q ** answers - other ** answers);
      expect(mixedChance(a, b, answers)).toBeCloseTo(mixed / integral(a, b, () => 1), 9);
    }
  // by hand: two answers of an even rate, and of one that may be anything
  expect(mixedChance(1e9, 1e9, 2)).toBeCloseTo(0.5, 8);
  expect(mixedChance(1, 1, 2)).toBeCloseTo(1 / 3, 12);
});

const ids = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`);
const heard = (problem: number, draw: number, right: number, wrong: number, step = 1): Outcome => ({
  ...{ problem: `p${problem}`, step, draw, right, wrong },
});
const places = (order: ProblemOrder, step: number, draw: number, most: number, wanted?: number) =>
  order.choose(step, draw, most, wanted).map(({ index }) => index);

describe("an order by solve rate", () => {
  test("begins as a shuffle of all, a function of the seed", () => {
    const order = new SolveRateSampler(ids(50), 3, 8, 0);
    expect(places(order, 1, 0, 50)).toEqual(new ShuffledSampler(50, 3).range(0, 50));
    expect(places(new SolveRateSampler(ids(50), 4, 8, 0), 1, 0, 50)).not.toEqual(places(order, 1, 0, 50));
  });

  test("takes first what was solved in part, then what is unknown, last what was solved by all or none", () => {
    const order = new SolveRateSampler(ids(4), 3, 8, 0);
    for (const [problem, right] of [[0, 0], [1, 8], [2, 4]] as const) // biome-ignore format: pairs
      order.hear(heard(problem, problem, right, 8 - right));
    expect(places(order, 2, 8, 4).slice(0, 2)).toEqual([2, 3]);
    const [first, second, , last] = order.choose(2, 8, 4);
    // its own answers and one of the prior, whose rate is (12 + 1/2) / (24 + 1), faded by a step
    const faded = 2 ** (-1 / 15);
    const rate = (12 * faded + 0.5) / (24 * faded + 1);
    expect(first!.mixed).toBeCloseTo(mixedChance(4 * faded + rate, 4 * faded + 1 - rate, 8), 12);
    expect(second!.mixed).toBeCloseTo(mixedChance(rate, 1 - rate, 8), 12);
    expect(last!.mixed).toBeLessThan(0.5 * second!.mixed!);
  });

  test("forgets: what was solved by none long ago is as good as unknown", () => {
    const order = new SolveRateSampler(ids(2), 3, 8, 0);
    order.hear(heard(0, 0, 0, 8));
    order.hear(heard(1, 1, 4, 4));
    const [early, late] = [2, 400].map(
      (step) => order.choose(step, 9, 2).find(({ index }) => index === 0)!.mixed!,
    );
    expect(early).toBeLessThan(0.2);
    expect(late).toBeCloseTo(mixedChance(0.5, 0.5, 8), 5);
    expect(order.choose(10 ** 6, 9, 2).every(({ mixed }) => Number.isFinite(mixed))).toBe(true);
  });

  test("asks no problem twice in a step, nor soon again, while there are others", () => {
    const order = new SolveRateSampler(ids(80), 3, 8, 0.2);
    const last = new Map<number, number>();
    let draw = 0;
    for (let step = 1; step <= 30; step++) {
      const own: number[] = [];
      for (let round = 0; round < 2; round++) {
        for (const index of places(order, step, draw, 8)) {
          own.push(index);
          const before = last.get(index);
          if (before !== undefined) expect(draw - before).toBeGreaterThan(10 - 8);
          last.set(index, draw);
          order.hear(heard(index, draw++, 4, 4, step));
        }
      }
      expect(new Set(own).size).toBe(16);
    }
    // and of fewer than a step asks for, each as often as it must
    const few = places(new SolveRateSampler(ids(3), 3, 8, 0.2), 1, 0, 7);
    expect([few.slice(0, 3), few.slice(3, 6)].map((three) => three.sort())).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  test("asks as many as are expected to give the groups wanted", () => {
    const order = new SolveRateSampler(ids(40), 3, 8, 0);
    for (let problem = 0; problem < 20; problem++) order.hear(heard(problem, problem, 4, 4));
    const chosen = order.choose(2, 40, 16, 3);
    const expected = chosen.reduce((sum, { mixed }) => sum + mixed!, 0);
    expect(chosen.length).toBe(4);
    expect(expected).toBeGreaterThanOrEqual(3);
    expect(expected - chosen.at(-1)!.mixed!).toBeLessThan(3);
    expect(order.choose(2, 40, 2, 3).length).toBe(2);
  });

  test("goes on from outcomes heard again as one that never stopped", () => {
    const outcomes: Outcome[] = [];
    const order = new SolveRateSampler(ids(60), 7, 4, 0.3);
    const go = (step: number, one: ProblemOrder) => {
      const chosen = one.choose(step, 9 * step, 9, 5);
      for (const [i, { index }] of chosen.entries()) {
        const right = (index * 7 + step * 3 + i) % 5;
        const outcome = heard(index, 9 * step + i, right, 4 - right, step);
        outcomes.push(outcome);
        one.hear?.(outcome);
      }
      return chosen;
    };
    for (let step = 1; step <= 40; step++) go(step, order);
    const again = new SolveRateSampler(ids(60), 7, 4, 0.3);
    for (const outcome of [...outcomes]) again.hear(outcome);
    for (let step = 41; step <= 50; step++) expect(go(step, again)).toEqual(go(step, order));
  });
});

describe("over a made-up population that learns", () => {
  const normal = (i: number) =>
    Math.sqrt(-2 * Math.log(chance(5, 2 * i) + 1e-12)) * Math.cos(2 * Math.PI * chance(5, 2 * i + 1));
  const PROBLEMS = 1000;
  const ANSWERS = 8;
  const WANTED = 16;
  /** Most problems are nearly always or nearly never solved: log-odds of −1.5 ± 3, rising as the policy learns. */
  const logOdds = Array.from({ length: PROBLEMS }, (_, i) => -1.5 + 3 * normal(i));

  function learn(order: ProblemOrder, steps: number) {
    const [asked, lift] = [new Map<number, number>(), new Float64Array(PROBLEMS)];
    let [draw, learnt, predicted, mixedGroups] = [0, 0, 0, 0];
    for (let step = 1; step <= steps; step++) {
      let kept = 0;
      for (let round = 0; round < 10 && kept < WANTED; round++)
        for (const { index, mixed } of order.choose(step, draw, WANTED, WANTED - kept)) {
          const solved = 1 / (1 + Math.exp(-(logOdds[index]! + 0.01 * step + lift[index]!)));
          let right = 0;
          for (let k = 0; k < ANSWERS; k++) right += Number(chance(9, draw * ANSWERS + k) < solved);
          const isMixed = right > 0 && right < ANSWERS;
          predicted += mixed ?? 0;
          mixedGroups += Number(isMixed);
          if (isMixed && kept < WANTED) {
            kept++;
            lift[index]! += 0.2;
          }
          asked.set(index, (asked.get(index) ?? 0) + 1);
          order.hear?.({ problem: `p${index}`, step, draw, right, wrong: ANSWERS - right });
          draw++;
        }
      learnt += kept;
    }
    return { perLearnt: draw / learnt, predicted: predicted / draw, mixed: mixedGroups / draw, asked };
  }

  const shuffled = learn(new ShuffledSampler(PROBLEMS, 42), 60);
  const chosen = learn(new SolveRateSampler(ids(PROBLEMS), 42, ANSWERS, 0.2), 60);

  test("fewer answers are sampled for each learnt from than in random order", () => {
    expect(shuffled.perLearnt).toBeGreaterThan(2.1);
    expect(chosen.perLearnt).toBeLessThan(0.75 * shuffled.perLearnt);
  });

  test("the mixed share is predicted", () => {
    expect(Math.abs(chosen.predicted - chosen.mixed)).toBeLessThan(0.1);
    expect(chosen.mixed).toBeGreaterThan(1.15 * shuffled.mixed);
  });

  test("no problem starves: in time every one is asked, and none most of the time", () => {
    const { asked } = learn(new SolveRateSampler(ids(100), 42, ANSWERS, 0.2), 60);
    expect(asked.size).toBe(100);
    const all = [...asked.values()].reduce((sum, times) => sum + times, 0);
    expect(Math.max(...asked.values()) / all).toBeLessThan(0.05);
  });
});

function chance(seed: number, place: number): number {
  return new Draw(seed, place).int(0, 2 ** 30 - 1) / 2 ** 30;
}
