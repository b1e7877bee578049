/**
 * Iterative DPO in its InfoNCA form: the answers of a group stand against each other, and the right ones are to win.
 */
import {
  add,
  div,
  exp,
  greaterOrEqual,
  logSumExp,
  mul,
  neg,
  sub,
  sum,
  transpose,
  where,
} from "../../autodiff/ops.ts";
import type { Tensor } from "../../autodiff/tensor.ts";
import type { Objective } from "../../engine/objective.ts";
import { logRatioOf } from "./per-token.ts";

export interface DpoOptions {
  /** Scales the log-ratios; above 0. */
  readonly beta: number;
  /** Weight of the right answers' −log π, per token, added so that they do not grow less likely; 0 is none. */
  readonly rpoAlpha: number;
}

export const dpoDefaults: DpoOptions = { beta: 0.1, rpoAlpha: 0 };

/** Where two answers are of different groups: far below any score, and no NaN in what is not chosen. */
const ELSEWHERE = -1e300;

/** [B, 1] as [1, B]. */
const across = (x: Tensor): Tensor => transpose(x, [1, 0]);

/**
 *     ρ = Σ_t log R_t, of an answer
 *     p = softmax of β·ρ over the answers of the group
 *     −Σ_k (right_k / Σ_i right_i) · log p_k,   and with α: − α · right share · (1/T) Σ_t log π_new
 *
 * With two answers, one right, this is DPO: −log σ(β(ρ_right − ρ_wrong)), with π_old as its reference.
 * An answer's gradient depends on its whole group, so a group is never cut.
 *
 * Columns: `right` and `group` (equal for the answers of one group, in one mini-batch).
 *
 * arXiv:2402.05369 (InfoNCA), as the iterative baseline of arXiv:2505.18116, appendix B.
 */
export function dpo(options: Partial<DpoOptions> = {}): Objective {
  const { beta, rpoAlpha } = { ...dpoDefaults, ...options };
  return {
    name: "dpo",
    columns: ["right", "group"],
    coupled: true,
    mixedGroups: true,
    loss(inputs) {
      const { right, group } = inputs.columns;
      const { logp, mask } = inputs;
      const other = across(group);
      const together = (of: Tensor, apart: number) =>
        where(greaterOrEqual(group, other), where(greaterOrEqual(other, group), of, apart), apart);
      const score = mul(sum(logRatioOf(inputs), 1), beta);
      const logShare = sub(score, logSumExp(together(across(score), ELSEWHERE)));
      const wanted = div(right, sum(together(across(right), 0), 1));
      const contrast = neg(mul(wanted, logShare));
      const nats = neg(div(sum(logp, 1), sum(mask, 1)));
      return {
        loss: rpoAlpha > 0 ? add(contrast, mul(mul(wanted, nats), rpoAlpha)) : contrast,
        metrics: {
          "dpo/score_right/mean": { of: score, over: right, reduce: "mean" },
          "dpo/score_wrong/mean": { of: score, over: sub(1, right), reduce: "mean" },
          "dpo/share_right/mean": { of: exp(logShare), over: right, reduce: "mean" },
        },
      };
    },
  };
}
