/**
 * Group Sequence Policy Optimization: GRPO with one ratio for an answer, as it has one reward.
 */
import type { Objective } from "../../engine/objective.ts";
import { grpoDefaults } from "./grpo.ts";
import { type ClipOptions, policyGradient } from "./policy-gradient.ts";

/** The ratio is a geometric mean over tokens, so it moves far less than a token's own, and its clip is as narrow. */
export const gspoDefaults: ClipOptions = {
  ...grpoDefaults,
  epsilon: 3e-4,
  epsilonHigh: 4e-4,
  importanceSamplingLevel: "sequence",
};

/**
 *     A = (reward − mean) / std of its group
 *     s = exp((1/T) Σ_t log R_t), one for the answer
 *     −min(s·A, clip(s, 1 − ε, 1 + ε_high)·A)
 *     averaged over each answer's tokens, then over answers
 *
 * Column: `advantage`.
 *
 * arXiv:2507.18071, equation 5 with the gradient of GSPO-token; verl `compute_policy_loss_gspo`.
 */
export function gspo(options: Partial<ClipOptions> = {}): Objective {
  return policyGradient("gspo", { ...gspoDefaults, ...options });
}
