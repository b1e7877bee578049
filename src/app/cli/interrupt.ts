/**
 * Interrupts: the first one asks what runs to save and end, the second ends it at once.
 *
 * Ctrl-C (SIGINT), a system's wish to end (SIGTERM), a terminal that was closed or an ssh that was lost (SIGHUP),
 * a reader of stdout that went away, as in `errata train | head`, and npm's shell that died of a signal.
 */
import { constants } from "node:os";
import { exitCodes, stoppedBy } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One press may arrive twice: from the terminal, and passed on by npm. */
const SAME_PRESS_MS = 400;

export interface Interrupt {
  /** Aborted at the first signal. */
  readonly stop: AbortSignal;
  /** 128 + the number of the signal that came first. */
  readonly exitCode: number;
  /** Leaves signals to Node again. */
  release(): void;
}

/** What a reader that went away stops; undefined where nothing runs that could be saved. */
let stopRunning: ((signal: NodeJS.Signals) => void) | undefined;

/** Each line that is written after says so again. */
let left = false;

/** @param answer  said at the first signal */
export function onInterrupt(
  terminal: Terminal,
  answer = "Stopping: the run finishes what it is in and saves. Ctrl-C again ends it at once.",
): Interrupt {
  const controller = new AbortController();
  let first = 0;
  let exitCode: number = exitCodes.done;
  const ask = (signal: NodeJS.Signals) => {
    first = performance.now();
    exitCode = stoppedBy(constants.signals[signal]);
    controller.abort();
  };
  const heard = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      terminal.aside(`\n${answer}`);
      ask(signal);
    } else if (performance.now() - first > SAME_PRESS_MS) {
      terminal.status(undefined);
      endNow(signal);
    }
  };
  for (const signal of signals) process.on(signal, heard);
  stopRunning = (signal) => {
    if (!controller.signal.aborted) ask(signal);
  };
  const watch = watchStarter(() => stopRunning?.("SIGTERM"));
  return {
    stop: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      stopRunning = undefined;
      clearInterval(watch);
      for (const signal of signals) process.off(signal, heard);
    },
  };
}

/**
 * npm and npx start a command by a shell and pass signals to that shell, which dies of them and tells nobody:
 * then the process that is left has another parent.
 */
function watchStarter(left: () => void): NodeJS.Timeout | undefined {
  if (process.env.npm_command === undefined || process.platform === "win32") return undefined;
  const starter = process.ppid;
  return setInterval(() => process.ppid !== starter && left(), 250).unref();
}

/**
 * Ends the process without a word. Not by `process.exit`: it takes the engine's thread apart while a
 * session runs in it, which the runtime answers with an abort.
 */
function endNow(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Hears that stdout or stderr cannot be written: nobody reads it any more, or its terminal is closed. */
export function readerLeft(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  if (left) return;
  left = true;
  if (stopRunning === undefined) process.exit(process.exitCode ?? exitCodes.done);
  stopRunning(error.code === "EPIPE" ? "SIGPIPE" : "SIGHUP");
}
