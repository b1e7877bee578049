/**
 * Examples: what an engine learns from.
 *
 *   rollouts with columns, their log π_old  →  mini-batches of examples
 */
import type { Example, Score, Sequence } from "../../engine/engine.ts";
import type { Rollout } from "../types.ts";
import { type ComparedRollout, readBy } from "./columns.ts";

/** A compared rollout as the policy at the start of the step scored it: all that an objective can read. */
export interface ScoredRollout extends ComparedRollout {
  /** Nats, log π_old of each token of the completion. */
  readonly logpsOld: Float32Array;
}

/** A rollout as an engine scores it. */
export function sequenceOf({ prompt, tokens }: Rollout): Sequence {
  return { prompt, completion: tokens };
}

/** @param scores  one for each rollout, in order */
export function withScores(rollouts: readonly ComparedRollout[], scores: readonly Score[]): ScoredRollout[] {
  return rollouts.map((one, i) => ({ ...one, logpsOld: scores[i].logps }));
}

/**
 * Mini-batches of whole groups, in their order; the last may be short.
 *
 * @param size   groups to each mini-batch
 * @param names  the columns that the objective reads
 */
export function miniBatches(
  rollouts: readonly ScoredRollout[],
  size: number,
  names: readonly string[],
): Example[][] {
  const batches: Example[][] = [];
  for (const { rollout, logpsOld, columns } of rollouts) {
    const example = { ...sequenceOf(rollout), logpsOld, columns: readBy(names, columns) };
    (batches[Math.floor(columns.group / size)] ??= []).push(example);
  }
  // one of errors alone was never begun
  return batches.filter((batch) => batch.length > 0);
}
