/**
 * The model of a run, loaded as the run's options say.
 */
import type { ModelFiles } from "../../formats/model-files.ts";
import { loraOf } from "../../options/choose-lora.ts";
import type { AnyOptions } from "../../options/options.ts";
import { type LoadedModel, loadModel } from "./load-model.ts";
import type { Locating } from "./locate-model.ts";

/** @throws what `loadModel` does; OptionError where lora_target_modules names what no layer has */
export async function openPolicy(
  model: string | ModelFiles,
  options: AnyOptions,
  locating: Locating = {},
): Promise<LoadedModel> {
  const { threads, microBatchTokens, maxAnswersInFlight, keepActivations } = options;
  const engine = { threads, microBatchTokens, maxAnswersInFlight, keepActivations, lora: loraOf(options) };
  return loadModel(model, engine, locating);
}
