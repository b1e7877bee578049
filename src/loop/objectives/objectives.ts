/**
 * The objectives by name. A new one is one file and one line here.
 */

import type { Objective } from "../../engine/objective.ts";
import { OptionError } from "../../errors.ts";
import { type NftOptions, nft } from "./nft.ts";
import { rft } from "./rft.ts";

const objectives: Readonly<Record<string, (options: Partial<NftOptions>) => Objective>> = { nft, rft };

export const objectiveNames = Object.keys(objectives);

/** @throws OptionError for a name that is none of `objectiveNames` */
export function makeObjective(name: string, options: Partial<NftOptions> = {}): Objective {
  const make = Object.hasOwn(objectives, name) ? objectives[name] : undefined;
  if (make === undefined)
    throw new OptionError({
      where: "algorithm",
      expected: `one of ${objectiveNames.join(", ")}`,
      got: name,
      next: "Choose one of these.",
    });
  return make(options);
}
