/**
 * Rejection-sampling Fine-Tuning: right answers alone. The baseline that NFT adds wrong answers to.
 */
import type { Objective } from "../../engine/objective.ts";
import { type NftOptions, nft } from "./nft.ts";

type RftOptions = Pick<NftOptions, "normalize">;

export const rftDefaults: RftOptions = { normalize: "none" };

/**
 *     right   −w(q) log R
 *     wrong   0
 *
 * The paper's RFT has w = 1, which climbs what NFT with 1 − q climbs; `promptWeight` has the weight that goes with each
 * of NFT's, so that what is left between two runs is what wrong answers do.
 *
 * arXiv:2505.18116, section 4: equation 10 without its negative term.
 */
export function rft(options: Partial<RftOptions> = {}): Objective {
  const { normalize } = { ...rftDefaults, ...options };
  return {
    ...nft({ normalize, negWeight: 0 }),
    name: "rft",
    mixedGroups: false,
  };
}
