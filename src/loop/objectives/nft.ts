/**
 * Negative-aware Fine-Tuning: learn from right answers directly, and from wrong ones through the policy they imply.
 */
import {
  add,
  div,
  exp,
  greater,
  log,
  maximum,
  minimum,
  mul,
  neg,
  sqrt,
  stopGradient,
  sub,
  sum,
  where,
} from "../../autodiff/ops.ts";
import { constant, type Tensor } from "../../autodiff/tensor.ts";
import type { Objective } from "../../engine/objective.ts";
import { logRatioOf, share } from "./per-token.ts";

export interface NftOptions {
  /** w(q), the weight of a problem (`promptWeight`); the paper's is 1 − q. */
  readonly normalize: PromptWeight;
  /** Multiplies the wrong answers' loss: 1 is NFT, 0 leaves the right ones alone. At least 0. */
  readonly negWeight: number;
  /** ε, the least value inside the wrong answers' log; above 0. */
  readonly clampNegative: number;
  /** The least value inside the right answers' log, with the same gradient; 0 is none. At least 0. */
  readonly clampPositive: number;
  /** One ratio per token (the paper's), or one per answer. */
  readonly importanceSamplingLevel: "token" | "sequence";
}

export const nftDefaults: NftOptions = {
  normalize: "dr_grpo",
  negWeight: 1,
  clampNegative: 1,
  clampPositive: 0,
  importanceSamplingLevel: "token",
};

/** The value of max(x, least) with the gradient of x: a wrong token below the floor is still pushed down. */
const floorStraightThrough = (x: Tensor, least: number) => add(x, stopGradient(sub(maximum(x, least), x)));

/** Names of w(q); `none`, `dr_grpo` and `grpo` are the official `normalize` 0, 1 and 2. */
export type PromptWeight =
  | "none"
  | "dr_grpo"
  | "grpo"
  | "maxrl"
  | "inverse_rate"
  | "inverse_wrong_rate"
  | "inverse_spread";

/**
 * w(q) of a solve rate [B, 1], which is kept within [0.02, 0.98] as in the official code.
 *
 * On-policy NFT climbs ∫ w/(1 − q) dq and RFT ∫ w dq, so that these two weights make both climb the same:
 *
 *     climbed      NFT                   RFT
 *     q            dr_grpo, 1 − q        none, 1
 *     arcsin √q    grpo, √((1 − q)/q)    inverse_spread, 1/√(q(1 − q))
 *     log q        maxrl, (1 − q)/q      inverse_rate, 1/q
 *     −log(1 − q)  none, 1               inverse_wrong_rate, 1/(1 − q)
 */
export function promptWeight(solveRate: Tensor, normalize: PromptWeight): Tensor {
  const q = clampedRate(solveRate);
  const wrong = sub(1, q);
  const weights: Readonly<Record<PromptWeight, () => Tensor>> = {
    none: () => constant(1, "f64"),
    dr_grpo: () => wrong,
    grpo: () => sqrt(div(wrong, q)),
    maxrl: () => div(wrong, q),
    inverse_rate: () => div(1, q),
    inverse_wrong_rate: () => div(1, wrong),
    inverse_spread: () => div(1, sqrt(mul(q, wrong))),
  };
  return weights[normalize]();
}

const clampedRate = (solveRate: Tensor) => minimum(maximum(solveRate, 0.02), 0.98);

/**
 *     R = π_new / π_old, per token (or per answer)
 *     right   −w(q) log R
 *     wrong   −w(q) · negWeight · log max(x, ε),   x = (1 − q·R) / (1 − q)
 *
 * log R is capped at 10 from above, and q kept within [0.02, 0.98], as in the official code; the floor ε
 * passes its gradient straight through.
 *
 * Columns: `right` (0 or 1) and `solveRate` (q of the answer's group).
 *
 * arXiv:2505.18116, equation 10; NVlabs/NFT `dp_actor.py`, whose sum over tokens is divided by 1000.
 */
export function nft(options: Partial<NftOptions> = {}): Objective {
  const { normalize, negWeight, clampNegative, clampPositive, importanceSamplingLevel } = {
    ...nftDefaults,
    ...options,
  };
  return {
    name: "nft",
    columns: ["right", "solveRate"],
    mixedGroups: true,
    loss({ logp, logpOld, mask, columns: { right, solveRate } }) {
      const q = clampedRate(solveRate);
      const change = logRatioOf({ logp, logpOld });
      const logRatio = minimum(importanceSamplingLevel === "token" ? change : sum(change, 1), 10);
      const ratio = exp(logRatio);
      const x = div(sub(1, mul(q, ratio)), sub(1, q));
      // −log R itself: log(exp(·)) would underflow for answers that have become very unlikely.
      const rightNats = neg(clampPositive > 0 ? log(floorStraightThrough(ratio, clampPositive)) : logRatio);
      const wrongNats = neg(log(floorStraightThrough(x, clampNegative)));
      const nats = where(greater(right, 0), rightNats, mul(wrongNats, negWeight));
      const rightTokens = mul(mask, right);
      const wrongTokens = mul(mask, sub(1, right));
      return {
        loss: mul(nats, promptWeight(solveRate, normalize)),
        metrics: {
          "nft/pos_loss": { of: rightNats, over: rightTokens, reduce: "mean" },
          "nft/neg_loss": { of: wrongNats, over: wrongTokens, reduce: "mean" },
          "nft/neg_clamp_frac": share(greater(clampNegative, x), wrongTokens),
          "nft/implicit_neg_ratio/mean": { of: x, over: wrongTokens, reduce: "mean" },
          "nft/implicit_neg_ratio/min": { of: x, over: wrongTokens, reduce: "min" },
          "nft/ratio_right/mean": { of: ratio, over: rightTokens, reduce: "mean" },
          "nft/ratio_wrong/mean": { of: ratio, over: wrongTokens, reduce: "mean" },
        },
      };
    },
  };
}
