/**
 * The objectives by name. A new one is one file and one row here.
 */
import type { Objective } from "../../engine/objective.ts";
import { OptionError } from "../../errors.ts";
import { aggregated, type LossAgg } from "./aggregation.ts";
import { cispo } from "./cispo.ts";
import { dapo } from "./dapo.ts";
import { type DpoOptions, dpo } from "./dpo.ts";
import { drGrpo } from "./dr-grpo.ts";
import { grpo } from "./grpo.ts";
import { gspo } from "./gspo.ts";
import { naive } from "./naive.ts";
import { type NftOptions, nft } from "./nft.ts";
import type { ClipOptions } from "./policy-gradient.ts";
import { rft } from "./rft.ts";

/** What any of them takes; each reads what is its own. */
export type ObjectiveOptions = NftOptions & ClipOptions & DpoOptions;

interface Row {
  readonly make: (options: Partial<ObjectiveOptions>) => Objective;
  /** How its token losses are averaged, where nothing else is asked for. */
  readonly lossAgg: LossAgg;
  /** Whether its advantage is divided by the spread of rewards in the group. */
  readonly scaleRewards: "group" | "none";
}

// biome-ignore format: one row per objective
const objectives: Readonly<Record<string, Row>> = {
  nft:     { make: nft,    lossAgg: "token-sum",           scaleRewards: "none" },
  rft:     { make: rft,    lossAgg: "token-sum",           scaleRewards: "none" },
  grpo:    { make: grpo,   lossAgg: "seq-mean-token-mean", scaleRewards: "group" },
  dr_grpo: { make: drGrpo, lossAgg: "token-sum",           scaleRewards: "none" },
  dapo:    { make: dapo,   lossAgg: "token-mean",          scaleRewards: "group" },
  gspo:    { make: gspo,   lossAgg: "seq-mean-token-mean", scaleRewards: "group" },
  cispo:   { make: cispo,  lossAgg: "token-mean",          scaleRewards: "group" },
  dpo:     { make: dpo,    lossAgg: "seq-mean-token-sum",  scaleRewards: "none" },
  naive:   { make: naive,  lossAgg: "token-sum",           scaleRewards: "none" },
};

export const objectiveNames = Object.keys(objectives);

/** How an objective is used where nothing else is asked for. @throws OptionError for an unknown name */
export function habitsOf(name: string): Pick<Row, "lossAgg" | "scaleRewards"> {
  const { lossAgg, scaleRewards } = find(name);
  return { lossAgg, scaleRewards };
}

/**
 * @param agg  how token losses are averaged; left out, as is usual for the objective
 * @throws OptionError for a name that is none of `objectiveNames`
 */
export function makeObjective(
  name: string,
  options: Partial<ObjectiveOptions> = {},
  agg?: LossAgg,
): Objective {
  const { make, lossAgg } = find(name);
  return aggregated(make(options), agg ?? lossAgg);
}

function find(name: string): Row {
  if (Object.hasOwn(objectives, name)) return objectives[name];
  throw new OptionError({
    where: "algorithm",
    expected: `one of ${objectiveNames.join(", ")}`,
    got: name,
    next: "Choose one of these.",
  });
}
