/**
 * A PEFT folder: adapter_config.json, adapter_model.safetensors and the path of the model they belong to.
 *
 *   a folder  →  the base model's files and, checked against them, the adapters
 *
 * `merged` makes one model of both; training keeps them apart.
 */
import { stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { InternalError, ModelError } from "../../errors.ts";
import { writeJson } from "../../files/atomic-write.ts";
import { isFile } from "../../files/checked-file.ts";
import { type HubId, parseHubId } from "../../hub/hub-id.ts";
import type { ModelConfig } from "../../models/config.ts";
import {
  adapterNames,
  adapterShapes,
  type LinearLayer,
  type Lora,
  linearLayers,
  merge,
  targetsAmong,
} from "../../models/lora.ts";
import { linearLayersOf, tensorShapes } from "../../models/tensor-shapes.ts";
import { checkFinite } from "../finite.ts";
import type { Adapters, ModelFiles } from "../model-files.ts";
import { openSafetensors, type SafetensorsFile } from "../safetensors/safetensors.ts";
import { type NamedTensor, writeSafetensors } from "../safetensors/safetensors-writer.ts";
import { openTokenizer, saveTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { ADAPTER_CONFIG, adapterConfigJson, type BaseName, readAdapterConfig } from "./adapter-config.ts";

const TENSORS = "adapter_model.safetensors";
/** What PEFT puts before the names of the base model's modules. */
const PREFIX = "base_model.model.";

/** True for a folder of adapters, whether or not they can be read. */
export const holdsAdapters = (path: string): Promise<boolean> => isFile(join(path, ADAPTER_CONFIG));

/**
 * Opens a PEFT folder and the model it was trained beside.
 *
 * @param openBase  opens that model
 * @throws ModelError naming the file and the setting or tensor that is missing, damaged or not supported
 */
export async function openAdapters(
  path: string,
  openBase: (path: string) => Promise<ModelFiles>,
): Promise<Adapters> {
  const { lora, base: baseName } = await readAdapterConfig(path);
  const weights = join(path, TENSORS);
  if (!(await isFile(weights)))
    throw new ModelError({
      where: path,
      expected: TENSORS,
      got: "no such file",
      next: "Fetch the adapter's safetensors file; pickled weights (.bin) are not read.",
    });
  const base = await openBase(await findBase(path, baseName));
  const file = await openSafetensors(weights);
  const named = lora.targets ?? targetsIn(file);
  const whole = { ...lora, targets: targetsAmong(linearLayersOf(base.config), named) ?? named };
  checkAdapters(file, whole, base.config);
  const tokenizer = (await openTokenizer(path)) ?? base.tokenizer;
  checkTokenizer(path, tokenizer, base.config);
  const eosIds = [...new Set([...base.eosIds, ...(tokenizer?.eosIds ?? [])])].sort((a, b) => a - b);
  return {
    path,
    lora: whole,
    base: { ...base, tokenizer, eosIds },
    async read(name) {
      if (!file.tensors.has(PREFIX + name))
        throw new InternalError(`${name} is none of the adapters of ${path}`);
      return checkFinite(weights, PREFIX + name, await file.read(PREFIX + name));
    },
  };
}

/** The one model that base and adapters are together: its tensors are merged as they are read. */
export function merged(adapters: Adapters): ModelFiles {
  const { base, lora, path } = adapters;
  const there = adapterShapes(lora, tensorShapes(base.config));
  return {
    ...base,
    path,
    async read(name) {
      const weight = await base.read(name);
      const [a, b] = adapterNames(name);
      if (there.has(a)) merge(weight, await adapters.read(a), await adapters.read(b), lora);
      return weight;
    },
    adapters,
  };
}

/** The base's path. The hub's cache is looked into, the hub is not asked: see `hubBase`. */
async function findBase(folder: string, base: BaseName): Promise<string> {
  const id = hubId(base);
  const path = (await localBase(folder, base)) ?? (id && (await cached(id)));
  if (path === undefined)
    throw new ModelError({
      where: join(folder, ADAPTER_CONFIG),
      expected: "base_model_name_or_path of a model on this machine",
      got: `${base.name.slice(0, 200)}, which is not there`,
      next: "Fetch the base model and write its path there: an absolute one, or one from this folder.",
    });
  if (!(await holdsAdapters(path))) return path;
  throw new ModelError({
    where: join(folder, ADAPTER_CONFIG),
    expected: "base_model_name_or_path of a whole model",
    got: `${path}, which holds adapters itself`,
    next: "Merge those into their own base model first, and name the result.",
  });
}

/** Loaded where it is needed: most adapters name a path. */
const cached = async (id: HubId): Promise<string | undefined> =>
  (await import("../../hub/hub-model.ts")).cachedModel(id);

/** PEFT takes a path as from where it runs; a folder that was moved together with its base is found, too. */
async function localBase(folder: string, { name }: BaseName): Promise<string | undefined> {
  const places = isAbsolute(name) ? [name] : [resolve(name), resolve(folder, name)];
  for (const place of places) if ((await stat(place).catch(() => undefined)) !== undefined) return place;
  return undefined;
}

const hubId = ({ name, revision }: BaseName): HubId | undefined =>
  parseHubId(revision === undefined ? name : `${name}@${revision}`, [".gguf"]);

/**
 * What has to be fetched before a folder of adapters can be opened: the hub's name of its base, where no
 * path on this machine is meant. Undefined for any other folder.
 */
export async function hubBase(folder: string): Promise<HubId | undefined> {
  if (!(await holdsAdapters(folder))) return undefined;
  const { base } = await readAdapterConfig(folder);
  return (await localBase(folder, base)) === undefined ? hubId(base) : undefined;
}

/** A model in the hub's cache goes by its id and commit, which mean the same on another machine; others by path. */
function baseName(path: string): BaseName {
  const place = /[\\/]models--([^\\/]+?)--([^\\/]+)[\\/]snapshots[\\/]([0-9a-f]{40})(?:[\\/](.+\.gguf))?$/;
  const [, owner, name, revision, file] = place.exec(path) ?? [];
  if (owner === undefined) return { name: path };
  return { name: [owner, name, ...(file === undefined ? [] : [file])].join("/"), revision };
}

/** The layers that the file has adapters of, where the config's pattern is not run. */
function targetsIn({ tensors }: SafetensorsFile): LinearLayer[] {
  const names = [...tensors.keys()];
  return (Object.keys(linearLayers) as LinearLayer[]).filter((layer) =>
    names.some((name) => name.endsWith(`.${linearLayers[layer]}.lora_A.weight`)),
  );
}

/** Every adapter of the config is there, of its shape, in every layer, and nothing else is. */
function checkAdapters(file: SafetensorsFile, lora: Lora, config: ModelConfig): void {
  const expected = adapterShapes(lora, tensorShapes(config));
  const damaged = (expected: string, got: string) =>
    new ModelError({
      where: file.path,
      expected,
      got,
      next: "The adapter's files do not fit together or its base is another model; adapters of some layers only, of the head or of the embedding are not supported.",
    });
  for (const [name, shape] of expected) {
    const got = file.tensors.get(PREFIX + name)?.shape;
    if (!got) throw damaged(`a tensor ${PREFIX}${name} [${shape.join(", ")}]`, "none of that name");
    if (got.join() !== shape.join())
      throw damaged(`${PREFIX}${name} of shape [${shape.join(", ")}]`, `[${got.join(", ")}]`);
  }
  const extra = [...file.tensors.keys()].find(
    (name) => !name.startsWith(PREFIX) || !expected.has(name.slice(PREFIX.length)),
  );
  if (extra !== undefined || expected.size === 0)
    throw damaged(
      `adapters of ${lora.targets.join(", ") || "some matrix"} and no other tensors`,
      extra === undefined ? "none" : `one named ${extra.slice(0, 120)}`,
    );
}

function checkTokenizer(path: string, tokenizer: Tokenizer | undefined, config: ModelConfig): void {
  if (tokenizer === undefined || tokenizer.vocabulary <= config.vocabSize) return;
  throw new ModelError({
    where: path,
    expected: `a tokenizer of at most ${config.vocabSize} tokens, as many as the base model has`,
    got: `one of ${tokenizer.vocabulary}`,
    next: "Adapters that come with new tokens are not supported.",
  });
}

export interface AdapterParts {
  readonly lora: Lora;
  /** The base model's path. */
  readonly base: string;
  /** All of `adapterShapes` for the base's tensors. */
  readonly tensors: Iterable<NamedTensor>;
  readonly tokenizer?: Pick<Tokenizer, "files"> | undefined;
}

/**
 * Writes a PEFT folder: adapter_model.safetensors, the tokenizer's files and, last, adapter_config.json.
 *
 * @throws RunError where the disk is full or the folder may not be written
 */
export async function saveAdapters(folder: string, parts: AdapterParts): Promise<void> {
  const tensors = [...parts.tensors].map((tensor) => ({ ...tensor, name: PREFIX + tensor.name }));
  await writeSafetensors(join(folder, TENSORS), tensors);
  if (parts.tokenizer) await saveTokenizer(folder, parts.tokenizer.files);
  await writeJson(join(folder, ADAPTER_CONFIG), adapterConfigJson(parts.lora, baseName(resolve(parts.base))));
}
