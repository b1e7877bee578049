/**
 * Group Relative Policy Optimization: an answer is as good as it is better than its group.
 */
import type { Objective } from "../../engine/objective.ts";
import { type ClipOptions, policyGradient } from "./policy-gradient.ts";

export const grpoDefaults: ClipOptions = {
  epsilon: 0.2,
  epsilonHigh: 0.2,
  dualClip: 0,
  importanceSamplingLevel: "token",
};

/**
 *     A = (reward − mean) / std of its group
 *     −min(R·A, clip(R, 1 − ε, 1 + ε_high)·A), R per token
 *     averaged over each answer's tokens, then over answers
 *
 * No KL term: there is no reference model here. Column: `advantage`.
 *
 * arXiv:2402.03300, equation 3; verl `compute_policy_loss_vanilla` with `loss_agg_mode` seq-mean-token-mean.
 */
export function grpo(options: Partial<ClipOptions> = {}): Objective {
  return policyGradient("grpo", { ...grpoDefaults, ...options });
}
