/**
 * The naive contrast: more likely where right, less likely where wrong, without a bound. What NFT's implicit
 * negative policy is to be compared with.
 */
import { greater, mul, neg, sub, where } from "../../autodiff/ops.ts";
import type { Objective } from "../../engine/objective.ts";
import { type NftOptions, promptWeight } from "./nft.ts";
import { logRatioOf } from "./per-token.ts";

type NaiveOptions = Pick<NftOptions, "normalize" | "negWeight">;

export const naiveDefaults: NaiveOptions = { normalize: "none", negWeight: 1 };

/**
 *     right   −w(q) log R
 *     wrong   +w(q) · negWeight · log R
 *
 * The wrong answers' loss has no least value: it falls for as long as they grow less likely. w is 1 unless asked.
 *
 * Columns: `right` and, for w, `solveRate`. Asked for by a reviewer of arXiv:2505.18116, which does not have it.
 */
export function naive(options: Partial<NaiveOptions> = {}): Objective {
  const { normalize, negWeight } = { ...naiveDefaults, ...options };
  return {
    name: "naive",
    columns: ["right", "solveRate"],
    mixedGroups: true,
    loss(inputs) {
      const { right, solveRate } = inputs.columns;
      const change = logRatioOf(inputs);
      const nats = where(greater(right, 0), neg(change), mul(change, negWeight));
      return {
        loss: mul(nats, promptWeight(solveRate, normalize)),
        metrics: {
          "naive/log_ratio_right/mean": { of: change, over: mul(inputs.mask, right), reduce: "mean" },
          "naive/log_ratio_wrong/mean": { of: change, over: mul(inputs.mask, sub(1, right)), reduce: "mean" },
        },
      };
    },
  };
}
