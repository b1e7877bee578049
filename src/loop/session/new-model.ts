/**
 * A new model's shape, from the options of `sft --model new`.
 */
import type { ModelConfig } from "../../models/config.ts";
import type { Options } from "../../options/options.ts";

/** A Llama of the options' sizes, with tied head. */
export function newModelConfig(options: Options, vocabSize: number): ModelConfig {
  return {
    architecture: "llama",
    vocabSize,
    width: options.hiddenSize,
    layers: options.numHiddenLayers,
    heads: options.numAttentionHeads,
    kvHeads: options.numKeyValueHeads,
    headDim: options.hiddenSize / options.numAttentionHeads,
    ffnWidth: options.intermediateSize,
    rmsEps: 1e-5,
    rope: { type: "default", theta: 10_000 },
    contextLength: options.maxPositionEmbeddings,
    tiedHead: true,
    biases: [],
  };
}
