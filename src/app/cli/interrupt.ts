/**
 * Ctrl-C: once asks the run to finish its step, save and end; twice ends at once.
 */
import type { Terminal } from "./terminal.ts";

/** The exit code of a command that was interrupted. */
export const interrupted = 130;

/** One press may arrive twice: from the terminal, and passed on by npm. */
const samePressMs = 400;

export interface Interrupt {
  /** Aborted at the first Ctrl-C, or when the system asks the process to end. */
  readonly stop: AbortSignal;
  /** Leaves Ctrl-C to Node again. */
  release(): void;
}

/** @param answer  said at the first Ctrl-C */
export function onInterrupt(
  terminal: Terminal,
  answer = "Stopping: the run finishes what it is in and saves. Ctrl-C again ends it at once.",
): Interrupt {
  const controller = new AbortController();
  let first = 0;
  const heard = () => {
    if (!controller.signal.aborted) {
      first = performance.now();
      terminal.aside(`\n${answer}`);
      controller.abort();
    } else if (performance.now() - first > samePressMs) {
      terminal.status(undefined);
      endNow();
    }
  };
  process.on("SIGINT", heard);
  process.on("SIGTERM", heard);
  return {
    stop: controller.signal,
    release() {
      process.off("SIGINT", heard);
      process.off("SIGTERM", heard);
    },
  };
}

/**
 * Ends the process without a word. Not by `process.exit`: it takes the engine's thread apart while a
 * session runs in it, which the runtime answers with an abort.
 */
export function endNow(): void {
  process.removeAllListeners("SIGINT");
  process.kill(process.pid, "SIGINT");
}
