/**
 * A model's files, written: a Hugging Face folder that errata and transformers both read.
 *
 * Each file is whole or not there, and config.json, without which nothing opens a folder, is last.
 */
import { join } from "node:path";
import { InternalError } from "../errors.ts";
import { writeJson, writeWhole } from "../files/atomic-write.ts";
import type { ModelConfig } from "../models/config.ts";
import { configJson, configText } from "../models/config-json.ts";
import { tensorShapes } from "../models/tensor-shapes.ts";
import type { ModelFiles } from "./model-files.ts";
import { type FloatType, type LazyTensor, writeWeights } from "./safetensors/safetensors-writer.ts";
import { saveTokenizer, type Tokenizer } from "./tokenizer/tokenizer.ts";

export interface ModelParts {
  readonly config: ModelConfig;
  /** All of `tensorShapes(config)`. */
  readonly tensors: Iterable<LazyTensor>;
  readonly eosIds: readonly number[];
  readonly tokenizer?: Pick<Tokenizer, "bosId" | "files"> | undefined;
  /** As which the weights are stored; F32 without it. */
  readonly dtype?: FloatType;
  /** The largest file of weights; 5 GB without it. */
  readonly shardBytes?: number;
  /** The config.json and generation_config.json that the model came with. */
  readonly original?: Pick<ModelFiles, "configJson" | "generationJson">;
}

const torchNames: Record<FloatType, string> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/**
 * Writes config.json, generation_config.json, model.safetensors (or shards and their index) and the tokenizer's files.
 *
 * @throws RunError where the disk is full or the folder may not be written
 */
export async function saveModel(folder: string, parts: ModelParts): Promise<void> {
  const { config, tokenizer, eosIds, dtype = "F32", original, shardBytes } = parts;
  const tensors = [...parts.tensors].map((tensor) => ({ dtype, ...tensor }));
  const missing = new Map(tensorShapes(config));
  for (const { name, shape } of tensors)
    if (missing.get(name)?.join() !== shape.join() || !missing.delete(name))
      throw new InternalError(`${name} [${shape.join(", ")}] is no tensor of the model being saved`);
  if (missing.size > 0) throw new InternalError(`no ${[...missing.keys()][0]} for the model being saved`);
  await writeWeights(folder, tensors, shardBytes);
  if (tokenizer) await saveTokenizer(folder, tokenizer.files);
  const special = {
    ...(tokenizer?.bosId === undefined ? {} : { bos_token_id: tokenizer.bosId }),
    ...(eosIds.length === 0 ? {} : { eos_token_id: eosIds.length === 1 ? eosIds[0] : eosIds }),
  };
  const generation = Object.keys(original?.generationJson ?? {}).length > 0;
  await writeJson(join(folder, "generation_config.json"), {
    ...(generation ? original!.generationJson : { _from_model_config: true }),
    ...special,
  });
  const type = torchNames[dtype];
  const json = configText({
    ...configJson(config, original?.configJson),
    ...special,
    dtype: type,
    torch_dtype: type,
  });
  await writeWhole(join(folder, "config.json"), (handle) => handle.writeFile(json));
}
