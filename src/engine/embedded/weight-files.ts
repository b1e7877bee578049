/**
 * A model's weights between disk and memory: a whole model; or a base model with adapters, which alone are
 * saved and loaded again.
 */
import { resolve } from "node:path";
import { ModelError } from "../../errors.ts";
import type { Adapters, ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";
import { openAdapters, saveAdapters } from "../../formats/peft/adapter-files.ts";
import { saveModel } from "../../formats/save-model.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { ModelConfig } from "../../models/config.ts";
import {
  adapterShapes,
  type LinearLayer,
  type Lora,
  loraText,
  sameLora,
  targetsAmong,
} from "../../models/lora.ts";
import { linearLayersOf, tensorShapes } from "../../models/tensor-shapes.ts";
import type { EngineOptions } from "../engine.ts";
import { freshAdapter } from "./fresh-adapters.ts";
import type { Parameters } from "./parameters.ts";

/** What a model's files say beside the weights: plain data, as a thread takes it. */
export interface ModelOrigin {
  /** Of the whole model or, with adapters, of the base. */
  readonly path: string;
  /** With the adapters that are trained. */
  readonly config: ModelConfig;
  readonly eosIds: readonly number[];
  readonly original: Pick<ModelFiles, "configJson" | "generationJson">;
  readonly tokenizer: Pick<Tokenizer, "bosId" | "files"> | undefined;
}

/** A model on the disk, as it is trained. */
export interface StoredWeights {
  readonly origin: ModelOrigin;
  /** Each of `parameterShapes(origin.config)`. @throws ModelError where it cannot be read */
  readonly read: (name: string) => Promise<Float32Array>;
}

/** @throws ModelError where the files cannot be opened, or hold other adapters than were asked for */
export async function openWeights({ model, lora: asked }: EngineOptions): Promise<StoredWeights> {
  const files = typeof model === "string" ? await openModel(model) : model;
  const lora = asked && { ...asked, targets: targetsOfModel(files, asked) };
  if (lora === undefined) return { origin: originOf(files, files.config), read: files.read };
  const { adapters } = files;
  if (adapters !== undefined) {
    refuseOther(adapters, lora);
    const { base } = adapters;
    const config = { ...base.config, lora: adapters.lora };
    const names = adapterShapes(adapters.lora, tensorShapes(config));
    const read = (name: string) => (names.has(name) ? adapters.read(name) : base.read(name));
    return { origin: originOf(base, config), read };
  }
  const { seed, ...fresh } = lora;
  const config = { ...files.config, lora: fresh };
  const shapes = [...adapterShapes(fresh, tensorShapes(config))];
  const made = new Map(shapes.map(([name, shape], i) => [name, () => freshAdapter(name, shape, i, seed)]));
  return {
    origin: originOf(files, config),
    read: async (name) => made.get(name)?.() ?? files.read(name),
  };
}

function targetsOfModel({ path, config }: ModelFiles, { targets }: Lora): readonly LinearLayer[] {
  const own = linearLayersOf(config);
  const found = targetsAmong(own, targets);
  if (found !== undefined) return found;
  throw new ModelError({
    where: path,
    expected: `adapters of ${own.join(", ")}, the matrices that a ${config.architecture} model has`,
    got: targets.join(", "),
    next: "Set lora_target_modules to some of these, or to all-linear.",
  });
}

function originOf(model: ModelFiles, config: ModelConfig): ModelOrigin {
  const { path, eosIds, configJson, generationJson } = model;
  const { bosId, files } = model.tokenizer ?? {};
  return {
    path,
    config,
    eosIds,
    original: { configJson, generationJson },
    tokenizer: files && { ...(bosId !== undefined && { bosId }), files },
  };
}

function refuseOther({ path, lora }: Adapters, asked: Lora): void {
  // Whether the scale is rank-stabilized is the folder's to say.
  if (sameLora(lora, { ...asked, rankStabilized: lora.rankStabilized })) return;
  throw new ModelError({
    where: path,
    expected: `adapters of ${loraText(asked)}, as the options say`,
    got: loraText(lora),
    next: "Set lora_rank, lora_alpha and lora_target_modules as they are there to go on training them, or lora_rank 0 to merge them and train the whole model.",
  });
}

/** Writes a Hugging Face folder, or a PEFT folder that names the base model. */
export async function saveWeights(
  folder: string,
  { path, eosIds, original, tokenizer }: ModelOrigin,
  parameters: Parameters,
): Promise<void> {
  const { config } = parameters;
  const tensors = parameters.named(parameters.trained);
  if (config.lora) await saveAdapters(folder, { lora: config.lora, base: path, tensors, tokenizer });
  else await saveModel(folder, { config, tensors, eosIds, tokenizer, original });
}

/** Takes what is trained from a folder that `saveWeights` wrote. @throws ModelError where it is another model's */
export async function loadWeights(
  folder: string,
  { path }: ModelOrigin,
  parameters: Parameters,
): Promise<void> {
  const { lora } = parameters.config;
  const stored = lora === undefined ? await openModel(folder) : await openAdapters(folder, openModel);
  if ("lora" in stored) checkSame(stored, lora!, path);
  else checkShapes(stored, parameters, path);
  for (const [name, data] of parameters.trained) data.set(await stored.read(name));
}

function checkSame(stored: Adapters, lora: Lora, path: string): void {
  const [there, here] = [resolve(stored.base.path), resolve(path)];
  if (there === here && sameLora(stored.lora, lora)) return;
  throw anotherModel(
    stored.path,
    `adapters of ${loraText(lora)} for ${here}`,
    `${loraText(stored.lora)} for ${there}`,
  );
}

function checkShapes(stored: ModelFiles, parameters: Parameters, path: string): void {
  const there = tensorShapes(stored.config);
  for (const [name, shape] of parameters.shapes)
    if (there.get(name)?.join() !== shape.join())
      throw anotherModel(
        stored.path,
        `${name} [${shape.join(", ")}], as in ${path}`,
        there.has(name) ? `[${there.get(name)!.join(", ")}]` : "no such tensor",
      );
}

const anotherModel = (where: string, expected: string, got: string) =>
  new ModelError({
    where,
    expected,
    got,
    next: "This checkpoint was trained from another model; the run's options.yaml names which.",
  });
