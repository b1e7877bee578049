/**
 * events.jsonl: what a run tells as it goes, with times, for whoever opens it late or was not there.
 *
 * A line is in the file when the event has passed, also where the process is killed then. Nothing is taken back on
 * a resume: the file says what happened. It is no part of a run's result, so a disk that refuses it ends nothing.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { LoggedEvent, RunEvent } from "./events.ts";
import { wholeLength } from "./follow.ts";

/** Progress is written at most so often, and only where it has come so much further, as a share of the whole. */
const LEAST_MS = 1000;
const LEAST_SHARE = 0.02;

export class EventLog {
  /** Lines told before the run's folder is known. */
  #waiting: string[] | undefined = [];
  #file: number | undefined;
  #progress = { at: 0, share: 0 };

  /** Begins to write, after the last whole line that is there. */
  async open(folder: string): Promise<void> {
    const path = join(folder, "events.jsonl");
    try {
      await cutToWholeLines(path);
      this.#file = openSync(path, "a");
    } catch {
      this.close();
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const line of waiting) this.#write(line);
  }

  readonly hear = (event: RunEvent): void => {
    if (event.kind === "progress" && !this.#isFurther(event.done, event.total)) return;
    if (event.kind === "phase") this.#progress = { at: performance.now(), share: 0 };
    const logged = loggedOf(event);
    if (logged !== undefined) this.#write(`${JSON.stringify(logged)}\n`);
  };

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #isFurther(done: number, total: number): boolean {
    const now = performance.now();
    const share = done / total;
    if (now - this.#progress.at < LEAST_MS || share - this.#progress.share < LEAST_SHARE) return false;
    this.#progress = { at: now, share };
    return true;
  }

  #write(line: string): void {
    if (this.#waiting !== undefined) this.#waiting.push(line);
    if (this.#file === undefined) return;
    const data = Buffer.from(line);
    const { size } = fstatSync(this.#file);
    try {
      if (writeSync(this.#file, data) === data.length) return;
    } catch {
      // the run's own files meet the same disk, and say so
    }
    ftruncateSync(this.#file, size);
    this.close();
  }
}

/** A process that was killed may have left a part of a line. */
async function cutToWholeLines(path: string): Promise<void> {
  const file = await open(path, "a+");
  try {
    await file.truncate(await wholeLength(file));
  } finally {
    await file.close();
  }
}

/** An event as it is kept; undefined of downloads, which pass before a run has a folder. */
function loggedOf(event: RunEvent): LoggedEvent | undefined {
  const time = new Date().toISOString();
  switch (event.kind) {
    case "start": {
      const { kind, resumedAt, steps, model } = event;
      return { time, kind, resumedAt, steps, model };
    }
    case "step":
    case "sft-step":
      return { time, kind: "step", step: event.step };
    case "eval":
      return { time, kind: "eval", step: event.step };
    case "saved":
      return { time, kind: "saved", step: event.step, seconds: event.seconds };
    case "end":
      return { time, kind: "end", reason: event.reason, text: event.text };
    case "download":
      return undefined;
    default:
      return { time, ...event };
  }
}
