/**
 * One killable thread with a verifier in it, as the pool sees it.
 *
 * It answers for the tasks it was given: each is settled once, with its outcome or, for the one that the
 * thread hung or died on, with an error; those behind that one go back to the pool.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { type Fault, VerifierError } from "../../errors.ts";
import { startWorker } from "../../files/worker-file.ts";
import type { Problem, Verdict } from "../types.ts";

/** One thing to do, an answer to judge, answers to compare or a reference to put in its forms; `key` is unique in its pool. */
export type Task = { readonly key: number } & (
  | { readonly kind: "judge"; readonly problem: Problem; readonly answer: string }
  | { readonly kind: "compare"; readonly answers: readonly string[] }
  | { readonly kind: "forms"; readonly problem: Problem }
);
/** `classes`: for each answer the place of the first one that says the same. */
export type Outcome =
  | Verdict
  | { readonly kind: "compared"; readonly classes: readonly number[] }
  | { readonly kind: "forms"; readonly forms: readonly string[] };

export interface ThreadData {
  readonly verifier: string;
  readonly scoreThreshold: number | undefined;
  /** Two BigInt64: the key of the task under way (or `idle`, `loading`), and since when, ms since 1970. */
  readonly progress: SharedArrayBuffer;
  readonly port: MessagePort;
}
/** In place of a key. */
export const IDLE = -1;
export const LOADING = -2;

/** What is known of the verifier once it is loaded. */
export interface About {
  readonly name: string;
  readonly readsReference: boolean | undefined;
  /** Whether it has a `sameAnswer`. */
  readonly compares: boolean;
  /** Whether it has `goldForms`. */
  readonly hasForms: boolean;
}

export type FromThread =
  | { readonly kind: "ready"; readonly about: About }
  | { readonly kind: "failed"; readonly fault: Fault }
  | { readonly kind: "done"; readonly key: number; readonly outcome: Outcome };

export interface ThreadLimits {
  /** Heap, in megabytes. */
  readonly memoryMb: number;
  /** The longest one task may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly scoreThreshold: number | undefined;
  /** The longest the module may take to load, in milliseconds. */
  readonly loadTimeoutMs: number;
}

export interface ThreadEvents {
  readonly settled: (key: number, outcome: Outcome) => void;
  /** Every task given has been settled: the thread is free. */
  readonly idle: () => void;
  /** The thread is gone; the tasks it never began are to be done elsewhere. `loaded`: it once had its verifier. */
  readonly gone: (left: readonly Task[], loaded: boolean) => void;
}

/** Room for the depth that the sandbox of `code` lets a program go to. */
const STACK_SIZE_MB = 16;
/** Milliseconds between two looks at the clock. */
const TICK_MS = 100;

export class VerifyThread {
  /** Resolves when the verifier is loaded; rejects with the reason where it cannot be. */
  readonly ready: Promise<About>;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #clock: BigInt64Array;
  readonly #limits: ThreadLimits;
  readonly #events: ThreadEvents;
  /** In the order they were given. */
  readonly #tasks = new Map<number, Task>();
  readonly #watch: NodeJS.Timeout;
  #lastWords = "its thread ended";
  #loaded = false;
  #isLate = false;
  /** Looks in a row at which it had tasks and was at none. */
  #silent = 0;

  constructor(verifier: string, limits: ThreadLimits, events: ThreadEvents) {
    const progress = new SharedArrayBuffer(16);
    this.#clock = new BigInt64Array(progress);
    this.#clock[0] = BigInt(IDLE);
    this.#limits = limits;
    this.#events = events;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const { scoreThreshold } = limits;
    const workerData: ThreadData = { verifier, scoreThreshold, progress, port: port2 };
    this.#worker = startWorker("verify-worker", import.meta.url, {
      workerData,
      transferList: [port2],
      typescript: /\.[cm]?ts$/.test(verifier),
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb, stackSizeMb: STACK_SIZE_MB },
      stdout: true,
    });
    // what a verifier prints is no result of the command
    this.#worker.stdout.on("data", (chunk) => process.stderr.write(chunk));
    this.#watch = setInterval(() => this.#look(), Math.min(TICK_MS, limits.timeoutMs / 2));
    this.#watch.unref();
    this.ready = new Promise((resolve, reject) => {
      const hear = (message: FromThread): void => {
        if (message.kind === "ready") {
          this.#loaded = true;
          this.#rest();
          resolve(message.about);
        } else if (message.kind === "failed") reject(new VerifierError(message.fault));
        else this.#settle(message.key, message.outcome);
      };
      this.#port.on("message", hear);
      this.#worker.on("error", (fault) => {
        this.#lastWords = `its thread died: ${fault instanceof Error ? fault.message : String(fault)}`;
      });
      this.#worker.on("exit", () => {
        // its last messages may still be under way
        for (let last = receiveMessageOnPort(this.#port); last; last = receiveMessageOnPort(this.#port))
          hear(last.message);
        this.#onExit();
        reject(new Error(this.#lastWords));
      });
    });
    // whoever opens the pool reads the rejection; a replacement's failure also arrives as `gone`
    this.ready.catch(() => {});
  }

  give(tasks: readonly Task[]): void {
    for (const task of tasks) this.#tasks.set(task.key, task);
    this.#silent = 0;
    this.#worker.ref();
    this.#port.ref();
    this.#port.postMessage(tasks);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** A thread without tasks keeps no process alive. */
  #rest(): void {
    this.#worker.unref();
    this.#port.unref();
  }

  /** Ends the thread where what it is at has taken too long, or where it has tasks and is at none of them. */
  #look(): void {
    const { timeoutMs, loadTimeoutMs } = this.#limits;
    const doing = Number(Atomics.load(this.#clock, 0));
    const tookMs = Date.now() - Number(Atomics.load(this.#clock, 1));
    if (doing === LOADING && tookMs > loadTimeoutMs) this.#end(`not loaded within ${loadTimeoutMs} ms`);
    else if (doing >= 0 && tookMs > timeoutMs) this.#end(`no verdict within ${timeoutMs} ms`, true);
    else if (doing === IDLE && this.#loaded && this.#tasks.size > 0) {
      // in looks and not in time: messages arrive between two looks, however long this process was busy
      if (++this.#silent * TICK_MS > timeoutMs + 1000) this.#end("its thread fell silent", true);
    } else this.#silent = 0;
  }

  #end(lastWords: string, isLate = false): void {
    this.#isLate = isLate;
    this.#lastWords = lastWords;
    void this.#worker.terminate();
  }

  #settle(key: number, outcome: Outcome): void {
    this.#silent = 0;
    if (!this.#tasks.delete(key)) return;
    this.#events.settled(key, outcome);
    if (this.#tasks.size > 0) return;
    this.#rest();
    this.#events.idle();
  }

  /** Settles the task the thread died on, and hands back the rest. */
  #onExit(): void {
    clearInterval(this.#watch);
    this.#port.close();
    const doing = Number(Atomics.load(this.#clock, 0));
    // one that fell silent kept its first task's outcome to itself
    const guilty = doing === IDLE && this.#silent > 0 ? [...this.#tasks.keys()][0] : doing;
    if (this.#tasks.delete(guilty)) {
      this.#events.settled(guilty, {
        kind: "error",
        because: `the verifier gave no verdict: ${this.#lastWords}`,
        ...(this.#isLate ? { isLate: true } : {}),
      });
    }
    const left = [...this.#tasks.values()];
    this.#tasks.clear();
    this.#events.gone(left, this.#loaded);
  }
}
