/**
 * How much is run at a time, where the user has not said: chosen so that one layer's work fills the cores
 * and everything kept fits in a part of the memory that this process may use.
 */
import type { ModelConfig } from "../../models/config.ts";
import type { EngineOptions } from "../engine.ts";
import { memoryHere } from "./machine-memory.ts";

export interface Limits {
  /** Tokens of a micro-batch. */
  readonly tokens: number;
  readonly keep: boolean;
  /** Answers sampled together, of up to `maxTokens` each, where so many share a prompt of `promptTokens`. */
  inFlight(maxTokens: number, promptTokens: number, sharing: number): number;
}

const BYTES = 4;
const MICRO_BATCH_TOKENS = 1280;
/** More answers at a time no longer make a token cheaper. */
const MOST_IN_FLIGHT = 512;

/** Bytes that each token leaves with every layer, for the backward pass: what `Kept` lists, and the layer's input. */
const keptBytes = (c: ModelConfig): number =>
  BYTES * c.layers * (2 * c.headDim * (c.heads + c.kvHeads) + 2 * c.width + 2 * c.ffnWidth);

/** Bytes of keys and values of one token. */
const cacheBytes = (c: ModelConfig): number => BYTES * c.layers * 2 * c.kvHeads * c.headDim;

export function limitsFor(c: ModelConfig, options: Omit<EngineOptions, "model">): Limits {
  const memory = memoryHere().total;
  const tokens = options.microBatchTokens ?? MICRO_BATCH_TOKENS;
  return {
    tokens,
    keep: options.keepActivations ?? keptBytes(c) * tokens < memory / 8,
    inFlight(maxTokens, promptTokens, sharing) {
      if (options.maxAnswersInFlight !== undefined) return options.maxAnswersInFlight;
      const caches = Math.floor(memory / 24 / (cacheBytes(c) * (maxTokens + promptTokens / sharing)));
      return Math.max(1, Math.min(MOST_IN_FLIGHT, caches));
    },
  };
}
