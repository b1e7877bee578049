/**
 * The thread that programs run in, one after another, each against the clock.
 *
 *   program, tests  →  what fails first
 *
 * The sandbox counts steps, and one call of a built-in may take for ever within one. Then the thread is ended
 * and another begun: the program was at fault, and nothing else was in it.
 */
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../files/worker-file.ts";

/** What a program is to do. */
export interface Suite {
  /** The name of its function. */
  readonly entry: string;
  readonly tests: readonly { readonly args: readonly unknown[]; readonly expected: unknown }[];
}

export interface ToCodeThread {
  readonly program: string;
  readonly suite: Suite;
}

/** The first failure in words; null where every test passed. */
export type FromCodeThread = string | null;

/** Milliseconds for all tests of a program; a few times as long as the steps that the sandbox grants it. */
const LONGEST_MS = 1500;

let thread: Promise<Worker> | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a program and its tests.
 *
 * @returns the first failure in words, undefined where every test passed
 * @throws  where the thread itself dies
 */
export function runTests(program: string, suite: Suite): Promise<string | undefined> {
  const outcome = last.then(() => runOne({ program, suite }));
  last = outcome.catch(() => undefined);
  return outcome;
}

async function runOne(job: ToCodeThread): Promise<string | undefined> {
  thread ??= start();
  const worker = await thread.catch((cause: unknown) => {
    thread = undefined;
    throw cause;
  });
  worker.ref();
  worker.postMessage(job);
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), LONGEST_MS);
  try {
    const [failure] = (await once(worker, "message", { signal: clock.signal })) as [FromCodeThread];
    worker.unref();
    return failure ?? undefined;
  } catch (cause) {
    thread = undefined;
    await worker.terminate();
    if (clock.signal.aborted) return "it ran for too long";
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

/** @returns the thread, once it is ready; its start is no program's time */
async function start(): Promise<Worker> {
  const worker = startWorker("code-worker", import.meta.url);
  worker.on("error", () => undefined);
  worker.on("exit", () => {
    thread = undefined;
  });
  await once(worker, "message");
  return worker;
}
