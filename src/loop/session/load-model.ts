/**
 * Loading a model: what names it → its files, opened once → its engine, and the tokenizer that goes with it.
 */
import type { Engine } from "../../engine/engine.ts";
import { type AnyEngineOptions, openEngine } from "../../engine/open-engine.ts";
import { holdsRemoteHandle, openRemoteCheckpoint } from "../../engine/remote/handle.ts";
import { ModelError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import { type Locating, locateModel } from "./locate-model.ts";

export interface LoadedModel {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
}

/**
 * @param model     a folder, a .gguf file, a run's folder, `pocket`, or a Hugging Face id; or its files
 * @param options   of the engine; by default it takes the cores and the memory there are, and trains all weights
 * @param locating  hears of a download, or stops it
 * @throws ModelError where it is missing, damaged, or has no tokenizer; HubError where it cannot be fetched
 */
export async function loadModel(
  model: string | ModelFiles,
  options: Omit<AnyEngineOptions, "model"> = {},
  locating: Locating = {},
): Promise<LoadedModel> {
  const files = typeof model === "string" ? await findModel(model, locating) : model;
  const tokenizer = tokenizerOf(files);
  return { engine: await openEngine({ ...options, model: files }), tokenizer };
}

/** The files of a model as somebody names it. @throws as `locateModel` does; ModelError where they are damaged */
export async function findModel(named: string, locating: Locating = {}): Promise<ModelFiles> {
  const path = await locateModel(named, locating);
  return (await holdsRemoteHandle(path)) ? openRemoteCheckpoint(path) : openModel(path);
}

/** @throws ModelError where the files hold none */
export function tokenizerOf({ path, tokenizer }: ModelFiles): Tokenizer {
  if (tokenizer !== undefined) return tokenizer;
  throw new ModelError({
    where: path,
    expected: "a tokenizer (tokenizer.json) beside the weights",
    got: "none",
    next: "Copy tokenizer.json and tokenizer_config.json from where the model came from.",
  });
}
