/**
 * Aggregation: how the losses of tokens become the loss of a mini-batch.
 *
 * An engine sums losses and divides by one number, so that no cut into micro-batches changes the result; what
 * differs between answers, their length, is divided out here, inside the objective.
 */
import { add, div, sum } from "../../autodiff/ops.ts";
import type { Objective } from "../../engine/objective.ts";

/**
 * Named as in verl. `token-sum` is its seq-mean-token-sum-norm, in which nothing is averaged: all tokens are
 * summed and divided by a constant.
 */
export type LossAgg = "token-sum" | "token-mean" | "seq-mean-token-mean" | "seq-mean-token-sum";

/** The objective with the losses of an answer's tokens averaged, where `agg` asks for it. */
export function aggregated(objective: Objective, agg: LossAgg): Objective {
  if (agg !== "seq-mean-token-mean") return objective;
  return {
    ...objective,
    loss(inputs) {
      const outputs = objective.loss(inputs);
      // one loss for the whole answer is its mean already
      if (outputs.loss.shape[1] === 1) return outputs;
      // 1e-8 more tokens than there are, as in verl
      return { ...outputs, loss: div(outputs.loss, add(sum(inputs.mask, 1), 1e-8)) };
    },
  };
}

export interface MiniBatchSize {
  readonly answers: number;
  readonly tokens: number;
}

/** The one divisor of a mini-batch's summed loss; `factor` is that of `token-sum`. */
export function lossScale(agg: LossAgg, { answers, tokens }: MiniBatchSize, factor: number): number {
  switch (agg) {
    case "token-sum":
      return factor;
    case "token-mean":
      return tokens;
    case "seq-mean-token-mean":
    case "seq-mean-token-sum":
      return answers;
    default:
      return agg satisfies never;
  }
}
