/**
 * What runs of a comparison measured, in one compact record: all that summaries and plots are made of.
 *
 *   runs/<method>-seed-<n>/{steps,evals}.jsonl  →  results.json
 */
import { basename } from "node:path";
import { readRun } from "../../run/read-run.ts";
import type { EvalRecord, SolveEval, StepRecord } from "../../run/records.ts";
import { isRun } from "../../run/run-folder.ts";
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
  /** pass@1, 2, 4, … at the last evaluation; none of one answer to each problem. */
  readonly passAt: readonly { readonly k: number; readonly rate: number }[];
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
export async function collectResults(plan: ComparePlan, jobs: number): Promise<CompareResults> {
  const { options } = plan.runs[0]!;
  const runs: ComparedRun[] = [];
  let evalProblems = 0;
  for (const run of plan.runs) {
    if (!isRun(run.folder)) continue;
    const records = readRun(run.folder);
    const [steps, evals] = [await records.steps(), (await records.evals()).filter(isSolve)];
    if (evalProblems === 0) evalProblems = evals[0]?.problems ?? 0;
    if (steps.length + evals.length > 0) runs.push(compared(run, steps, evals));
  }
  return {
    model: basename(options.model),
    dataset: basename(options.dataset),
    evalDataset: basename(options.evalDataset ?? options.dataset),
    evalProblems,
    maxSteps: options.maxSteps,
    jobs,
    methods: plan.methods,
    seeds: plan.seeds,
    runs,
  };
}

function isSolve(record: EvalRecord): record is SolveEval {
  return record.kind === "solve";
}

function compared(run: PlannedRun, steps: readonly StepRecord[], evals: readonly SolveEval[]): ComparedRun {
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
    passAt: (evals.at(-1)?.passAt ?? []).map(({ k, mean }) => ({ k, rate: short(mean) })),
    peakMemory: short(Math.max(0, ...steps.map(({ metrics }) => metrics["perf/max_memory_gb"] ?? 0))),
  };
}

/** Six digits are more than any of this is sure of. */
function short(value: number): number {
  return Number(value.toPrecision(6));
}
