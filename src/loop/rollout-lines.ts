/**
 * The lines of rollouts.jsonl: what was asked, answered and judged, and the tokens of what was learnt from.
 */

import type { RolloutRecord } from "../run/records.ts";
import type { Gathered } from "./collect-groups.ts";
import { reasonOf } from "./judge-rollouts.ts";

/** Made one by one as they are written: those of a large step are gigabytes together. */
export function* rolloutLines(step: number, { all, kept }: Gathered): Generator<RolloutRecord> {
  const learntFrom = new Set(kept);
  for (const { drawn, group } of all)
    for (const { rollout, verdict } of group.rollouts) {
      const isKept = learntFrom.has(group) && verdict.kind !== "error";
      yield {
        step,
        problem: group.problem.id,
        draw: drawn.draw,
        index: rollout.index,
        prompt: drawn.text,
        answer: group.problem.answer,
        text: rollout.text,
        stop: rollout.stop,
        verdict: verdict.kind,
        ...reasonOf(verdict),
        solveRate: Number.isNaN(group.solveRate) ? null : group.solveRate,
        kept: isKept,
        ...(isKept ? { tokens: [...rollout.tokens], logps: Array.from(rollout.logps, digits) } : {}),
      };
    }
}

/** Five decimals: what a reader of the file can use. */
export function digits(logp: number): number {
  return Math.round(logp * 1e5) / 1e5;
}
