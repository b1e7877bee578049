/**
 * Opening a model: its engine, and the tokenizer that goes with it.
 */

import type { Engine } from "../../engine/engine.ts";
import { openEngine } from "../../engine/open-engine.ts";
import { ModelError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import { loraOf } from "../../options/choose-lora.ts";
import type { AnyOptions } from "../../options/options.ts";
import { type Locating, locateModel } from "./locate-model.ts";

export interface OpenedModel {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
}

/**
 * @param named     as `locateModel` takes it
 * @param locating  hears of a download, or stops it
 * @throws ModelError where it is missing, damaged, or has no tokenizer; HubError where it cannot be fetched
 */
export async function openPolicy(
  named: string,
  options: AnyOptions,
  locating: Locating = {},
): Promise<OpenedModel> {
  const path = await locateModel(named, locating);
  const files = await openModel(path);
  await files.close();
  const tokenizer = tokenizerOf(files);
  const engine = await openEngine({
    model: path,
    threads: options.threads,
    microBatchTokens: options.microBatchTokens,
    maxAnswersInFlight: options.maxAnswersInFlight,
    keepActivations: options.keepActivations,
    lora: loraOf(options),
  });
  return { engine, tokenizer };
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
