/** A run's records as lines of charts: over steps, or over what a step took. */
import { isSolveEval, type SolveEval, type StepRecord } from "../../../run/records.ts";
import type { Mark } from "./chart-drawing.ts";
import type { Series } from "./chart-options.ts";
import { type Run, runs } from "./store.ts";

/** What lies along the bottom of a chart. */
export const axes = { steps: "steps", tokens: "tokens sampled", flops: "FLOPs", seconds: "seconds" } as const;
export type Axis = keyof typeof axes;

/** Up to each step, the sum of what it took. */
function placesOf({ steps }: Run, axis: Axis): number[] {
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

/** Checkpoints, resumes and warnings, at the steps where they came. */
export function marksOf(run: Run, axis: Axis): Mark[] {
  const places = new Map(placesOf(run, axis).map((x, i) => [run.steps[i]!.step, x]));
  const mark = (step: number, label: string, colour: string): Mark => ({
    x: places.get(step) ?? 0,
    label,
    colour,
  });
  let at = 0;
  const told = run.events.flatMap((event): Mark[] => {
    if (event.kind === "step") at = event.step;
    if (event.kind === "warning") return [mark(at, "warning", "--wrong")];
    if (event.kind !== "start" || event.resumedAt === 0) return [];
    at = event.resumedAt;
    return [mark(at, "resumed", "--run-3")];
  });
  return [...run.checkpoints.map((step) => mark(step, `saved ${step}`, "--quiet")), ...told].sort(
    (a, b) => a.x - b.x,
  );
}

/** Of all answers of each step the shares that are right, wrong, cut off (which is wrong too) and errors. */
export function verdictShares({ steps }: Run): Series[] {
  const x = steps.map(({ step }) => step);
  const shares = steps.map(({ metrics }) => {
    const error = metrics["verifier/error_rate"] ?? 0;
    const cut = metrics["response_length/clip_ratio"] ?? 0;
    const right = (metrics["train/acc_all"] ?? 0) * (1 - error);
    return { right, wrong: Math.max(0, 1 - right - cut - error), cut, error };
  });
  const share = (label: string, colour: string, of: keyof (typeof shares)[0]): Series => ({
    ...{ label, colour, as: "area", x },
    y: shares.map((one) => one[of]),
  });
  return [
    share("right", "--accent", "right"),
    share("wrong", "--some", "wrong"),
    share("cut off", "--wrong", "cut"),
    share("error", "--ink", "error"),
  ];
}

/** Of one run its held-out sets as lines and its training as dots; of several, one line for each set of each. */
export function solveLines(shown: readonly Run[], axis: Axis): Series[] {
  const lines = shown.flatMap((run): Series[] => {
    const sets = [...evalsOf(run)];
    const name = shown.length > 1 ? run.name : undefined;
    const held = sets.map(([dataset, evals]) => {
      const label = name ?? (sets.length > 1 ? dataset : "held out");
      return evalLine(run, evals, { label, colour: runColour(run) }, axis);
    });
    const dots = { label: "training", colour: "--quiet", as: "dots" } as const;
    return name === undefined ? [...held, metricLine(run, "train/acc_all", dots, axis)] : held;
  });
  return lines.filter(({ x }) => x.length > 0);
}
