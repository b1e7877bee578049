/**
 * The options of LoRA as the engine takes them.
 */

import { OptionError } from "../errors.ts";
import { ALL_LINEAR, type Lora, linearLayers, targetsOf } from "../models/lora.ts";
import type { AnyOptions } from "./options.ts";

/**
 * Undefined where lora_rank is absent: the weights themselves are trained, or nothing is.
 *
 * @throws OptionError where lora_target_modules names what no layer has
 */
export function loraOf(options: AnyOptions): (Lora & { readonly seed: number }) | undefined {
  const { loraRank: rank, loraAlpha: alpha, loraTargetModules, seed } = options;
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
  return rank === undefined ? undefined : { rank, alpha, rankStabilized: false, targets, seed };
}
