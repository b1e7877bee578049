/**
 * The options of LoRA as the engine takes them.
 */

import { OptionError } from "../errors.ts";
import { ALL_LINEAR, type Lora, linearLayers, targetsOf } from "../models/lora.ts";
import type { Options } from "./options.ts";

/**
 * Undefined where lora_rank is 0: the weights themselves are trained, or nothing is.
 *
 * @throws OptionError where lora_target_modules names what no layer has, or lora_dropout is not 0
 */
export function loraOf(options: Options): (Lora & { readonly seed: number }) | undefined {
  const { loraRank: rank, loraAlpha: alpha, loraTargetModules, seed } = options;
  if (options.loraDropout !== 0)
    throw new OptionError({
      where: "lora_dropout",
      expected: "0",
      got: String(options.loraDropout),
      next: "Dropout in adapters is not supported: the policy that learns would not be the one that answered. Leave it out.",
    });
  const all = Object.keys(linearLayers);
  const words = loraTargetModules.split(",").map((word) => word.trim());
  const targets = targetsOf(loraTargetModules.trim() === ALL_LINEAR ? all : words);
  if (targets === undefined)
    throw new OptionError({
      where: "lora_target_modules",
      expected: `${ALL_LINEAR}, or some of ${all.join(", ")}`,
      got: JSON.stringify(loraTargetModules),
      next: "Write their names with commas between.",
    });
  return rank === 0 ? undefined : { rank, alpha, rankStabilized: false, targets, seed };
}
