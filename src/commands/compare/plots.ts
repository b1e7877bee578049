/**
 * A comparison in pictures: what was measured against steps, against FLOPs and against seconds, means over seeds
 * with 95 % intervals; and how the solve rates of groups shifted.
 */
import { FEWEST_FOR_INTERVAL, meanInterval, ofRates, type Range } from "../../statistics/intervals.ts";
import { averaged, type Curve } from "../plots/averaged.ts";
import type { Axis } from "../plots/axis.ts";
import { methodColours } from "../plots/colours.ts";
import { chart, type Line, type Panel } from "../plots/svg-chart.ts";
import type { ComparedRun, CompareResults, StepSeries } from "./results.ts";
import { flopsBy, mean, spentBy } from "./summary.ts";

const across: readonly { readonly axis: Axis; readonly of: (run: ComparedRun, step: number) => number }[] = [
  { axis: { label: "steps", kind: "whole" }, of: (_, step) => step },
  { axis: { label: "training FLOPs" }, of: flopsBy },
  { axis: { label: "training time, seconds" }, of: (run, step) => spentBy(run, "seconds", step) },
];

/** SVG files by name. */
export function comparePlots(results: CompareResults): Record<string, string> {
  const all = (title: string, unit: string, of: (run: ComparedRun) => Curve, within?: Range) =>
    againstAll(results, title, { label: `${title}, ${unit}` }, of, within);
  const inPercent = { low: 0, high: 100 * ofRates.high };
  return {
    "accuracy.svg": all(
      "Held-out accuracy",
      "%",
      (run) =>
        evaluated(
          run,
          run.evals.accuracy.map((rate) => 100 * rate),
        ),
      inPercent,
    ),
    "entropy.svg": all("Held-out entropy", "nats per token", (run) => evaluated(run, run.evals.entropy)),
    "length.svg": all("Length of held-out answers", "tokens", (run) => evaluated(run, run.evals.length)),
    "gradient-norm.svg": all("Gradient norm", "mean of a step's updates", (run) => binned(run, "gradNorm")),
    "solve-rates.svg": solveRates(results),
  };
}

const evaluated = ({ evals }: ComparedRun, values: readonly (number | null)[]): Curve => ({
  steps: evals.step,
  values,
});

const binned = ({ steps }: ComparedRun, series: StepSeries): Curve => averaged(steps[series]);

function againstAll(
  results: CompareResults,
  title: string,
  y: Axis,
  of: (run: ComparedRun) => Curve,
  within: Range | undefined,
): string {
  const colours = methodColours(results.methods);
  // a server tells no FLOPs
  const told = across.filter(({ of: spent }) => results.runs.every((run) => Number.isFinite(spent(run, 0))));
  const panels = told.map<Panel>(({ axis, of: spent }) => ({
    kind: "lines",
    x: axis,
    y,
    lines: results.methods
      .map((method) => line(method, colours.get(method)!, runsOf(results, method), of, spent, within))
      .filter(({ x }) => x.length > 0),
  }));
  const seeds = Math.max(...results.methods.map((method) => runsOf(results, method).length));
  return chart({
    title: `${title}: ${results.model} on ${results.dataset}`,
    note:
      seeds < FEWEST_FOR_INTERVAL
        ? `Mean of ${seeds} ${seeds === 1 ? "seed" : "seeds"}: too few for an interval.`
        : `Mean of ${seeds} seeds. Band: 95 % interval of the mean (Student's t).`,
    panels,
  });
}

/** Means over the runs that got to a step, wherever one of them was measured. */
function line(
  label: string,
  colour: string,
  runs: readonly ComparedRun[],
  of: (run: ComparedRun) => Curve,
  spent: (run: ComparedRun, step: number) => number,
  within: Range | undefined,
): Line {
  const curves = runs.map((run) => ({ run, ...of(run) }));
  const steps = [...new Set(curves.flatMap((curve) => curve.steps))].sort((a, b) => a - b);
  const points = steps.flatMap((step) => {
    const there = curves.flatMap(({ run, steps: own, values }) => {
      const value = values[own.indexOf(step)];
      return value === null || value === undefined ? [] : [{ at: spent(run, step), value }];
    });
    if (there.length === 0) return [];
    const values = there.map(({ value }) => value);
    return [{ x: mean(there.map(({ at }) => at)), ...meanInterval(values, within) }];
  });
  return {
    label,
    colour,
    x: points.map(({ x }) => x),
    y: points.map(({ mean }) => mean),
    low: points.map(({ low }) => low),
    high: points.map(({ high }) => high),
  };
}

const bands: readonly (readonly [StepSeries, string])[] = [
  ["solvedNone", "no answer right"],
  ["solvedLow", "up to 1/3 right"],
  ["solvedMiddle", "up to 2/3"],
  ["solvedHigh", "over 2/3"],
  ["solvedAll", "all right"],
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
      return raw.map((value) => (all > 0 ? (100 * value) / all : 0));
    });
    return {
      kind: "shares",
      title: `${method}: groups sampled, %`,
      x: { label: "steps", kind: "whole" },
      at: steps,
      bands: bands.map(([, label], i) => ({ label, share: shares.map((own) => own[i]!) })),
    };
  });
  return chart({
    title: "Groups by how many of their answers are right",
    note: "Of all groups sampled, mean over seeds; those with no answer right or all teach nothing.",
    panels,
  });
}

function runsOf(results: CompareResults, method: string): ComparedRun[] {
  return results.runs.filter((run) => run.method === method);
}
