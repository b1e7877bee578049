/**
 * An objective, as the engine sees it: log-probs in, a loss per token out, written in traced ops.
 *
 * The loss is not summed here. An engine sums it over the tokens where `mask` is 1 and divides by
 * `Step.lossScale`, so that cutting a mini-batch into micro-batches cannot change what is learnt.
 */
import type { Tensor } from "../autodiff/tensor.ts";

/** Float64 tensors over B answers of up to T tokens. */
export interface ObjectiveInputs {
  /** [B, T] nats, log π_new of the sampled tokens, 0 where the mask is; the gradient flows here. */
  readonly logp: Tensor;
  /** [B, T] nats, log π_old, 0 where the mask is. */
  readonly logpOld: Tensor;
  /** [B, T] 1 on tokens to learn from, 0 on others and on padding. */
  readonly mask: Tensor;
  /** [B, 1] by the names in `Objective.columns`; [B, T], 0 where the mask is, by those in `tokenColumns`. */
  readonly columns: Readonly<Record<string, Tensor>>;
}

/** A value to report: `of`, reduced over the places where `over` (0 or 1, same shape or broadcast) is 1. */
export interface Metric {
  readonly of: Tensor;
  readonly over: Tensor;
  readonly reduce: "mean" | "min" | "max";
}

export interface ObjectiveOutputs {
  /** [B, T] per token, or [B, 1] per answer: the engine sums it where it counts. */
  readonly loss: Tensor;
  readonly metrics?: Readonly<Record<string, Metric>>;
}

export interface Objective {
  readonly name: string;
  /** What each answer must bring beside its log-probs, for example `right` and `solveRate`. */
  readonly columns: readonly string[];
  /** What each token must bring: importance weights, advantages of its own. */
  readonly tokenColumns?: readonly string[];
  /**
   * True where one answer's gradient depends on another's log-probs (iterative DPO). The engine then
   * scores the whole mini-batch before it goes backward.
   */
  readonly coupled?: boolean;
  /** True where a group all right or all wrong has no loss, or an infinite one: such groups are then left out. */
  readonly mixedGroups?: boolean;
  loss(inputs: ObjectiveInputs): ObjectiveOutputs;
}
