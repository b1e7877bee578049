/**
 * One killable thread with a verifier in it, as the pool sees it.
 *
 * It answers for the rows it was given: each is settled once, with its verdict or, for the one row the
 * thread hung or died on, with an error; the rows behind that one go back to the pool.
 */
import type { Worker } from "node:worker_threads";
import { type Fault, VerifierError } from "../../errors.ts";
import { startWorker } from "../../files/worker-file.ts";
import type { Problem, Verdict } from "../types.ts";

/** A row to judge; `key` is unique in its pool. */
export interface Row {
  readonly key: number;
  readonly problem: Problem;
  readonly answer: string;
}

export interface ThreadData {
  readonly verifier: string;
  /** Two BigInt64: the key of the row being judged (-1 for none), and when it began, ms since 1970. */
  readonly progress: SharedArrayBuffer;
}

export type ToThread = readonly Row[];
export type FromThread =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly fault: Fault }
  | { readonly kind: "verdict"; readonly key: number; readonly verdict: Verdict };

export interface ThreadEvents {
  readonly settled: (key: number, verdict: Verdict) => void;
  /** Every row given has been settled: the thread is free. */
  readonly idle: () => void;
  /** The thread is gone; the rows it never began are to be judged elsewhere. `loaded`: it once had its verifier. */
  readonly gone: (left: readonly Row[], loaded: boolean) => void;
}

export class VerifyThread {
  /** Resolves when the verifier is loaded; rejects with the reason where it cannot be. */
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #clock: BigInt64Array;
  readonly #rows = new Map<number, Row>();
  readonly #events: ThreadEvents;
  #lastWords = "its thread ended";
  #loaded = false;

  constructor(verifier: string, memoryMb: number, events: ThreadEvents) {
    const progress = new SharedArrayBuffer(16);
    this.#clock = new BigInt64Array(progress);
    this.#clock[0] = -1n;
    this.#events = events;
    const workerData: ThreadData = { verifier, progress };
    this.#worker = startWorker("verify-worker", import.meta.url, {
      workerData,
      typescript: verifier.endsWith(".ts"),
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on("message", (message: FromThread) => {
        if (message.kind === "ready") {
          this.#loaded = true;
          if (this.#rows.size === 0) this.#worker.unref();
          resolve();
        } else if (message.kind === "failed") reject(new VerifierError(message.fault));
        else this.#settle(message.key, message.verdict);
      });
      this.#worker.on("error", (fault) => {
        this.#lastWords = `its thread died: ${fault instanceof Error ? fault.message : String(fault)}`;
        reject(fault);
      });
      this.#worker.on("exit", () => {
        this.#bury();
        reject(new Error(this.#lastWords));
      });
    });
    // whoever opens the pool reads the rejection; a replacement's failure also arrives as `gone`
    this.ready.catch(() => {});
  }

  give(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(row.key, row);
    this.#worker.ref();
    this.#worker.postMessage(rows satisfies ToThread);
  }

  /** Ends the thread if the row it is judging has taken longer than `limitMs`. */
  check(limitMs: number): void {
    const key = Number(Atomics.load(this.#clock, 0));
    const tookMs = Date.now() - Number(Atomics.load(this.#clock, 1));
    if (key < 0 || tookMs <= limitMs) return;
    this.#lastWords = `no verdict within ${limitMs} ms`;
    void this.#worker.terminate();
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(key: number, verdict: Verdict): void {
    if (!this.#rows.delete(key)) return;
    this.#events.settled(key, verdict);
    if (this.#rows.size > 0) return;
    this.#worker.unref();
    this.#events.idle();
  }

  /** Settles the row the thread died on, and hands back the rest. */
  #bury(): void {
    const guilty = Number(Atomics.load(this.#clock, 0));
    if (this.#rows.delete(guilty)) {
      this.#events.settled(guilty, {
        kind: "error",
        because: `the verifier gave no verdict: ${this.#lastWords}`,
      });
    }
    const left = [...this.#rows.values()];
    this.#rows.clear();
    this.#events.gone(left, this.#loaded);
  }
}
