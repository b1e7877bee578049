/** A run's records as lines of charts: over steps, or over what a step took. */
import { isSolveEval, type SolveEval, type StepRecord } from "../../../run/records.ts";
import type { Series } from "./chart.tsx";
import { type Run, runs } from "./store.ts";

/** What lies along the bottom of a chart. */
export const axes = { steps: "steps", tokens: "tokens sampled", flops: "FLOPs", seconds: "seconds" } as const;
export type Axis = keyof typeof axes;

/** Up to each step, the sum of what it took. */
export function placesOf({ steps }: Run, axis: Axis): number[] {
  let sum = 0;
  return steps.map(({ step, metrics }) => {
    if (axis === "steps") return step;
    if (axis === "tokens") return (sum = metrics["train/num_tokens"] ?? sum);
    return (sum += metrics[axis === "flops" ? "perf/flops" : "timing_s/step"] ?? 0);
  });
}

/** A metric over the steps that have it. */
export function metricLine(
  run: Run,
  key: string,
  more: Pick<Series, "label" | "colour" | "as">,
  axis: Axis = "steps",
): Series {
  const places = placesOf(run, axis);
  const there = run.steps.flatMap(({ metrics }, i) =>
    key in metrics ? [[places[i]!, metrics[key]!] as const] : [],
  );
  return { ...more, x: there.map(([x]) => x), y: there.map(([, y]) => y) };
}

/** The same of every step, 0 where it is missing, for what is stacked. */
export function metricStack(
  { steps }: Run,
  key: string,
  more: Pick<Series, "label" | "colour" | "as">,
): Series {
  return { ...more, x: steps.map(({ step }) => step), y: steps.map(({ metrics }) => metrics[key] ?? 0) };
}

/** Held-out evaluations by their data set, in the order of their first. */
export function evalsOf({ evals }: Run): ReadonlyMap<string, SolveEval[]> {
  return Map.groupBy(evals.filter(isSolveEval), ({ dataset }) => dataset);
}

export function evalLine(
  run: Run,
  evals: readonly SolveEval[],
  more: Pick<Series, "label" | "colour">,
  axis: Axis,
): Series {
  const places = new Map(placesOf(run, axis).map((place, i) => [run.steps[i]!.step, place]));
  const x = evals.map(({ step }) => places.get(step) ?? 0);
  const of = (key: "mean" | "low" | "high") => evals.map(({ avgAtK }) => avgAtK[key]);
  return { ...more, x, y: of("mean"), low: of("low"), high: of("high") };
}

export const total = (steps: readonly StepRecord[], key: string): number =>
  steps.reduce((sum, { metrics }) => sum + (metrics[key] ?? 0), 0);

/** Of several runs each has its own. */
export const runColour = ({ index }: Run): string =>
  runs.value.length > 1 ? `--run-${index % 5}` : "--accent";
