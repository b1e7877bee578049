/**
 * The arms of docs/evidence.md: each a method of a comparison, run over seeds in the one regime.
 *
 * Arms of one seed have the same base, problems and order, whichever comparison they are in, so all of them pair.
 */
import type { CompareRequest } from "../../src/index.ts";
import { secondArms, secondComparisons } from "./second-arms.ts";

export interface Arm {
  /** The comparison it is run in, and the method by the name that `errata compare` takes. */
  readonly comparison: string;
  readonly method: string;
  readonly label: string;
}

const asPublished = "filter_groups.enable=false,epsilon_high=0.28";

/** Of the first edition. */
export const firstArms = {
  nft: { comparison: "main", method: "nft", label: "NFT" },
  rft: { comparison: "main", method: "rft", label: "RFT" },
  grpo: { comparison: "main", method: "grpo", label: "GRPO" },
  dapo: { comparison: "main", method: "dapo", label: "DAPO" },
  nftPlain: { comparison: "cells", method: "nft:normalize=none", label: "NFT, w = 1" },
  rftWeighted: { comparison: "cells", method: "rft:normalize=dr_grpo", label: "RFT, w = 1 − q" },
  nftRoot: { comparison: "cells", method: "nft:normalize=grpo", label: "NFT, w = √((1 − q)/q)" },
  grpoAll: {
    comparison: "unfiltered",
    method: `grpo:${asPublished},loss_agg=token-mean`,
    label: "GRPO on all groups",
  },
  drGrpoAll: { comparison: "unfiltered", method: `dr_grpo:${asPublished}`, label: "Dr. GRPO on all groups" },
  floorNone: { comparison: "clip", method: "nft:clamp_negative=1e-6", label: "NFT, ε = 1e-6" },
  floorTenth: { comparison: "clip", method: "nft:clamp_negative=0.1", label: "NFT, ε = 0.1" },
  nftOnce: {
    comparison: "on-policy",
    method: "nft:normalize=grpo",
    label: "NFT, w = √((1 − q)/q), one update",
  },
  grpoOnce: {
    comparison: "on-policy",
    method: "grpo:reward_std=population,loss_agg=token-sum",
    label: "GRPO, one update",
  },
  rftOnce: { comparison: "on-policy", method: "rft", label: "RFT, one update" },
  nftShort: { comparison: "truncated", method: "nft", label: "NFT, 32 tokens" },
  rftShort: { comparison: "truncated", method: "rft", label: "RFT, 32 tokens" },
  floorFour: { comparison: "clip4", method: "nft:clamp_negative=4", label: "NFT, ε = 4" },
} as const satisfies Record<string, Arm>;

/** Of both editions. */
export const arms = { ...firstArms, ...secondArms } as const;
export type ArmName = keyof typeof arms;

const comparisonsOf = (own: Readonly<Record<string, Arm>>) => [
  ...new Set(Object.values(own).map((arm) => arm.comparison)),
];
/** Of the first edition, in the order they are run. */
export const comparisons: readonly string[] = comparisonsOf(firstArms);
/** Those with a record, of both editions. */
export const recorded: readonly string[] = [...comparisons, ...comparisonsOf(secondArms)];

export function methodsOf(comparison: string): string[] {
  return Object.values(arms).flatMap((arm) => (arm.comparison === comparison ? [arm.method] : []));
}

/** Of each arm, from the regime's seed on; and how many runs there were at a time. */
export const seedCount = 5;
export const jobCount = 2;

/** The comparison whose weights and answers are compared, run by run. */
export const trajectoryComparison = firstArms.nftOnce.comparison;

/** What all methods of a comparison have, beside the regime. */
const settings: Readonly<Record<string, readonly string[]>> = {
  "on-policy": ["mini_batch_size=16", "max_steps=20"],
  truncated: ["max_completion_length=32", "max_steps=20"],
};

export function settingsOf(comparison: string): readonly string[] {
  return settings[comparison] ?? secondComparisons[comparison]?.settings ?? [];
}

/** The request of a comparison of the first edition, as `errata compare` takes it. */
export function requestFor(comparison: string, regime: string, folder: string): CompareRequest {
  return {
    methods: methodsOf(comparison),
    seeds: seedCount,
    jobs: jobCount,
    quick: false,
    argv: ["--config", regime, ...settingsOf(comparison), "--output-dir", folder],
  };
}
