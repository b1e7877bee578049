/**
 * A comparison in pictures: what was measured against steps, against FLOPs and against seconds, means over seeds
 * with 95 % intervals; and how the solve rates of groups shifted.
 */

import { meanInterval } from "../../statistics/intervals.ts";
import type { ComparedRun, CompareResults, StepSeries } from "./results.ts";
import { flopsBy, mean, spentBy } from "./summary.ts";
import { chart, type Line, type Panel } from "./svg-chart.ts";

/** Points of a curve over steps: more are averaged together. */
const mostPoints = 40;

const axes: readonly { readonly label: string; readonly of: (run: ComparedRun, step: number) => number }[] = [
  { label: "steps", of: (_, step) => step },
  { label: "training FLOPs", of: flopsBy },
  { label: "training seconds", of: (run, step) => spentBy(run, "seconds", step) },
];

/** SVG files by name. */
export function comparePlots(results: CompareResults): Record<string, string> {
  return {
    "accuracy.svg": againstAll(results, "held-out accuracy", (run) => evaluated(run, run.evals.accuracy)),
    "entropy.svg": againstAll(results, "held-out entropy, nats per token", (run) =>
      evaluated(run, run.evals.entropy),
    ),
    "length.svg": againstAll(results, "held-out answer length, tokens", (run) =>
      evaluated(run, run.evals.length),
    ),
    "gradient-norm.svg": againstAll(results, "gradient norm, mean of a step's updates", (run) =>
      binned(run, "gradNorm"),
    ),
    "solve-rates.svg": solveRates(results),
  };
}

/** Values at steps. */
interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

const evaluated = ({ evals }: ComparedRun, values: readonly (number | null)[]): Curve => ({
  steps: evals.step,
  values,
});

/** A series over steps, averaged over bins of equal width that end at the steps given. */
function binned({ steps }: ComparedRun, series: StepSeries): Curve {
  const all = steps[series];
  const size = Math.max(1, Math.ceil(all.length / mostPoints));
  const ends = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    Math.min(all.length, (i + 1) * size),
  );
  return {
    steps: ends,
    values: ends.map((end, i) => {
      const own = all.slice(i * size, end).filter((value) => value !== null);
      return own.length === 0 ? null : mean(own);
    }),
  };
}

function againstAll(results: CompareResults, title: string, of: (run: ComparedRun) => Curve): string {
  const panels = axes.map<Panel>(({ label, of: spent }) => ({
    kind: "lines",
    title: "",
    xLabel: label,
    lines: results.methods.map((method) => line(method, runsOf(results, method), of, spent)),
  }));
  return chart(`${title}: ${results.model}, ${results.dataset}`, panels);
}

/** Means over the runs that got to a step, wherever one of them was measured. */
function line(
  label: string,
  runs: readonly ComparedRun[],
  of: (run: ComparedRun) => Curve,
  spent: (run: ComparedRun, step: number) => number,
): Line {
  const curves = runs.map((run) => ({ run, ...of(run) }));
  const steps = [...new Set(curves.flatMap((curve) => curve.steps))].sort((a, b) => a - b);
  const points = steps.flatMap((step) => {
    const there = curves.flatMap(({ run, steps: own, values }) => {
      const value = values[own.indexOf(step)];
      return value === null || value === undefined ? [] : [{ at: spent(run, step), value }];
    });
    if (there.length === 0) return [];
    return [{ x: mean(there.map(({ at }) => at)), ...meanInterval(there.map(({ value }) => value)) }];
  });
  return {
    label,
    x: points.map(({ x }) => x),
    y: points.map(({ mean }) => mean),
    low: points.map(({ low }) => low),
    high: points.map(({ high }) => high),
  };
}

const bands: readonly (readonly [StepSeries, string])[] = [
  ["solvedNone", "solved by none"],
  ["solvedLow", "up to 1/3"],
  ["solvedMiddle", "up to 2/3"],
  ["solvedHigh", "over 2/3"],
  ["solvedAll", "by all"],
];

/** Shares of sampled groups by their solve rate, over steps, a panel for each method. */
function solveRates(results: CompareResults): string {
  const panels = results.methods.map<Panel>((method) => {
    const runs = runsOf(results, method);
    const curves = bands.map(([series]) => runs.map((run) => binned(run, series)));
    const steps = [...new Set(curves.flat().flatMap((curve) => curve.steps))].sort((a, b) => a - b);
    const shares = steps.map((step) => {
      const raw = curves.map((own) => {
        const values = own.flatMap(({ steps: at, values }) => values[at.indexOf(step)] ?? []);
        return values.length === 0 ? 0 : mean(values);
      });
      const all = raw.reduce((sum, value) => sum + value, 0);
      return raw.map((value) => (all > 0 ? value / all : 0));
    });
    return {
      kind: "shares",
      title: method,
      xLabel: "steps",
      x: steps,
      bands: bands.map(([, label], i) => ({ label, share: shares.map((own) => own[i]!) })),
    };
  });
  return chart("groups by solve rate", panels, Math.min(3, Math.max(1, panels.length)));
}

function runsOf(results: CompareResults, method: string): ComparedRun[] {
  return results.runs.filter((run) => run.method === method);
}
