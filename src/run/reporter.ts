/**
 * Telling: sends a run's events, and times its phases as it announces them.
 */
import type { OnEvent, Phase, RunEvent } from "./events.ts";

export type PhaseProgress = (done: number, total: number) => void;

export interface Tell {
  (event: RunEvent): void;
  /** Announces a phase, runs it and adds its time to `seconds`. */
  timed<T>(phase: Phase, step: number, work: (progress: PhaseProgress) => Promise<T>): Promise<T>;
  /** Seconds in each phase since `restart`. */
  readonly seconds: ReadonlyMap<Phase, number>;
  /** Begins to count anew. @returns the seconds since now, whenever it is called */
  restart(): () => number;
}

/** @param listeners  hear each event, in their order */
export function teller(...listeners: readonly (OnEvent | undefined)[]): Tell {
  const seconds = new Map<Phase, number>();
  const send = (event: RunEvent): void => {
    for (const listener of listeners) listener?.(event);
  };
  const timed: Tell["timed"] = async (phase, step, work) => {
    send({ kind: "phase", phase, step });
    const watch = stopwatch();
    try {
      return await work((done, total) => send({ kind: "progress", phase, step, done, total }));
    } finally {
      seconds.set(phase, (seconds.get(phase) ?? 0) + watch());
    }
  };
  const restart = () => {
    seconds.clear();
    return stopwatch();
  };
  return Object.assign(send, { seconds, timed, restart });
}

function stopwatch(): () => number {
  const began = performance.now();
  return () => (performance.now() - began) / 1000;
}
