/**
 * What objectives ask of single tokens.
 */
import { greater, sub, where } from "../../autodiff/ops.ts";
import { constant, type Tensor } from "../../autodiff/tensor.ts";
import type { Metric, ObjectiveInputs } from "../../engine/objective.ts";

/** log π_new − log π_old where a token counts, 0 on padding: what lies there must not become a NaN. */
export const logRatioOf = ({
  logp,
  logpOld,
  mask,
}: Pick<ObjectiveInputs, "logp" | "logpOld" | "mask">): Tensor =>
  where(greater(mask, 0), sub(logp, logpOld), 0);

/** The share of tokens that a condition holds for. */
export const share = (condition: Tensor, over: Tensor): Metric => ({
  of: where(condition, constant(1, "f64"), 0),
  over,
  reduce: "mean",
});
