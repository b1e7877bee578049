/**
 * The estimate: what was measured for one token, by the doctor or in a run's own steps, times the tokens of a step.
 */
import { roundsOf, updatesPerStep } from "../../options/batch-sizes.ts";
import type { Incomplete } from "../../options/options.ts";

/** Seconds of each unit of work, as measured. */
export interface Speeds {
  readonly secondsPerToken: number;
  readonly secondsPerPromptToken: number;
  /** Of a decoding step beside its tokens, however many answers take it together. */
  readonly secondsPerDecodingStep: number;
  readonly secondsPerVerdict: number;
  readonly scoredPerSecond: number;
  readonly updatedPerSecond: number;
  readonly optimizerSeconds: number;
}

/** Tokens, on average. */
export interface MeanLengths {
  readonly prompt: number;
  readonly answer: number;
}

/** What a step is made of, on average; what is left out is as it is where one round finds all there is to learn from. */
export interface StepShape extends MeanLengths {
  readonly rounds?: number;
  /** Problems learnt from. */
  readonly problems?: number;
  /** Tokens of an answer that is learnt from, on average. */
  readonly learntAnswer?: number;
  /** Tokens of the longest answer. */
  readonly longest?: number;
}

export interface StepEstimate {
  /** Problems of one round of sampling; answers of all rounds. */
  readonly round: number;
  readonly sampledAnswers: number;
  /** Problems learnt from; every one of them has all its answers. */
  readonly problems: number;
  /** Tokens learnt from in one pass: each prompt once. */
  readonly learntTokens: number;
  /** Of them those scored before. */
  readonly scoredTokens: number;
  readonly updates: number;
  readonly seconds: {
    /** Of all rounds. */
    readonly sample: number;
    readonly verify: number;
    readonly score: number;
    readonly update: number;
    readonly optimizer: number;
    readonly step: number;
  };
}

export function estimateStep(options: Incomplete<"train">, speeds: Speeds, shape: StepShape): StepEstimate {
  const { numGenerations, numIterations } = options;
  const { prompt, answer, rounds = 1, problems = options.promptsPerStep } = shape;
  const { learntAnswer = answer, longest = options.maxCompletionLength } = shape;
  const { problems: round } = roundsOf(options);
  const sampledAnswers = rounds * round * numGenerations;
  const learntTokens = problems * (prompt + numGenerations * learntAnswer);
  const updates = updatesPerStep({ ...options, promptsPerStep: problems });
  const sample =
    sampledAnswers * answer * speeds.secondsPerToken +
    rounds * round * prompt * speeds.secondsPerPromptToken +
    rounds * longest * speeds.secondsPerDecodingStep;
  const verify = sampledAnswers * speeds.secondsPerVerdict;
  const scoredTokens = scoredShare(options, problems) * learntTokens;
  const score = scoredTokens / speeds.scoredPerSecond;
  const update = (numIterations * learntTokens) / speeds.updatedPerSecond;
  const optimizer = updates * speeds.optimizerSeconds;
  return {
    ...{ round, sampledAnswers, problems, learntTokens, scoredTokens, updates },
    seconds: {
      ...{ sample, verify, score, update, optimizer },
      step: sample + verify + score + update + optimizer,
    },
  };
}

/** Of the answers of so many problems those whose old log-probs are scored: all, one group as a check, or none. */
export function scoredShare(
  { recomputeLogprobs, rolloutPrecision }: Incomplete<"train">,
  problems: number,
): number {
  if (rolloutPrecision === "int8") return 0;
  return recomputeLogprobs ? 1 : 1 / Math.max(1, problems);
}

/** Evaluations of a run that makes any. */
export function evaluationsOf({ maxSteps, evalSteps, evalOnStart }: Incomplete<"train">): number {
  return due(maxSteps, evalSteps) + (evalOnStart ? 1 : 0);
}

/** How often something is done that is done every so many steps, and after the last one always. */
const due = (steps: number, every: number) => (every > 0 ? Math.ceil(steps / every) : 1);

/** What a run does beside its steps. */
export interface RunEstimate {
  readonly evaluations: number;
  readonly evaluationSeconds: number;
  readonly checkpoints: number;
  readonly checkpointSeconds: number;
  readonly seconds: number;
}

/**
 * @param heldOut          problems of an evaluation, 0 where there are none
 * @param checkpoint       bytes of one
 * @param bytesPerSecond   of the disk
 */
export function estimateRun(
  options: Incomplete<"train">,
  speeds: Speeds,
  lengths: MeanLengths,
  stepSeconds: number,
  { heldOut, checkpoint, bytesPerSecond }: { heldOut: number; checkpoint: number; bytesPerSecond: number },
): RunEstimate {
  const { maxSteps, saveSteps, evalNumGenerations } = options;
  const evaluations = heldOut === 0 ? 0 : evaluationsOf(options);
  // the first step is saved as well
  const checkpoints = due(maxSteps, saveSteps) + (saveSteps > 1 && maxSteps > 1 ? 1 : 0);
  const answers = heldOut * evalNumGenerations;
  const evaluationSeconds =
    answers * (lengths.answer * speeds.secondsPerToken + speeds.secondsPerVerdict) +
    heldOut * lengths.prompt * speeds.secondsPerPromptToken;
  const checkpointSeconds = checkpoint / bytesPerSecond;
  return {
    ...{ evaluations, evaluationSeconds, checkpoints, checkpointSeconds },
    seconds: maxSteps * stepSeconds + evaluations * evaluationSeconds + checkpoints * checkpointSeconds,
  };
}
