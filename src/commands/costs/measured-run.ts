/**
 * What a run's own first steps say of the steps to come.
 *
 *   options.yaml, steps.jsonl, evals.jsonl  →  means of a step
 *
 * The first step compiles programs and is left out where there are others.
 */
import { RunError } from "../../errors.ts";
import type { Incomplete } from "../../options/options.ts";
import { resolveOptions } from "../../options/resolve-options.ts";
import { readRun } from "../../run/read-run.ts";
import { isSolveEval, type SolveEval, type StepRecord } from "../../run/records.ts";
import { optionsPath } from "../../run/run-folder.ts";
import { type Speeds, scoredShare } from "../doctor/estimate.ts";

/** A run's steps so far, on average. */
export interface MeasuredRun {
  readonly folder: string;
  /** The file of its options. */
  readonly config: string;
  readonly options: Incomplete<"train">;
  /** Steps that the means are over. */
  readonly steps: number;
  readonly mean: MeanStep;
  /** Of the run's evaluations; undefined where there was none. */
  readonly evaluation: { readonly problems: number; readonly secondsPerAnswer: number } | undefined;
  /** The most that the process has held, in bytes; undefined where it is not recorded. */
  readonly peakBytes: number | undefined;
}

/** Of one step, on average. */
export interface MeanStep {
  /** Problems sampled, and those learnt from. */
  readonly sampled: number;
  readonly learnt: number;
  /** Share of the sampled problems that were solved in part. */
  readonly mixedRate: number;
  readonly rounds: number;
  /** Tokens of a prompt, of a sampled answer, and of an answer that was learnt from. */
  readonly prompt: number;
  readonly answer: number;
  readonly learntAnswer: number;
  /** Tokens of the step's longest answer. */
  readonly longest: number;
  /** Share of the answers that were cut off. */
  readonly cutRate: number;
  readonly seconds: {
    readonly sample: number;
    readonly verify: number;
    readonly score: number;
    readonly update: number;
    readonly step: number;
  };
}

/** @throws RunError where the folder is no run of train, or has not taken a step; OptionError where its options are damaged */
export async function measuredRun(folder: string): Promise<MeasuredRun> {
  const run = readRun(folder);
  const all = await run.steps();
  const refuse = (expected: string, got: string, next: string) =>
    new RunError({ where: `--measured ${folder}`, expected, got, next });
  if (run.command !== "train")
    throw refuse("a run of errata train", `one of errata ${run.command}`, "Name a run that samples answers.");
  const steps = all.length > 1 ? all.slice(1) : all;
  const config = optionsPath(folder);
  const { options } = resolveOptions("train", { config, incomplete: true });
  const mean = meanOf(steps, options.numGenerations);
  if (!(mean.seconds.step > 0 && mean.learnt > 0 && mean.answer > 0))
    throw refuse(
      "a step that was learnt from",
      all.length === 0 ? "none yet" : `${all.length} steps without one`,
      "Let it take a step or two, and plan again.",
    );
  const evals = (await run.evals()).filter(isSolveEval);
  const gigabytes = Math.max(...steps.map(({ metrics }) => metrics["perf/max_memory_gb"] ?? Number.NaN));
  return {
    ...{ folder, config, options },
    steps: steps.length,
    mean,
    evaluation: evaluationOf(evals),
    peakBytes: Number.isNaN(gigabytes) ? undefined : gigabytes * 1e9,
  };
}

function evaluationOf(evals: readonly SolveEval[]): MeasuredRun["evaluation"] {
  const last = evals.at(-1);
  if (last === undefined) return undefined;
  const seconds = evals.reduce((sum, record) => sum + record.seconds, 0);
  const answers = evals.reduce((sum, { problems, k }) => sum + problems * k, 0);
  return { problems: last.problems, secondsPerAnswer: seconds / answers };
}

/** @param answers  to each problem */
function meanOf(steps: readonly StepRecord[], answers: number): MeanStep {
  /** The sum over the steps of a metric, times another; a step that did not measure it adds nothing. */
  const total = (key: string, by?: string) =>
    steps.reduce(
      (sum, { metrics }) => sum + (metrics[key] ?? 0) * (by === undefined ? 1 : (metrics[by] ?? 0)),
      0,
    );
  const each = (key: string) => total(key) / steps.length;
  const groups = total("groups/sampled");
  const seconds = {
    sample: each("timing_s/gen"),
    verify: each("timing_s/verify"),
    score: each("timing_s/old_log_prob"),
    update: each("timing_s/update_actor"),
    step: each("timing_s/step"),
  };
  return {
    sampled: groups / steps.length,
    learnt: each("groups/kept"),
    mixedRate: total("groups/effective_ratio", "groups/sampled") / groups,
    rounds: each("train/num_gen_batches"),
    prompt: total("prompt_length/mean", "groups/sampled") / groups,
    answer: total("perf/tokens") / (groups * answers),
    learntAnswer: (total("perf/tokens") - total("perf/tokens_discarded")) / (total("groups/kept") * answers),
    longest: each("response_length/max"),
    cutRate: total("response_length/clip_ratio", "groups/sampled") / groups,
    seconds,
  };
}

/**
 * Seconds of each unit of work. A token that is decoded takes what one that is scored takes, the rest of sampling goes
 * to the decoding steps, however many answers take them together.
 */
export function speedsOf({ mean, options }: MeasuredRun): Speeds {
  const { sampled, learnt, prompt, answer, learntAnswer, longest, rounds, seconds } = mean;
  const { numGenerations, numIterations } = options;
  const learntTokens = learnt * (prompt + numGenerations * learntAnswer);
  const scoredTokens = scoredShare(options, learnt) * learntTokens;
  const updatedPerSecond = (numIterations * learntTokens) / seconds.update;
  // what is not scored would take the forward third of an update
  const scoredPerSecond = scoredTokens > 0 ? scoredTokens / seconds.score : 3 * updatedPerSecond;
  const decoded = sampled * numGenerations * answer;
  const token = Math.min(1 / scoredPerSecond, seconds.sample / (decoded + sampled * prompt));
  return {
    secondsPerToken: token,
    secondsPerPromptToken: token,
    secondsPerDecodingStep: (seconds.sample - token * (decoded + sampled * prompt)) / (rounds * longest),
    secondsPerVerdict: seconds.verify / (sampled * numGenerations),
    scoredPerSecond,
    updatedPerSecond,
    optimizerSeconds: 0,
  };
}
