/**
 * The clipped policy gradient: what grpo, dr_grpo, dapo, gspo, maxrl, grpo_positive, w_reinforce and nsr share. They
 * differ in the advantage, the clip and how token losses are averaged.
 */
import {
  add,
  div,
  exp,
  greater,
  maximum,
  minimum,
  mul,
  neg,
  stopGradient,
  sub,
  sum,
  where,
} from "../../autodiff/ops.ts";
import type { Tensor } from "../../autodiff/tensor.ts";
import type { Metric, Objective, ObjectiveInputs, ObjectiveOutputs } from "../../engine/objective.ts";
import { logRatioOf, share } from "./per-token.ts";

export interface ClipOptions {
  /** Where the advantage is negative, a ratio below 1 − epsilon no longer pushes. Above 0. */
  readonly epsilon: number;
  /** Where the advantage is positive, a ratio above 1 + epsilonHigh no longer pushes. Above 0. */
  readonly epsilonHigh: number;
  /** c, above 1: where the advantage is negative, the loss is at most c·|A|; 0 is no bound. */
  readonly dualClip: number;
  /** One ratio per token, or one per answer: the geometric mean of its tokens' ratios. */
  readonly importanceSamplingLevel: "token" | "sequence";
}

export const clamp = (x: Tensor, low: number, high: number): Tensor => minimum(maximum(x, low), high);

/** The ratio of each token, its logarithm within ±20 as in verl. */
export const tokenRatio = (inputs: ObjectiveInputs): Tensor => exp(clamp(logRatioOf(inputs), -20, 20));

/**
 * s = exp(mean log-ratio of the answer), the same for all its tokens; each token carries the gradient of its
 * own log-prob. The logarithm is at most 10, as in verl.
 */
function answerRatio(inputs: ObjectiveInputs): Tensor {
  const { logp, mask } = inputs;
  const mean = div(sum(logRatioOf(inputs), 1), sum(mask, 1));
  const own = sub(logp, stopGradient(logp));
  return exp(minimum(add(own, stopGradient(mean)), 10));
}

/** Shares of tokens whose ratio left the clip range, above and below, and the mean log-ratio. */
export function ratioMetrics(
  inputs: ObjectiveInputs,
  ratio: Tensor,
  { epsilon, epsilonHigh }: Pick<ClipOptions, "epsilon" | "epsilonHigh">,
): Record<string, Metric> {
  const { mask } = inputs;
  return {
    "actor/ppo_kl": { of: neg(logRatioOf(inputs)), over: mask, reduce: "mean" },
    "actor/clip_ratio/low_mean": share(greater(1 - epsilon, ratio), mask),
    "actor/clip_ratio/high_mean": share(greater(ratio, 1 + epsilonHigh), mask),
    "actor/ratio/min": { of: ratio, over: mask, reduce: "min" },
    "actor/ratio/max": { of: ratio, over: mask, reduce: "max" },
  };
}

/**
 *     R = π_new / π_old, per token (or per answer)
 *     −min(R·A, clip(R, 1 − ε, 1 + ε_high)·A),   where A < 0 at most c·|A|
 *
 * Column: `advantage` (A, the answer's).
 */
export function policyGradient(name: string, options: ClipOptions): Objective {
  return {
    name,
    columns: ["advantage"],
    loss: (inputs) => clippedLoss(inputs, inputs.columns.advantage, options),
  };
}

/** @param advantage  [B, 1] */
export function clippedLoss(
  inputs: ObjectiveInputs,
  advantage: Tensor,
  options: ClipOptions,
): ObjectiveOutputs {
  const { epsilon, epsilonHigh, dualClip, importanceSamplingLevel } = options;
  const ratio = importanceSamplingLevel === "token" ? tokenRatio(inputs) : answerRatio(inputs);
  const free = neg(mul(ratio, advantage));
  const clipped = neg(mul(clamp(ratio, 1 - epsilon, 1 + epsilonHigh), advantage));
  const loss = maximum(free, clipped);
  const bounded = dualClip > 0 ? minimum(loss, mul(neg(advantage), dualClip)) : loss;
  return {
    loss: dualClip > 0 ? where(greater(0, advantage), bounded, loss) : loss,
    metrics: {
      ...ratioMetrics(inputs, ratio, options),
      "actor/pg_clipfrac": share(greater(clipped, free), inputs.mask),
    },
  };
}
