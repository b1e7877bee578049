/**
 * Verify: many answers to verdicts, isolated.
 *
 *   problems and answers  →  verdicts, in the same order
 *
 * A verifier runs in threads that can be killed. One that hangs, dies or throws costs the row it was
 * judging, which becomes an `error`; its thread is replaced and every other row is unharmed.
 */
import { VerifierError } from "../../errors.ts";
import type { Problem, Verdict } from "../types.ts";
import { type Row, VerifyThread } from "./verify-thread.ts";

export interface PoolOptions {
  /** Threads; 2 unless given. */
  readonly workers?: number;
  /** The longest one answer may take, in milliseconds; 5,000 unless given. */
  readonly timeoutMs?: number;
  /** Heap of each thread, in megabytes; 512 unless given. */
  readonly memoryMb?: number;
}

export interface Item {
  readonly problem: Problem;
  readonly answer: string;
}

/** Rows a thread holds at once: enough to hide the round trip, few enough to share the work evenly. */
const batch = 16;
/** Threads that may die without one verdict between them before the pool gives up. */
const mostDeathsInARow = 8;

export class VerifierPool {
  readonly #verifier: string;
  readonly #timeoutMs: number;
  readonly #memoryMb: number;
  readonly #threads = new Set<VerifyThread>();
  readonly #free = new Set<VerifyThread>();
  readonly #waiting: Row[] = [];
  readonly #settle = new Map<number, (verdict: Verdict) => void>();
  #watch: NodeJS.Timeout | undefined;
  #nextKey = 0;
  #deathsInARow = 0;
  #closed = false;

  private constructor(verifier: string, timeoutMs: number, memoryMb: number) {
    this.#verifier = verifier;
    this.#timeoutMs = timeoutMs;
    this.#memoryMb = memoryMb;
  }

  /**
   * Starts the threads and loads the verifier in each.
   *
   * @param verifier  a name from `verifiers.ts`, or the path of a module whose default export is a verifier
   * @throws VerifierError where it cannot be loaded
   */
  static async open(verifier: string, options: PoolOptions = {}): Promise<VerifierPool> {
    const { workers = 2, timeoutMs = 5000, memoryMb = 512 } = options;
    const pool = new VerifierPool(verifier, timeoutMs, memoryMb);
    const threads = Array.from({ length: Math.max(1, workers) }, () => pool.#start());
    try {
      await Promise.all(threads.map((thread) => thread.ready));
    } catch (cause) {
      await pool.close();
      if (cause instanceof VerifierError) throw cause;
      throw new VerifierError({
        where: `verifier ${verifier}`,
        expected: "a verifier that loads",
        got: cause instanceof Error ? cause.message : String(cause),
        next: "Name a built-in verifier, or give the path of a module whose default export is (problem, answer) => verdict.",
        cause,
      });
    }
    return pool;
  }

  /** @returns one verdict for each item, in order. Never rejects for what a verifier does. */
  async verify(items: readonly Item[]): Promise<Verdict[]> {
    if (this.#closed) {
      throw new VerifierError({
        where: `verifier ${this.#verifier}`,
        expected: "an open pool",
        got: "one that was closed",
        next: "Open another with VerifierPool.open().",
      });
    }
    const verdicts = items.map(
      ({ problem, answer }) =>
        new Promise<Verdict>((resolve) => {
          const key = this.#nextKey++;
          this.#settle.set(key, resolve);
          this.#waiting.push({ key, problem, answer });
        }),
    );
    this.#feed();
    return Promise.all(verdicts);
  }

  /** Ends the threads; rows still waiting become errors. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    await Promise.all([...this.#threads].map((thread) => thread.close()));
    this.#abandon("the pool was closed");
  }

  #start(): VerifyThread {
    const thread: VerifyThread = new VerifyThread(this.#verifier, this.#memoryMb, {
      settled: (key, verdict) => this.#settled(key, verdict),
      idle: () => {
        this.#free.add(thread);
        this.#feed();
      },
      gone: (left, loaded) => this.#gone(thread, left, loaded),
    });
    this.#threads.add(thread);
    thread.ready.then(
      () => {
        this.#free.add(thread);
        this.#feed();
      },
      () => {},
    );
    return thread;
  }

  #feed(): void {
    for (const thread of this.#free) {
      if (this.#waiting.length === 0) break;
      this.#free.delete(thread);
      const share = Math.ceil(this.#waiting.length / this.#threads.size);
      thread.give(this.#waiting.splice(0, Math.min(batch, share)));
    }
    if (this.#settle.size > 0) {
      this.#watch ??= setInterval(
        () => {
          for (const thread of this.#threads) thread.check(this.#timeoutMs);
        },
        Math.min(100, this.#timeoutMs / 2),
      );
    } else {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
  }

  #settled(key: number, verdict: Verdict): void {
    this.#deathsInARow = 0;
    this.#settle.get(key)?.(verdict);
    this.#settle.delete(key);
  }

  #gone(thread: VerifyThread, left: readonly Row[], loaded: boolean): void {
    this.#threads.delete(thread);
    this.#free.delete(thread);
    this.#waiting.unshift(...left);
    if (this.#closed) return;
    // a verifier that does not load, or dies without judging anything, would be started for ever
    if (loaded && this.#deathsInARow++ < mostDeathsInARow) this.#start();
    if (this.#threads.size === 0) this.#abandon("every thread of the verifier died");
    this.#feed();
  }

  #abandon(because: string): void {
    this.#waiting.length = 0;
    for (const key of [...this.#settle.keys()]) this.#settled(key, { kind: "error", because });
  }
}
