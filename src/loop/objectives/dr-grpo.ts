/**
 * Dr. GRPO, "GRPO done right": no division by the group's spread nor by an answer's length.
 */
import type { Objective } from "../../engine/objective.ts";
import { grpoDefaults } from "./grpo.ts";
import { type ClipOptions, policyGradient } from "./policy-gradient.ts";

/**
 *     A = reward − mean of its group
 *     −min(R·A, clip(R, 1 − ε, 1 + ε_high)·A), R per token
 *     summed over all tokens, divided by a constant
 *
 * Column: `advantage`.
 *
 * arXiv:2503.20783; verl with `norm_adv_by_std_in_grpo` false and `loss_agg_mode` seq-mean-token-sum-norm.
 */
export function drGrpo(options: Partial<ClipOptions> = {}): Objective {
  return policyGradient("dr_grpo", { ...grpoDefaults, ...options });
}
