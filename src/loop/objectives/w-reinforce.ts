/**
 * Weighted REINFORCE: a small reward for right answers, a whole penalty for wrong ones, and no comparison.
 */
import { greater, where } from "../../autodiff/ops.ts";
import { constant } from "../../autodiff/tensor.ts";
import type { Objective } from "../../engine/objective.ts";
import { grpoDefaults } from "./grpo.ts";
import { type ClipOptions, clippedLoss } from "./policy-gradient.ts";

export interface SidedOptions {
  /** λ, what a right answer is worth; a wrong one is worth −1. At least 0. */
  readonly posWeight: number;
}

type WReinforceOptions = SidedOptions & ClipOptions;

export const wReinforceDefaults: WReinforceOptions = { ...grpoDefaults, posWeight: 0.1 };

/**
 *     A = λ where right, −1 where wrong
 *     −min(R·A, clip(R, 1 − ε, 1 + ε_high)·A), R per token
 *
 * λ = 1 is REINFORCE with rewards of 1 and −1. All problems count alike, those that are solved always or never too,
 * where `filter_groups` leaves them in. Column: `right`.
 *
 * arXiv:2506.01347, W-REINFORCE with its λ of 0.1; the clip is GRPO's, and changes nothing on-policy.
 */
export function wReinforce(options: Partial<WReinforceOptions> = {}): Objective {
  const { posWeight, ...clip } = { ...wReinforceDefaults, ...options };
  return {
    name: "w_reinforce",
    columns: ["right"],
    loss(inputs) {
      const advantage = where(greater(inputs.columns.right, 0), constant(posWeight, "f64"), -1);
      return clippedLoss(inputs, advantage, clip);
    },
  };
}
