/**
 * What objectives ask of single tokens.
 */
import { sub, where } from "../../autodiff/ops.ts";
import { constant, type Tensor } from "../../autodiff/tensor.ts";
import type { Metric, ObjectiveInputs } from "../../engine/objective.ts";

/** log π_new − log π_old of each token, 0 where nothing is learnt. */
export const logRatioOf = ({ logp, logpOld }: Pick<ObjectiveInputs, "logp" | "logpOld">): Tensor =>
  sub(logp, logpOld);

/** The share of tokens that a condition holds for. */
export const share = (condition: Tensor, over: Tensor): Metric => ({
  of: where(condition, constant(1, "f64"), 0),
  over,
  reduce: "mean",
});
