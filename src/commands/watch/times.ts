/**
 * Where the time of a run goes, by step: its phases from steps.jsonl, evaluations and checkpoints from events.jsonl.
 */
import type { LoggedEvent } from "../../run/events.ts";
import { phasesOf } from "../../run/phases.ts";
import type { StepRecord } from "../../run/records.ts";

/** In the order of the flow; `other` is what the step took beside its phases. */
export const timedPhases = [
  ...(["gen", "verify", "old_log_prob", "update_actor", "token_records", "other", "eval", "save"] as const),
];
export type TimedPhase = (typeof timedPhases)[number];

export interface StepTime {
  readonly step: number;
  /** Seconds; a phase that the step did not have has no key. */
  readonly seconds: Readonly<Partial<Record<TimedPhase, number>>>;
}

/** Of each step that was taken, in order; what followed a step is counted with it, the last time that it was taken. */
export function timesOf(steps: readonly StepRecord[], events: readonly LoggedEvent[]): StepTime[] {
  const after = secondsAfter(events);
  return steps.map(({ step, metrics }) => {
    const own = Object.fromEntries(
      timedPhases.flatMap((phase) => {
        const seconds = metrics[`timing_s/${phase}`];
        return seconds === undefined ? [] : [[phase, seconds]];
      }),
    );
    const whole = metrics["timing_s/step"];
    const counted = Object.values(own).reduce((sum, seconds) => sum + seconds, 0);
    const other = whole === undefined ? {} : { other: Math.max(0, whole - counted) };
    return { step, seconds: { ...own, ...other, ...after.get(step) } };
  });
}

function secondsAfter(events: readonly LoggedEvent[]): Map<number, { eval?: number; save?: number }> {
  const found = new Map<number, { eval?: number; save?: number }>();
  for (const { phase, step, start, end } of phasesOf(events)) {
    // a step that is taken again begins anew
    if (phase === "gen" || phase === "update_actor") found.delete(step);
    if ((phase !== "eval" && phase !== "save") || end === undefined) continue;
    const own = found.get(step) ?? {};
    found.set(step, { ...own, [phase]: (own[phase] ?? 0) + (end - start) / 1000 });
  }
  return found;
}
