/**
 * The estimate: what was measured for one token, times the tokens of a step.
 */
import { roundsOf, updatesPerStep } from "../../options/batch-sizes.ts";
import type { Incomplete } from "../../options/options.ts";

/** Seconds of each unit of work, as measured. */
export interface Speeds {
  readonly secondsPerToken: number;
  readonly secondsPerPromptToken: number;
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

export interface StepEstimate {
  /** Problems and answers of one round of sampling. */
  readonly round: number;
  readonly sampledAnswers: number;
  /** Problems learnt from; every one of them has all its answers. */
  readonly problems: number;
  /** Tokens scored, and learnt from in one pass: each prompt once. */
  readonly learntTokens: number;
  readonly updates: number;
  readonly seconds: {
    /** Of one round. */
    readonly sample: number;
    readonly verify: number;
    readonly score: number;
    readonly update: number;
    readonly optimizer: number;
    /** With one round of sampling. */
    readonly step: number;
  };
}

export function estimateStep(
  options: Incomplete<"train">,
  speeds: Speeds,
  { prompt, answer }: MeanLengths,
): StepEstimate {
  const { promptsPerStep: problems, numGenerations, numIterations } = options;
  const { problems: round } = roundsOf(options);
  const sampledAnswers = round * numGenerations;
  const learntTokens = problems * (prompt + numGenerations * answer);
  const updates = updatesPerStep(options);
  const sample =
    sampledAnswers * answer * speeds.secondsPerToken + round * prompt * speeds.secondsPerPromptToken;
  const verify = sampledAnswers * speeds.secondsPerVerdict;
  const score = learntTokens / speeds.scoredPerSecond;
  const update = (numIterations * learntTokens) / speeds.updatedPerSecond;
  const optimizer = updates * speeds.optimizerSeconds;
  return {
    ...{ round, sampledAnswers, problems, learntTokens, updates },
    seconds: {
      ...{ sample, verify, score, update, optimizer },
      step: sample + verify + score + update + optimizer,
    },
  };
}

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
  const { maxSteps, evalSteps, saveSteps, evalOnStart, evalNumGenerations } = options;
  // the last step is always measured and saved, and the first is saved
  const due = (every: number) => (every > 0 ? Math.ceil(maxSteps / every) : 1);
  const evaluations = heldOut === 0 ? 0 : due(evalSteps) + (evalOnStart ? 1 : 0);
  const checkpoints = due(saveSteps) + (saveSteps > 1 && maxSteps > 1 ? 1 : 0);
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
