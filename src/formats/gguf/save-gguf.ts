/**
 * A model's files, written as one GGUF file for llama.cpp: the inverse of gguf-model.ts.
 */
import { ModelError } from "../../errors.ts";
import { architectureNames, architectureOf } from "../../models/architectures.ts";
import type { ModelConfig } from "../../models/config.ts";
import { frequencyDivisors } from "../../models/rope.ts";
import { tensorShapes } from "../../models/tensor-shapes.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { ggufName } from "./gguf-model.ts";
import { type WrittenType, writtenTypes } from "./gguf-quants.ts";
import { ggufVocabulary } from "./gguf-vocabulary.ts";
import { type GgufEntry, type GgufTensorToWrite, writeGguf } from "./gguf-writer.ts";

export type GgufType = keyof typeof writtenTypes;

export interface GgufParts {
  readonly config: ModelConfig;
  /** Any of `tensorShapes(config)`, by its Hugging Face name. */
  readonly read: (name: string) => Promise<Float32Array>;
  readonly eosIds: readonly number[];
  readonly tokenizer: Tokenizer | undefined;
  /** As which matrices are stored; vectors are F32, and a matrix whose rows are no whole blocks is F16. */
  readonly type: GgufType;
  /** `general.name`. */
  readonly name: string;
}

/** `general.file_type`: what most matrices are. */
const fileTypes: Record<GgufType, number> = { F32: 0, F16: 1, Q8_0: 7, BF16: 32 };
/** Of `general.quantization_version`: how blocks are laid out since 2023. */
const QUANTIZATION_VERSION = 2;

/**
 * Writes a .gguf file, whole or not at all.
 *
 * @throws ModelError where llama.cpp has no way to say what this model or its tokenizer does,
 *   RunError where the file cannot be written
 */
export async function saveGguf(path: string, parts: GgufParts): Promise<void> {
  const { config, tokenizer, eosIds, type, name } = parts;
  refuseUnsayable(config);
  const metadata: Record<string, GgufEntry> = {
    "general.architecture": { text: config.architecture },
    "general.name": { text: name },
    "general.file_type": { u32: fileTypes[type] },
    "general.quantization_version": { u32: QUANTIZATION_VERSION },
    ...hyperparameters(config),
    ...ggufVocabulary(tokenizer, eosIds, config.vocabSize),
  };
  const tensors = [...tensorShapes(config)].map(
    ([name, shape]): GgufTensorToWrite => ({
      name: ggufName(name),
      shape,
      type: typeFor(shape, writtenTypes[type]),
      data: async () => interleave(await parts.read(name), config, name),
    }),
  );
  await writeGguf(path, metadata, [...ropeTensor(config), ...tensors]);
}

function hyperparameters(config: ModelConfig): Record<string, GgufEntry> {
  const named: Record<string, GgufEntry> = {
    block_count: { u32: config.layers },
    context_length: { u32: config.contextLength },
    embedding_length: { u32: config.width },
    feed_forward_length: { u32: config.ffnWidth },
    "attention.head_count": { u32: config.heads },
    "attention.head_count_kv": { u32: config.kvHeads },
    "attention.key_length": { u32: config.headDim },
    "attention.value_length": { u32: config.headDim },
    "attention.layer_norm_rms_epsilon": { f32: config.rmsEps },
    "rope.dimension_count": { u32: config.headDim },
    "rope.freq_base": { f32: config.rope.theta },
    vocab_size: { u32: config.vocabSize },
  };
  return Object.fromEntries(
    Object.entries(named).map(([key, value]) => [`${config.architecture}.${key}`, value]),
  );
}

function typeFor(shape: readonly number[], type: WrittenType): WrittenType {
  if (shape.length === 1) return writtenTypes.F32;
  return shape[1] % type.blockLength === 0 ? type : writtenTypes.F16;
}

/** llama.cpp turns neighbours in Llama models: the two halves of each head of q and k become even and odd rows. */
function interleave(data: Float32Array, config: ModelConfig, name: string): Float32Array {
  const [, letter] = /\.self_attn\.([qk])_proj\.(?:weight|bias)$/.exec(name) ?? [];
  if (!architectureOf(config.architecture).gguf?.neighbours || letter === undefined) return data;
  const { headDim } = config;
  const rows = (letter === "q" ? config.heads : config.kvHeads) * headDim;
  const columns = data.length / rows;
  const ordered = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headDim;
    const half = headDim / 2;
    const to = row - within + (within < half ? 2 * within : 2 * (within - half) + 1);
    ordered.set(data.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return ordered;
}

/** What llama.cpp has no way to say, or errata does not say to it yet. */
function refuseUnsayable({ architecture, rope, sliding, noRope, biases }: ModelConfig): void {
  const { gguf, biases: rules } = architectureOf(architecture);
  const refuse = (expected: string, got: string) =>
    new ModelError({
      where: "export to GGUF",
      expected,
      got,
      next: "The file would be another model to llama.cpp; export with --format hf.",
    });
  if (!gguf) {
    const known = architectureNames.filter((name) => architectureOf(name).gguf);
    throw refuse(`a model of ${known.join(", ")}`, architecture);
  }
  if (rope.type !== "default" && !(rope.type === "llama3" && gguf.frequencyDivisors))
    throw refuse(`plain rotary embeddings in a ${architecture} model`, `rope_type "${rope.type}"`);
  if (sliding || noRope) throw refuse("layers that are all alike", "sliding windows");
  if (biases.join() !== rules.flatMap(({ of, otherwise }) => (otherwise ? of : [])).join())
    throw refuse(`the biases that every ${architecture} model has`, `biases of ${biases.join(", ")}`);
}

/** Llama 3's scaling is in the file as its result: what each frequency is divided by. */
function ropeTensor({ rope, headDim }: ModelConfig): GgufTensorToWrite[] {
  if (rope.type === "default") return [];
  const data = Float32Array.from(frequencyDivisors(rope, headDim));
  return [{ name: "rope_freqs.weight", shape: [headDim / 2], type: writtenTypes.F32, data }];
}
