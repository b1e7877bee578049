/**
 * What runs of a comparison measured, in one compact record: all that summaries and plots are made of.
 *
 *   runs/<method>-seed-<n>/{steps,evals}.jsonl  →  results.json
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { EvalRecord, SolveEval, StepRecord } from "../../run/records.ts";
import type { ComparePlan, PlannedRun } from "./plan.ts";
import { finishedRun } from "./runner.ts";

/** Series of a run by step; null where a step measured none. */
export const stepSeries = {
  accuracy: "train/acc_all",
  solvedNone: "groups/solved_none",
  solvedLow: "groups/solved_some/low",
  solvedMiddle: "groups/solved_some/middle",
  solvedHigh: "groups/solved_some/high",
  solvedAll: "groups/solved_all",
  length: "response_length/mean",
  truncated: "response_length/clip_ratio",
  entropy: "actor/entropy",
  gradNorm: "actor/grad_norm",
  gradNormMax: "actor/grad_norm/max",
  tokens: "perf/tokens",
  tokensDiscarded: "perf/tokens_discarded",
  flopsRollout: "perf/flops/gen",
  flopsScore: "perf/flops/old_log_prob",
  flopsUpdate: "perf/flops/update_actor",
  secondsRollout: "timing_s/gen",
  secondsVerify: "timing_s/verify",
  secondsScore: "timing_s/old_log_prob",
  secondsUpdate: "timing_s/update_actor",
  seconds: "timing_s/step",
} as const;
export type StepSeries = keyof typeof stepSeries;

export interface ComparedRun {
  readonly method: string;
  readonly seed: number;
  /** Whether it has no more steps to take: summaries are of such runs alone. */
  readonly finished: boolean;
  /** From step 1, one value for each. */
  readonly steps: Readonly<Record<StepSeries, readonly (number | null)[]>>;
  /** Held-out measurements, the base model's first (step 0). */
  readonly evals: {
    readonly step: readonly number[];
    readonly accuracy: readonly number[];
    /** Nats, on the same prompts at every evaluation. */
    readonly entropy: readonly (number | null)[];
    readonly length: readonly number[];
    readonly truncated: readonly number[];
  };
  /** Of the run's process, gigabytes. */
  readonly peakMemory: number;
}

export interface CompareResults {
  readonly model: string;
  readonly dataset: string;
  readonly evalDataset: string;
  readonly evalProblems: number;
  readonly maxSteps: number;
  /** Runs at a time: with several, seconds and memory are those of a shared machine. */
  readonly jobs: number;
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** Those that have measured anything, in the plan's order. */
  readonly runs: readonly ComparedRun[];
}

/** Reads every run of a plan that has begun. */
export function collectResults(plan: ComparePlan, jobs: number): CompareResults {
  const { options } = plan.runs[0]!;
  const runs = plan.runs.flatMap((run) => {
    const found = readRun(run);
    return found === undefined ? [] : [found];
  });
  const first = plan.runs.map((run) => solveEvals(run)[0]).find((record) => record !== undefined);
  return {
    model: basename(options.model),
    dataset: basename(options.dataset),
    evalDataset: basename(options.evalDataset ?? ""),
    evalProblems: first?.problems ?? 0,
    maxSteps: options.maxSteps,
    jobs,
    methods: plan.methods,
    seeds: plan.seeds,
    runs,
  };
}

function readRun(run: PlannedRun): ComparedRun | undefined {
  const steps = readLines(join(run.folder, "steps.jsonl")) as StepRecord[];
  const evals = solveEvals(run);
  if (steps.length === 0 && evals.length === 0) return undefined;
  const series = Object.entries(stepSeries).map(([name, metric]) => [
    name,
    steps.map(({ metrics }) => (metric in metrics ? short(metrics[metric]!) : null)),
  ]);
  return {
    method: run.method,
    seed: run.seed,
    finished: finishedRun(run) !== undefined,
    steps: Object.fromEntries(series) as ComparedRun["steps"],
    evals: {
      step: evals.map(({ step }) => step),
      accuracy: evals.map(({ avgAtK }) => short(avgAtK.mean)),
      entropy: evals.map(({ entropy }) => (entropy === undefined ? null : short(entropy))),
      length: evals.map(({ meanTokens }) => short(meanTokens)),
      truncated: evals.map(({ truncated, problems, k }) => short(truncated / (problems * k))),
    },
    peakMemory: short(Math.max(0, ...steps.map(({ metrics }) => metrics["perf/max_memory_gb"] ?? 0))),
  };
}

function solveEvals({ folder }: PlannedRun): SolveEval[] {
  const lines = readLines(join(folder, "evals.jsonl")) as EvalRecord[];
  return lines.filter((record): record is SolveEval => record.kind === "solve");
}

/** The whole lines of a file; a run killed while it wrote may have left half of one. */
function readLines(path: string): unknown[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** Six digits are more than any of this is sure of. */
function short(value: number): number {
  return Number(value.toPrecision(6));
}
