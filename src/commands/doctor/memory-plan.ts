/**
 * A run's memory: the fullest batches that its options make, and what the engine holds for them.
 *
 *   options, config, longest prompt and answer  →  batches  →  bytes
 */
import { type Limits, limitsFor } from "../../engine/embedded/limits.ts";
import {
  type BatchShape,
  int8Memory,
  type MemoryPart,
  samplingMemory,
  scoringMemory,
  standingMemory,
  updateMemory,
} from "../../engine/embedded/memory.ts";
import type { ModelConfig } from "../../models/config.ts";
import { roundsOf } from "../../options/batch-sizes.ts";
import type { AnyOptions } from "../../options/options.ts";

/** Tokens of the longest prompt, and of the longest answer that may follow. */
export interface Lengths {
  readonly prompt: number;
  readonly answer: number;
}

export interface RunBatches {
  readonly limits: Limits;
  /** The fullest micro-batch of an update: as many answers as the budget holds, each group's prompt once. */
  readonly microBatch: BatchShape;
  /** The answers sampled together; none in sft. */
  readonly inFlight: BatchShape | undefined;
  /** Whether they are sampled with eight bits. */
  readonly int8: boolean;
}

export function runBatches(
  command: "train" | "sft",
  config: ModelConfig,
  options: AnyOptions,
  lengths: Lengths,
): RunBatches {
  const limits = limitsFor(config, {
    microBatchTokens: options.microBatchTokens,
    maxAnswersInFlight: options.maxAnswersInFlight,
    keepActivations: options.keepActivations,
  });
  const sharing = command === "sft" ? 1 : options.numGenerations;
  const shape = (answers: number): BatchShape => ({
    prompts: Math.ceil(answers / sharing),
    promptLength: lengths.prompt,
    answers,
    answerLength: lengths.answer,
  });
  const learnt = Math.floor(limits.tokens / (lengths.answer + lengths.prompt / sharing));
  const round = roundsOf(options).problems * sharing;
  return {
    limits,
    int8: command === "train" && options.rolloutPrecision === "int8",
    microBatch: shape(Math.min(options.miniBatchSize * sharing, Math.max(1, learnt))),
    inFlight:
      command === "sft"
        ? undefined
        : shape(Math.min(round, limits.inFlight(lengths.answer, lengths.prompt, sharing))),
  };
}

export interface RunMemory {
  readonly parts: readonly MemoryPart[];
  /** Bytes: all of them, as what an update worked in is kept for the next while answers are sampled. */
  readonly peak: number;
}

export function runMemory(
  config: ModelConfig,
  { limits, microBatch, inFlight, int8 }: RunBatches,
): RunMemory {
  const parts = [
    ...standingMemory(config, true),
    ...(int8 ? [int8Memory(config)] : []),
    ...updateMemory(config, microBatch, limits.keep),
    ...(inFlight === undefined
      ? []
      : [...scoringMemory(config, microBatch), ...samplingMemory(config, inFlight)]),
  ];
  return { parts, peak: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
}
