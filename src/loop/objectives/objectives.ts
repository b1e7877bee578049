/**
 * The objectives by name. A new one is one file and one row here.
 */
import type { Objective } from "../../engine/objective.ts";
import { OptionError } from "../../errors.ts";
import { aggregated, type LossAgg } from "./aggregation.ts";
import { cispo, cispoDefaults } from "./cispo.ts";
import { dapo, dapoDefaults } from "./dapo.ts";
import { type DpoOptions, dpo, dpoDefaults } from "./dpo.ts";
import { drGrpo } from "./dr-grpo.ts";
import { grpo, grpoDefaults } from "./grpo.ts";
import { grpoPositive } from "./grpo-positive.ts";
import { gspo, gspoDefaults } from "./gspo.ts";
import { maxRl } from "./maxrl.ts";
import { naive, naiveDefaults } from "./naive.ts";
import { type NftOptions, nft, nftDefaults } from "./nft.ts";
import { nsr } from "./nsr.ts";
import type { ClipOptions } from "./policy-gradient.ts";
import { rft, rftDefaults } from "./rft.ts";
import { type SidedOptions, wReinforce, wReinforceDefaults } from "./w-reinforce.ts";

/** What any of them takes; each reads what is its own. */
export type ObjectiveOptions = NftOptions & ClipOptions & DpoOptions & SidedOptions;

interface Row {
  readonly make: (options: Partial<ObjectiveOptions>) => Objective;
  /** The options it reads, as they are where nobody sets them. */
  readonly defaults: Partial<ObjectiveOptions>;
  /** How its token losses are averaged, where nothing else is asked for. */
  readonly lossAgg: LossAgg;
  /** Whether its advantage is divided by the spread of rewards in the group. */
  readonly scaleRewards: "group" | "mean" | "none";
}

// biome-ignore format: one row per objective
const objectives: Readonly<Record<string, Row>> = {
  nft:           { make: nft,          defaults: nftDefaults,        lossAgg: "token-sum",           scaleRewards: "none" },
  rft:           { make: rft,          defaults: rftDefaults,        lossAgg: "token-sum",           scaleRewards: "none" },
  grpo:          { make: grpo,         defaults: grpoDefaults,       lossAgg: "seq-mean-token-mean", scaleRewards: "group" },
  dr_grpo:       { make: drGrpo,       defaults: grpoDefaults,       lossAgg: "token-sum",           scaleRewards: "none" },
  dapo:          { make: dapo,         defaults: dapoDefaults,       lossAgg: "token-mean",          scaleRewards: "group" },
  gspo:          { make: gspo,         defaults: gspoDefaults,       lossAgg: "seq-mean-token-mean", scaleRewards: "group" },
  cispo:         { make: cispo,        defaults: cispoDefaults,      lossAgg: "token-mean",          scaleRewards: "group" },
  dpo:           { make: dpo,          defaults: dpoDefaults,        lossAgg: "seq-mean-token-sum",  scaleRewards: "none" },
  maxrl:         { make: maxRl,        defaults: grpoDefaults,       lossAgg: "token-sum",           scaleRewards: "mean" },
  grpo_positive: { make: grpoPositive, defaults: grpoDefaults,       lossAgg: "seq-mean-token-mean", scaleRewards: "group" },
  w_reinforce:   { make: wReinforce,   defaults: wReinforceDefaults, lossAgg: "token-sum",           scaleRewards: "none" },
  nsr:           { make: nsr,          defaults: grpoDefaults,       lossAgg: "token-sum",           scaleRewards: "none" },
  naive:         { make: naive,        defaults: naiveDefaults,      lossAgg: "token-sum",           scaleRewards: "none" },
};

export const objectiveNames = Object.keys(objectives);

/** The options an objective reads, and what they are where nobody sets them. @throws OptionError for an unknown name */
export function defaultsOf(name: string): Partial<ObjectiveOptions> & Pick<Row, "lossAgg" | "scaleRewards"> {
  const { defaults, lossAgg, scaleRewards } = find(name);
  return { ...defaults, lossAgg, scaleRewards };
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
