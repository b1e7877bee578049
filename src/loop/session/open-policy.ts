/**
 * The model of a run, loaded as the run's options say, and on the engine that they name.
 */
import type { ServerAddress } from "../../engine/remote/connection.ts";
import type { ServerOptions } from "../../engine/remote/open-remote.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { loraOf } from "../../options/choose-lora.ts";
import type { AnyOptions } from "../../options/options.ts";
import { type LoadedModel, loadModel } from "./load-model.ts";
import type { Locating } from "./locate-model.ts";

/**
 * @param locating  hears what should be known of the engine, too
 * @throws what `loadModel` does; OptionError where lora_target_modules names what no layer has
 */
export async function openPolicy(
  model: string | ModelFiles,
  options: AnyOptions,
  locating: Locating = {},
): Promise<LoadedModel> {
  const { threads, microBatchTokens, maxAnswersInFlight, keepActivations } = options;
  const memory = { threads, microBatchTokens, maxAnswersInFlight, keepActivations };
  const loaded = await loadModel(
    model,
    { ...memory, lora: loraOf(options), server: serverOf(options) },
    locating,
  );
  for (const text of loaded.engine.facts.remarks) locating.onEvent?.({ kind: "note", text });
  return loaded;
}

function serverOf({ engine, engineModel, engineDialect }: AnyOptions): ServerOptions | undefined {
  if (engine === undefined) return undefined;
  return { ...serverAt(engine), model: engineModel, dialect: engineDialect };
}

/** A server, with its key, which is read from the environment alone: no file and no list of processes has it. */
export function serverAt(url: string): ServerAddress {
  const apiKey = process.env.TINKER_API_KEY;
  return { url, ...(apiKey ? { apiKey } : {}) };
}
