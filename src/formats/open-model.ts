/**
 * A model's files, opened: a Hugging Face folder or a GGUF file → config, tokenizer, tensors by name.
 *
 * Every tensor is checked for presence and shape before the first is read, so that a model that
 * opens also loads.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ModelError } from "../errors.ts";
import { isFile, readJson } from "../files/checked-file.ts";
import type { ModelConfig } from "../models/config.ts";
import { parseConfig } from "../models/config-json.ts";
import { tensorShapes } from "../models/tensor-shapes.ts";
import { checkFinite } from "./finite.ts";
import { ggufName, isDerived } from "./gguf/gguf-layout.ts";
import { ggufConfig, readGgufTensor } from "./gguf/gguf-model.ts";
import { openGgufParts } from "./gguf/gguf-parts.ts";
import { ggufTokenizer } from "./gguf/gguf-tokenizer.ts";
import type { ModelFiles } from "./model-files.ts";
import { holdsAdapters, merged, openAdapters } from "./peft/adapter-files.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors/safetensors.ts";
import { openTokenizer, type Tokenizer } from "./tokenizer/tokenizer.ts";

const CONFIG_BYTES = 2 ** 20;
const INDEX_BYTES = 2 ** 24;
const MOST_SHARDS = 2 ** 10;

/**
 * Opens a Hugging Face folder (one model.safetensors, or shards and their index) or a .gguf file; or a
 * PEFT folder, as the one model that its adapters and their base are together.
 *
 * @throws ModelError naming the file, and the key or tensor in it that is missing, damaged or not supported
 */
export async function openModel(path: string): Promise<ModelFiles> {
  const kind = await stat(path).catch(() => undefined);
  if (!kind) {
    const next = "Give the path of a Hugging Face folder or of a .gguf file.";
    throw new ModelError({ where: path, expected: "a model", got: "no such file or folder", next });
  }
  if (!kind.isDirectory()) return openGgufModel(path);
  return (await holdsAdapters(path)) ? merged(await openAdapters(path, openModel)) : openFolder(path);
}

async function openFolder(path: string): Promise<ModelFiles> {
  const configPath = join(path, "config.json");
  const json = await readJson(configPath, CONFIG_BYTES);
  const config = parseConfig(json, configPath);
  const tokenizer = await openTokenizer(path);
  const generationPath = join(path, "generation_config.json");
  const generation = (await isFile(generationPath)) ? await readJson(generationPath, CONFIG_BYTES) : {};
  const eosIds = [...idsIn(json, configPath), ...idsIn(generation, generationPath)];
  const shards = await openShards(path);
  const where = new Map<string, SafetensorsFile>();
  for (const shard of shards) for (const name of shard.tensors.keys()) where.set(name, shard);
  await refuseSecondHead(config, where, configPath);
  checkTensors(
    path,
    config,
    (name) => where.get(name)?.tensors.get(name)?.shape,
    [...where.keys()].filter((name) => !name.endsWith(".rotary_emb.inv_freq") && name !== "lm_head.weight"),
    (name) => name,
  );
  return {
    path,
    config,
    tokenizer,
    configJson: json as Record<string, unknown>,
    generationJson: generation as Record<string, unknown>,
    stored: [...new Set(shards.flatMap(({ tensors }) => [...tensors.values()].map(({ dtype }) => dtype)))],
    eosIds: checkIds(path, config, eosIds, tokenizer),
    read: async (name) => {
      const shard = where.get(name)!;
      return checkFinite(shard.path, name, await shard.read(name));
    },
  };
}

async function openGgufModel(path: string): Promise<ModelFiles> {
  const file = await openGgufParts(path);
  const config = await ggufConfig(file);
  const tokenizer = ggufTokenizer(file);
  const present = [...file.tensors.keys()].filter((name) => !isDerived(name));
  const named = (name: string) => ggufName(config.architecture, name);
  checkTensors(path, config, (name) => file.tensors.get(named(name))?.shape, present, named);
  return {
    path,
    config,
    tokenizer,
    configJson: {},
    generationJson: {},
    stored: [...new Set([...file.tensors.values()].map(({ type }) => type.name))],
    eosIds: checkIds(path, config, [], tokenizer),
    read: async (name) => checkFinite(path, name, await readGgufTensor(file, config, name)),
  };
}

/** The folder's weights: one file, or the shards that an index names. */
async function openShards(folder: string): Promise<SafetensorsFile[]> {
  const single = join(folder, "model.safetensors");
  if (await isFile(single)) return [await openSafetensors(single)];
  const indexPath = join(folder, "model.safetensors.index.json");
  if (!(await isFile(indexPath))) {
    throw new ModelError({
      where: folder,
      expected: "model.safetensors or model.safetensors.index.json",
      got: "neither",
      next: "Fetch the model's safetensors files; pickled weights (.bin, .pt) are not read.",
    });
  }
  const parsed = indexSchema.safeParse(await readJson(indexPath, INDEX_BYTES));
  if (!parsed.success)
    throw damaged(indexPath, "a weight_map of tensors to files", parsed.error.issues[0].message);
  const tensorsOf = new Map<string, string[]>();
  for (const [tensor, shard] of Object.entries(parsed.data.weight_map)) {
    // A name with a separator could lead out of the folder.
    if (!/^[\w.-]+\.safetensors$/.test(shard))
      throw damaged(indexPath, `${tensor} in a file beside the index`, shard);
    tensorsOf.set(shard, [...(tensorsOf.get(shard) ?? []), tensor]);
  }
  if (tensorsOf.size > MOST_SHARDS)
    throw damaged(indexPath, `at most ${MOST_SHARDS} shards`, `${tensorsOf.size}`);
  return openAll(folder, tensorsOf);
}

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

async function openAll(folder: string, tensorsOf: Map<string, string[]>): Promise<SafetensorsFile[]> {
  const shards: SafetensorsFile[] = [];
  const seen = new Map<string, string>();
  for (const [name, tensors] of tensorsOf) {
    const shard = await openSafetensors(join(folder, name));
    shards.push(shard);
    const missing = tensors.find((tensor) => !shard.tensors.has(tensor));
    if (missing !== undefined)
      throw damaged(shard.path, `${missing}, which the index puts here`, "no such tensor");
    for (const tensor of shard.tensors.keys()) {
      const other = seen.get(tensor);
      if (other !== undefined) throw damaged(shard.path, `${tensor} in one shard`, `it in ${other}, too`);
      seen.set(tensor, name);
    }
  }
  return shards;
}

/** Every tensor of the config is there, of its shape, and none that the decoder would leave out. */
function checkTensors(
  path: string,
  config: ModelConfig,
  shapeOf: (name: string) => readonly number[] | undefined,
  present: readonly string[],
  nameInFile: (name: string) => string,
): void {
  const expected = tensorShapes(config);
  for (const [name, shape] of expected) {
    const got = shapeOf(name);
    if (!got) throw damaged(path, `a tensor ${nameInFile(name)} [${shape.join(", ")}]`, "none of that name");
    if (got.length !== shape.length || got.some((length, i) => length !== shape[i]))
      throw damaged(path, `${nameInFile(name)} of shape [${shape.join(", ")}]`, `[${got.join(", ")}]`);
  }
  const known = new Set([...expected.keys()].map(nameInFile));
  const extra = present.find((name) => !known.has(name));
  if (extra === undefined) return;
  throw new ModelError({
    where: path,
    expected: `the tensors of a ${config.architecture} model and no others`,
    got: `one named ${extra.slice(0, 80)}`,
    next: "The model has a part that is not supported (a bias, an adapter, another head), or its config is another's.",
  });
}

/**
 * A folder whose head is tied may still hold the head's tensor, a copy of the embedding. Where it is
 * no copy, versions of transformers differ in which they take.
 */
async function refuseSecondHead(
  config: ModelConfig,
  where: Map<string, SafetensorsFile>,
  configPath: string,
) {
  const head = where.get("lm_head.weight");
  const embedding = where.get("model.embed_tokens.weight");
  if (!config.tiedHead || !head || !embedding) return;
  const [one, other] = [await head.read("lm_head.weight"), await embedding.read("model.embed_tokens.weight")];
  if (Buffer.from(one.buffer).equals(Buffer.from(other.buffer))) return;
  throw new ModelError({
    where: configPath,
    expected: "lm_head.weight equal to model.embed_tokens.weight, as tie_word_embeddings says",
    got: "two different tensors",
    next: "Set tie_word_embeddings to false to use both, or remove lm_head.weight.",
  });
}

const eosSchema = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });

function idsIn(json: unknown, path: string): number[] {
  const parsed = eosSchema.safeParse(json);
  if (!parsed.success)
    throw damaged(path, "eos_token_id as a number or a list", parsed.error.issues[0].message);
  const ids = parsed.data.eos_token_id ?? [];
  return Array.isArray(ids) ? ids : [ids];
}

/**
 * Joins the ids that end a text, and holds them and the tokenizer to the model's vocabulary. One that is outside of it
 * ends nothing, and refuses a model only where no other does.
 */
function checkIds(
  path: string,
  config: ModelConfig,
  ids: number[],
  tokenizer: Tokenizer | undefined,
): number[] {
  if (tokenizer && tokenizer.vocabulary > config.vocabSize)
    throw damaged(
      path,
      `a tokenizer of at most ${config.vocabSize} tokens`,
      `one of ${tokenizer.vocabulary}`,
    );
  const all = [...new Set([...ids, ...(tokenizer?.eosIds ?? [])])].sort((a, b) => a - b);
  const inside = all.filter((id) => id >= 0 && id < config.vocabSize);
  if (inside.length === 0 && all.length > 0)
    throw damaged(path, `eos_token_id below ${config.vocabSize}`, all.join(", "));
  return inside;
}

function damaged(where: string, expected: string, got: string): ModelError {
  return new ModelError({
    where,
    expected,
    got,
    next: "The files do not fit together; fetch the model again.",
  });
}
