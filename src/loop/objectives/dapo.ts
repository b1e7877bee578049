/**
 * DAPO, Decoupled clip and Dynamic sAmpling Policy Optimization: GRPO with more room to rise than to fall.
 */
import type { Objective } from "../../engine/objective.ts";
import { grpoDefaults } from "./grpo.ts";
import { type ClipOptions, policyGradient } from "./policy-gradient.ts";

export const dapoDefaults: ClipOptions = { ...grpoDefaults, epsilonHigh: 0.28 };

/**
 *     A = (reward − mean) / std of its group
 *     −min(R·A, clip(R, 1 − 0.2, 1 + 0.28)·A), R per token
 *     averaged over all tokens of the mini-batch
 *
 * Its dynamic sampling is `filter_groups`, its overlong shaping `overlong_buffer`. Column: `advantage`.
 *
 * arXiv:2503.14476, equation 8; verl `recipe/dapo`, whose later versions also bound the loss (`dual_clip` 10).
 */
export function dapo(options: Partial<ClipOptions> = {}): Objective {
  return policyGradient("dapo", { ...dapoDefaults, ...options });
}
