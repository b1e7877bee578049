/**
 * When a run did what: its logged events → spans, one after the other, the last of them what it is busy with.
 */
import type { LoggedEvent, Phase } from "./events.ts";

export interface PhaseSpan {
  /** `paused` is no work: the run waits, as it was asked to. */
  readonly phase: Phase | "paused";
  /** The step that it is part of; of `eval`, `save` and `paused`, the steps taken before. */
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** Absent while it goes on, and where the process died in it. */
  readonly end?: number;
  /** How far it has come, where it has said so. */
  readonly done?: number;
  readonly total?: number;
}

/** What ends a phase; notes, checks and progress fall inside of one. */
const endings: ReadonlySet<LoggedEvent["kind"]> = new Set([
  ...(["phase", "start", "step", "eval", "saved", "paused", "continued", "end"] as const),
]);

export function phasesOf(events: readonly LoggedEvent[]): PhaseSpan[] {
  const spans: PhaseSpan[] = [];
  let open: PhaseSpan | undefined;
  /** The step that it is paused after; what it is asked for meanwhile it does, and then it waits again. */
  let pausedAfter: number | undefined;
  for (const event of events) {
    if (event.kind === "progress" && open !== undefined)
      open = { ...open, done: event.done, total: event.total };
    if (!endings.has(event.kind)) continue;
    const time = Date.parse(event.time);
    // a process begins with this one: what another was in when it died has no end that is known
    const isNewProcess = event.kind === "phase" && event.phase === "open";
    if (open !== undefined) spans.push(isNewProcess ? open : { ...open, end: time });
    open = undefined;
    if (event.kind === "paused") pausedAfter = event.step;
    if (isNewProcess || event.kind === "continued" || event.kind === "end") pausedAfter = undefined;
    if (event.kind === "phase") open = { phase: event.phase, step: event.step, start: time };
    else if (pausedAfter !== undefined) open = { phase: "paused", step: pausedAfter, start: time };
  }
  return open === undefined ? spans : [...spans, open];
}
