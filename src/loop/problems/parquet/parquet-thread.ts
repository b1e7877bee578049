/**
 * The rows of a parquet file, decoded in a thread that is ended where it takes more of the processor than a file
 * of that size is worth.
 *
 * A thread that is done with a file waits a moment for the next: data sets come in many.
 */
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../../files/worker-file.ts";
import { HEAP_MB, limitsOf } from "./limits.ts";
import type { Plain } from "./values.ts";

export interface ToParquetThread {
  readonly file: string;
  readonly bytes: number;
}

/** Of each file a footer and parts of its rows, each but the first when any message asks for it, then the last word. */
export type FromParquetThread =
  | { readonly kind: "footer" }
  /** Without their values where they are longer than rows may be. */
  | { readonly kind: "rows"; readonly rows: readonly Plain[] }
  /** Also said once the thread has started. */
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly got: string };

/** Milliseconds between two looks at the clock. */
const TICK_MS = 50;
/** Milliseconds that a thread waits for another file. */
const WAIT_MS = 500;

/** Threads without a file, each with the clock that ends it. */
const waiting = new Map<Worker, NodeJS.Timeout>();

/** @throws Error saying what is wrong with the file */
export async function* decodedRows(file: ToParquetThread): AsyncGenerator<Plain> {
  const { footerMs, rowsMs } = limitsOf(file.bytes);
  const worker = await takeThread();
  let answer: FromParquetThread | undefined;
  try {
    for (let leftMs = footerMs; ; ) {
      worker.postMessage(file);
      const tookMs = stopwatch();
      answer = undefined;
      answer = await answerOf(worker, leftMs);
      leftMs = answer.kind === "footer" ? rowsMs : leftMs - tookMs();
      if (answer.kind === "rows") yield* answer.rows;
      if (answer.kind === "failed") throw new Error(answer.got);
      if (answer.kind === "done") return;
    }
  } finally {
    if (answer?.kind === "done" || answer?.kind === "failed") letWait(worker);
    else await worker.terminate();
  }
}

async function takeThread(): Promise<Worker> {
  for (const [worker, clock] of waiting) {
    clearTimeout(clock);
    waiting.delete(worker);
    worker.ref();
    return worker;
  }
  const worker = startWorker("parquet-worker", import.meta.url, {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  // faults are heard where an answer is waited for
  worker.on("error", () => undefined);
  await once(worker, "message");
  return worker;
}

function letWait(worker: Worker): void {
  const end = (): void => {
    waiting.delete(worker);
    void worker.terminate();
  };
  worker.unref();
  waiting.set(worker, setTimeout(end, WAIT_MS).unref());
}

/** @throws Error where the thread dies, or computes for more than `mostMs` */
async function answerOf(worker: Worker, mostMs: number): Promise<FromParquetThread> {
  const clock = new AbortController();
  const tookMs = stopwatch();
  const timer = setInterval(() => tookMs() > mostMs && clock.abort(), TICK_MS);
  try {
    const [answer] = (await once(worker, "message", { signal: clock.signal })) as [FromParquetThread];
    return answer;
  } catch (cause) {
    if (clock.signal.aborted) throw new Error("a file that takes more time than its size is worth");
    if ((cause as NodeJS.ErrnoException).code !== "ERR_WORKER_OUT_OF_MEMORY") throw cause;
    throw new Error(`a file that takes more than ${HEAP_MB} MB of memory`);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Milliseconds since now that a thread may have computed: no more than have passed, and no more than all threads of
 * this process computed, so that neither a busy machine nor a busy process makes a file look slow.
 */
function stopwatch(): () => number {
  const began = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return Math.min(performance.now() - began, (user + system) / 1000);
  };
}
