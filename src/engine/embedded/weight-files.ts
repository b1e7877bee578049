/**
 * A model's weights between disk and memory: a whole model; or a base model with adapters, which alone are
 * saved and loaded again.
 */
import { resolve } from "node:path";
import { ModelError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";
import {
  type Adapters,
  holdsAdapters,
  openAdapters,
  saveAdapters,
} from "../../formats/peft/adapter-files.ts";
import { saveModel } from "../../formats/save-model.ts";
import { type ModelConfig, tensorShapes } from "../../models/config.ts";
import { adapterShapes, type Lora, loraText, sameLora } from "../../models/lora.ts";
import type { EngineOptions } from "../engine.ts";
import { freshAdapter } from "./fresh-adapters.ts";
import { Parameters } from "./parameters.ts";

export interface Weights {
  /** Of the whole model or, with adapters, of the base. Closed. */
  readonly files: ModelFiles;
  readonly parameters: Parameters;
}

/** @throws ModelError where the files cannot be read, or hold other adapters than were asked for */
export async function openWeights({ model, lora }: EngineOptions): Promise<Weights> {
  if (lora === undefined) {
    const files = await openModel(model);
    return read(files, files.config, (name) => files.read(name), files.close);
  }
  if (await holdsAdapters(model)) {
    const adapters = await openAdapters(model, openModel);
    const config = { ...adapters.base.config, lora: adapters.lora };
    const names = adapterShapes(adapters.lora, tensorShapes(config));
    const from = (name: string) => (names.has(name) ? adapters.read(name) : adapters.base.read(name));
    return read(adapters.base, config, from, adapters.close, () => refuseOther(adapters, lora));
  }
  const { seed, ...fresh } = lora;
  const files = await openModel(model);
  const config = { ...files.config, lora: fresh };
  const shapes = [...adapterShapes(fresh, tensorShapes(config))];
  const made = new Map(shapes.map(([name, shape], i) => [name, () => freshAdapter(name, shape, i, seed)]));
  return read(files, config, async (name) => made.get(name)?.() ?? files.read(name), files.close);
}

async function read(
  files: ModelFiles,
  config: ModelConfig,
  from: (name: string) => Promise<Float32Array>,
  close: () => Promise<void>,
  check: () => void = () => {},
): Promise<Weights> {
  try {
    check();
    return { files, parameters: await Parameters.read(config, from) };
  } finally {
    await close();
  }
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
  { files, parameters }: Weights,
  eosIds: readonly number[],
): Promise<void> {
  const { config } = parameters;
  const { tokenizer } = files;
  const tensors = parameters.named(parameters.trained);
  if (config.lora) await saveAdapters(folder, { lora: config.lora, base: files.path, tensors, tokenizer });
  else await saveModel(folder, { config, tensors, eosIds, tokenizer, original: files.configJson });
}

/** Takes what is trained from a folder that `saveWeights` wrote. @throws ModelError where it is another model's */
export async function loadWeights(folder: string, { files, parameters }: Weights): Promise<void> {
  const { lora } = parameters.config;
  const stored = lora === undefined ? await openModel(folder) : await openAdapters(folder, openModel);
  try {
    if ("lora" in stored) checkSame(stored, lora!, files);
    else checkShapes(stored, parameters, files);
    for (const [name, data] of parameters.trained) data.set(await stored.read(name));
  } finally {
    await stored.close();
  }
}

function checkSame(stored: Adapters, lora: Lora, files: ModelFiles): void {
  const [there, here] = [resolve(stored.base.path), resolve(files.path)];
  if (there === here && sameLora(stored.lora, lora)) return;
  throw anotherModel(
    stored.path,
    `adapters of ${loraText(lora)} for ${here}`,
    `${loraText(stored.lora)} for ${there}`,
  );
}

function checkShapes(stored: ModelFiles, parameters: Parameters, files: ModelFiles): void {
  const there = tensorShapes(stored.config);
  for (const [name, shape] of parameters.shapes)
    if (there.get(name)?.join() !== shape.join())
      throw anotherModel(
        stored.path,
        `${name} [${shape.join(", ")}], as in ${files.path}`,
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
