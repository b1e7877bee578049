/**
 * Whether a run is learning: its evaluations against its first, problem by problem, with a plain word.
 */
import type { EvalRecord, Interval } from "../../run/records.ts";

export interface SinceStart extends Interval {
  readonly step: number;
  /** `better` or `worse` where the whole interval is on one side of 0. */
  readonly word: "better" | "worse" | "cannot tell yet";
}

/** Of each evaluation that was compared with the first one, in order. */
export function sinceStart(evals: readonly EvalRecord[]): SinceStart[] {
  return evals.flatMap((record) =>
    record.kind === "solve" && record.sinceStart !== undefined
      ? [{ step: record.step, ...record.sinceStart, word: wordOf(record.sinceStart) }]
      : [],
  );
}

/** A change with its interval, in a word. */
export function wordOf({ low, high }: Interval): SinceStart["word"] {
  if (low > 0) return "better";
  return high < 0 ? "worse" : "cannot tell yet";
}
