/**
 * Supervised fine-tuning: the log-likelihood of worked solutions.
 */
import { neg } from "../../autodiff/ops.ts";
import type { Objective } from "../../engine/objective.ts";

/** −log π, per token. */
export const sft: Objective = {
  name: "sft",
  columns: [],
  loss: ({ logp, mask }) => ({
    loss: neg(logp),
    metrics: { "sft/nats_per_token": { of: neg(logp), over: mask, reduce: "mean" } },
  }),
};
