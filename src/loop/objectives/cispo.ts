/**
 * CISPO, Clipped Importance Sampling Policy Optimization: clips the weight of a token, never its gradient.
 */
import { mul, neg, stopGradient } from "../../autodiff/ops.ts";
import type { Objective } from "../../engine/objective.ts";
import { type ClipOptions, clamp, ratioMetrics, tokenRatio } from "./policy-gradient.ts";

type CispoOptions = Pick<ClipOptions, "epsilon" | "epsilonHigh">;

export const cispoDefaults: CispoOptions = { epsilon: 0.2, epsilonHigh: 0.28 };

/**
 *     A = (reward − mean) / std of its group
 *     −A · stop-gradient(clip(R, 1 − ε, 1 + ε_high)) · log π_new, R per token
 *     averaged over all tokens of the mini-batch
 *
 * Column: `advantage`.
 *
 * arXiv:2506.13585, equation 4; verl `compute_policy_loss_cispo`.
 */
export function cispo(options: Partial<CispoOptions> = {}): Objective {
  const { epsilon, epsilonHigh } = { ...cispoDefaults, ...options };
  return {
    name: "cispo",
    columns: ["advantage"],
    loss(inputs) {
      const ratio = tokenRatio(inputs);
      const weight = stopGradient(clamp(ratio, 1 - epsilon, 1 + epsilonHigh));
      return {
        loss: neg(mul(mul(inputs.columns.advantage, weight), inputs.logp)),
        metrics: ratioMetrics(inputs, ratio, { epsilon, epsilonHigh }),
      };
    },
  };
}
