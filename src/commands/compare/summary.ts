/**
 * A comparison in numbers: results → what each method reached, how methods differ seed by seed, and what it cost.
 */

import type { Interval, PassAt } from "../../run/records.ts";
import { meanInterval, ofRateChanges, ofRates, type Range } from "../../statistics/intervals.ts";
import { simultaneousQuantile } from "../../statistics/simultaneous.ts";
import type { ComparedRun, CompareResults, StepSeries } from "./results.ts";

/**
 * Means over seeds with 95 % intervals of Student's t, without bounds under three seeds; NaN where nothing was
 * measured.
 */
export interface MethodSummary {
  readonly method: string;
  readonly seeds: number;
  /** Held-out rates: of the base, at the last evaluation, and the mean of all evaluations after the base's. */
  readonly base: Interval;
  readonly final: Interval;
  readonly average: Interval;
  /** At the last evaluation, with intervals that hold all at once; none of one answer to each problem. */
  readonly passAt: readonly PassAt[];
  /** Changes from the base's evaluation to the last: nats, and tokens. */
  readonly entropyChange: Interval;
  readonly lengthChange: Interval;
  readonly truncated: Interval;
  readonly gradNorm: Interval;
  readonly cost: Cost;
  readonly toTarget: ToTarget;
}

/** Per step, means over seeds. */
export interface Cost {
  readonly flops: { readonly rollout: number; readonly score: number; readonly update: number };
  readonly seconds: {
    readonly rollout: number;
    readonly verify: number;
    readonly score: number;
    readonly update: number;
    readonly step: number;
  };
  readonly tokens: number;
  readonly tokensDiscarded: number;
  /** Gigabytes, the highest of any seed. */
  readonly peakMemory: number;
}

/** What it took until an evaluation first showed the target rate; means over the seeds that got there. */
export interface ToTarget {
  readonly rate: number;
  readonly reached: number;
  readonly steps: number;
  readonly flops: number;
  readonly seconds: number;
  readonly tokens: number;
}

/** The mean over seeds of `second` − `first`, each pair from the same seed and so from the same data in the same order. */
export interface PairedDifference {
  readonly first: string;
  readonly second: string;
  readonly pairs: number;
  readonly final: Interval;
  readonly average: Interval;
  /** At the last evaluation, with intervals that hold all at once. */
  readonly passAt: readonly PassAt[];
  readonly entropyChange: Interval;
}

export interface CompareSummary {
  readonly methods: readonly MethodSummary[];
  readonly differences: readonly PairedDifference[];
}

/**
 * Of the runs that have finished.
 *
 * @param target  the held-out rate to price; left out, the lowest final mean of any method
 */
export function summarize(results: CompareResults, target?: number): CompareSummary {
  const runsOf = (method: string) =>
    results.runs.filter((run) => run.method === method && run.finished && run.evals.step.length > 0);
  const methods = results.methods.filter((method) => runsOf(method).length > 0);
  const finals = methods.map((method) => meanInterval(runsOf(method).map(finalOf)).mean);
  const rate = target ?? Math.min(...finals);
  const pairs = methods.flatMap((first, i) => methods.slice(i + 1).map((second) => [first, second] as const));
  return {
    methods: methods.map((method) => summaryOf(method, runsOf(method), rate)),
    differences: pairs.map(([first, second]) => difference(first, runsOf(first), second, runsOf(second))),
  };
}

const finalOf = ({ evals }: ComparedRun): number => evals.accuracy.at(-1)!;
const averageOf = ({ evals }: ComparedRun): number => mean(evals.accuracy.slice(1));
const changeOf = (values: readonly (number | null)[]): number =>
  (values.at(-1) ?? Number.NaN) - (values[0] ?? Number.NaN);

function summaryOf(method: string, runs: readonly ComparedRun[], rate: number): MethodSummary {
  const over = (of: (run: ComparedRun) => number, within?: Range) => meanInterval(runs.map(of), within);
  return {
    method,
    seeds: runs.length,
    base: over(({ evals }) => evals.accuracy[0]!, ofRates),
    final: over(finalOf, ofRates),
    average: over(averageOf, ofRates),
    passAt: curveOf(runs.map(passRates), ofRates),
    entropyChange: over(({ evals }) => changeOf(evals.entropy)),
    lengthChange: over(({ evals }) => changeOf(evals.length)),
    truncated: over(({ evals }) => evals.truncated.at(-1)!, ofRates),
    gradNorm: over(({ steps }) => mean(measured(steps.gradNorm))),
    cost: costOf(runs),
    toTarget: toTarget(runs, rate),
  };
}

const passRates = ({ passAt }: ComparedRun): ReadonlyMap<number, number> =>
  new Map(passAt.map(({ k, rate }) => [k, rate]));

/** The mean over runs at each k that all of them have. */
function curveOf(runs: readonly ReadonlyMap<number, number>[], within: Range): PassAt[] {
  const sizes = [...(runs[0]?.keys() ?? [])].filter((k) =>
    runs.every((rates) => Number.isFinite(rates.get(k))),
  );
  const columns = sizes.map((k) => runs.map((rates) => rates.get(k)!));
  const quantile = simultaneousQuantile(columns);
  return sizes.map((k, i) => ({ k, ...meanInterval(columns[i]!, within, quantile) }));
}

function costOf(runs: readonly ComparedRun[]): Cost {
  const perStep = (series: StepSeries) =>
    mean(runs.map(({ steps }) => total(steps[series]) / steps[series].length));
  const flops = (series: FlopSeries) => (runs.every(tellsFlops) ? perStep(series) : Number.NaN);
  return {
    flops: {
      rollout: flops("flopsRollout"),
      score: flops("flopsScore"),
      update: flops("flopsUpdate"),
    },
    seconds: {
      rollout: perStep("secondsRollout"),
      verify: perStep("secondsVerify"),
      score: perStep("secondsScore"),
      update: perStep("secondsUpdate"),
      step: perStep("seconds"),
    },
    tokens: perStep("tokens"),
    tokensDiscarded: perStep("tokensDiscarded"),
    peakMemory: Math.max(...runs.map(({ peakMemory }) => peakMemory)),
  };
}

function toTarget(runs: readonly ComparedRun[], rate: number): ToTarget {
  const reached = runs.flatMap((run) => {
    const at = run.evals.accuracy.findIndex((accuracy) => accuracy >= rate);
    return at < 0 ? [] : [{ run, step: run.evals.step[at]! }];
  });
  const spent = (series: StepSeries) => mean(reached.map(({ run, step }) => spentBy(run, series, step)));
  return {
    rate,
    reached: reached.length,
    steps: mean(reached.map(({ step }) => step)),
    flops: mean(reached.map(({ run, step }) => flopsBy(run, step))),
    seconds: spent("seconds"),
    tokens: spent("tokens"),
  };
}

function difference(
  first: string,
  before: readonly ComparedRun[],
  second: string,
  after: readonly ComparedRun[],
): PairedDifference {
  const pairs = before.flatMap((one) => {
    const other = after.find(({ seed }) => seed === one.seed);
    return other === undefined ? [] : [[one, other] as const];
  });
  const over = (of: (run: ComparedRun) => number, within?: Range) =>
    meanInterval(
      pairs.map(([one, other]) => of(other) - of(one)),
      within,
    );
  return {
    first,
    second,
    pairs: pairs.length,
    final: over(finalOf, ofRateChanges),
    average: over(averageOf, ofRateChanges),
    passAt: curveOf(
      pairs.map(([one, other]) => {
        const before = passRates(one);
        return new Map([...passRates(other)].map(([k, rate]) => [k, rate - (before.get(k) ?? Number.NaN)]));
      }),
      ofRateChanges,
    ),
    entropyChange: over(({ evals }) => changeOf(evals.entropy)),
  };
}

/** The sum of a series up to a step. */
export function spentBy(run: ComparedRun, series: StepSeries, step: number): number {
  return total(run.steps[series].slice(0, step));
}

const flopSeries = ["flopsRollout", "flopsScore", "flopsUpdate"] as const;
type FlopSeries = (typeof flopSeries)[number];

/** A server counts none. */
const tellsFlops = ({ steps }: ComparedRun): boolean => measured(steps.flopsRollout).length > 0;

/** FLOPs of a run up to a step; NaN where its engine tells none. */
export function flopsBy(run: ComparedRun, step: number): number {
  return tellsFlops(run) ? added(flopSeries.map((series) => spentBy(run, series, step))) : Number.NaN;
}

function measured(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function total(values: readonly (number | null)[]): number {
  return measured(values).reduce((sum, value) => sum + value, 0);
}

const added = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

export function mean(values: readonly number[]): number {
  return added(values) / values.length;
}
