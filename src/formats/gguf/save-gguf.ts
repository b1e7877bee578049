/**
 * A model's files, written as one GGUF file for llama.cpp: the inverse of gguf-model.ts.
 */
import { architectureOf } from "../../models/architectures.ts";
import { type ModelConfig, rotaryDim } from "../../models/config.ts";
import { frequencyDivisors } from "../../models/rope.ts";
import { tensorShapes } from "../../models/tensor-shapes.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { ggufRefusal, hyperparameters } from "./gguf-hyperparameters.ts";
import { ggufName, LONG_FACTORS, ROPE_DIVISORS, SHORT_FACTORS, toGguf } from "./gguf-layout.ts";
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
  const refusal = ggufRefusal(config);
  if (refusal !== undefined) throw refusal;
  const metadata: Record<string, GgufEntry> = {
    "general.architecture": { text: architectureOf(config.architecture).gguf?.name ?? config.architecture },
    "general.name": { text: name },
    "general.file_type": { u32: fileTypes[type] },
    "general.quantization_version": { u32: QUANTIZATION_VERSION },
    ...hyperparameters(config),
    ...ggufVocabulary(tokenizer, eosIds, config.vocabSize),
  };
  const tensors = [...tensorShapes(config)].map(
    ([name, shape]): GgufTensorToWrite => ({
      name: ggufName(config.architecture, name),
      shape,
      type: typeFor(shape, writtenTypes[type]),
      data: async () => toGguf(await parts.read(name), config, name),
    }),
  );
  await writeGguf(path, metadata, [...ropeTensors(config), ...tensors]);
}

function typeFor(shape: readonly number[], type: WrittenType): WrittenType {
  if (shape.length === 1) return writtenTypes.F32;
  return shape[1] % type.blockLength === 0 ? type : writtenTypes.F16;
}

/** What a file says of frequencies by tensors: their divisors, or factors for shorter and longer texts. */
function ropeTensors(config: ModelConfig): GgufTensorToWrite[] {
  const { rope } = config;
  const vector = (name: string, values: Iterable<number>): GgufTensorToWrite => {
    const data = Float32Array.from(values);
    return { name, shape: [data.length], type: writtenTypes.F32, data };
  };
  if (rope.type === "llama3") return [vector(ROPE_DIVISORS, frequencyDivisors(rope, rotaryDim(config)))];
  if (rope.type !== "longrope") return [];
  return [vector(LONG_FACTORS, rope.longFactors), vector(SHORT_FACTORS, rope.shortFactors)];
}
