/**
 * How much a step samples and learns from, as the options say.
 */
import type { AnyOptions, Options } from "./options.ts";

/** Sampling until a step has enough to learn from: the problems of one round, and the most rounds. */
export function roundsOf(options: AnyOptions): { readonly problems: number; readonly most: number } {
  const { filterGroupsEnable, genBatchSize, promptsPerStep, filterGroupsMaxNumGenBatches } = options;
  return filterGroupsEnable
    ? { problems: genBatchSize ?? promptsPerStep, most: filterGroupsMaxNumGenBatches }
    : { problems: promptsPerStep, most: 1 };
}

/** Answers that every problem is given; the rest of its group only where these differ. */
export function screeningOf({ screeningGenerations, numGenerations }: AnyOptions): number {
  return Math.min(screeningGenerations ?? numGenerations, numGenerations);
}

/** Updates of a step of training whose groups are all found. */
export function updatesPerStep({ promptsPerStep, miniBatchSize, numIterations }: AnyOptions): number {
  return Math.ceil(promptsPerStep / miniBatchSize) * numIterations;
}

/** Steps of `sft` over so many examples; at least 1. */
export function sftSteps({ maxSteps, numTrainEpochs, miniBatchSize }: Options, examples: number): number {
  return maxSteps ?? Math.max(1, Math.ceil((examples * numTrainEpochs) / miniBatchSize));
}

/** Answers this much shorter than the longest begin to be penalized: `overlong_buffer.len`, in tokens. */
export function overlongBufferLength({
  overlongBufferLen,
  maxCompletionLength,
}: Pick<Options, "overlongBufferLen" | "maxCompletionLength">): number {
  return overlongBufferLen ?? Math.ceil(maxCompletionLength / 4);
}
