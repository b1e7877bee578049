/**
 * How far the policy that sampled is from the one that learns, where that is by intent: rollouts of eight bits.
 *
 *   a step's first mini-batch, the report of its update  →  the gap, over its tokens
 *
 * Until that update both are of the same weights, and its forward pass has the log-probs of the one that learns.
 */
import type { Example, UpdateReport } from "../../engine/engine.ts";
import type { LogpDifference } from "./self-checks.ts";

export interface RolloutGap extends LogpDifference {
  /** Nats: 99 of 100 tokens are nearer. */
  readonly p99: number;
  /**
   * (Σ w)² / (n · Σ w²) over n tokens, w being a token's probability to the policy that learns divided by that to the
   * one that sampled: 1 where both are one, near 0 where few tokens count for all.
   */
  readonly effectiveShare: number;
}

/** Numbers that are NaN where the engine tells of no token. */
export function rolloutGap(
  batch: readonly Pick<Example, "logpsOld">[],
  { perToken }: Pick<UpdateReport, "perToken">,
): RolloutGap {
  const ratios = (perToken ?? []).flatMap(({ logps }, i) =>
    Array.from(logps, (logp, t) => logp - batch[i]!.logpsOld[t]!),
  );
  const distances = ratios.map(Math.abs).sort((a, b) => a - b);
  const n = ratios.length;
  // of the greatest, so that no weight is too large for a number
  const greatest = ratios.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = ratios.map((ratio) => Math.exp(ratio - greatest));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    mean: sum(distances) / n,
    max: distances.at(-1) ?? Number.NaN,
    p99: distances[Math.ceil(0.99 * n) - 1] ?? Number.NaN,
    effectiveShare: sum(weights) ** 2 / (n * sum(weights.map((weight) => weight * weight))),
  };
}
