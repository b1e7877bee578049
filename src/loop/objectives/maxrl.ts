/**
 * MaxRL: what a right answer is worth grows as right answers grow rare, so that log q is climbed in place of q.
 */
import type { Objective } from "../../engine/objective.ts";
import { grpoDefaults } from "./grpo.ts";
import { type ClipOptions, policyGradient } from "./policy-gradient.ts";

/**
 *     A = (reward − mean) / mean of its group: (1 − q)/q where right, −1 where wrong
 *     −min(R·A, clip(R, 1 − ε, 1 + ε_high)·A), R per token
 *     summed over all tokens, divided by a constant, as NFT and Dr. GRPO are
 *
 * On-policy it has the gradient of NFT with the weight (1 − q)/q. Column: `advantage`, with `scale_rewards` mean.
 *
 * arXiv:2602.02710, whose advantage it is; the clip is GRPO's.
 */
export function maxRl(options: Partial<ClipOptions> = {}): Objective {
  return policyGradient("maxrl", { ...grpoDefaults, ...options });
}
