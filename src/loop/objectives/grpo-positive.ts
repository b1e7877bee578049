/**
 * GRPO without its negative advantages: what is left of it where answers below their group's mean teach nothing.
 */
import { maximum } from "../../autodiff/ops.ts";
import type { Objective } from "../../engine/objective.ts";
import { grpoDefaults } from "./grpo.ts";
import { type ClipOptions, clippedLoss } from "./policy-gradient.ts";

/**
 *     A = (reward − mean) / std of its group, and 0 where that is below 0
 *     −min(R·A, clip(R, 1 − ε, 1 + ε_high)·A), R per token
 *
 * Rewarded 1 and 0 it is RFT with the weight √((1 − q)/q) and a clip. Column: `advantage`.
 *
 * GRPO is arXiv:2402.03300; leaving out one side of it, to see what that side does, is arXiv:2506.01347's question.
 */
export function grpoPositive(options: Partial<ClipOptions> = {}): Objective {
  const clip = { ...grpoDefaults, ...options };
  return {
    name: "grpo_positive",
    columns: ["advantage"],
    loss: (inputs) => clippedLoss(inputs, maximum(inputs.columns.advantage, 0), clip),
  };
}
