/**
 * Verify: many answers to verdicts, isolated.
 *
 *   problems and answers  →  verdicts, in the same order
 *
 * A verifier runs in threads that can be killed. One that hangs, dies, falls silent or throws costs the answer
 * it was judging, which becomes an `error`; its thread is replaced and every other answer is unharmed.
 */
import { VerifierError } from "../../errors.ts";
import type { Problem, Verdict } from "../types.ts";
import { usualForms } from "./gold-forms.ts";
import type { Item, OpenedVerifier, VerifierOptions } from "./opened-verifier.ts";
import { classesOf, sameAnswer } from "./same-answer.ts";
import { hasAllForms, isBuiltIn, isCounted } from "./verifiers.ts";
import { type About, type Outcome, type Task, type ThreadLimits, VerifyThread } from "./verify-thread.ts";

export interface PoolOptions extends VerifierOptions {
  /**
   * Heap of each thread, in megabytes; 512 unless given. Node counts JavaScript objects and text in it, not the
   * content of an ArrayBuffer, which nothing bounds.
   */
  readonly memoryMb?: number;
  /** The longest a module may take to load, in milliseconds; 30,000 unless given, or `timeoutMs` where that is more. */
  readonly loadTimeoutMs?: number;
}

/** What a task lacks before it has its key. */
type Wanted = Task extends infer T ? (T extends Task ? Omit<T, "key"> : never) : never;

/** Tasks a thread holds at once: enough to hide the round trip, few enough to share the work evenly. */
const BATCH = 16;
/** How much longer than others a verifier may take that ends by itself: only a machine that is all but still keeps it so long. */
const TIMES_AS_LONG = 10;
/** Threads that may die without one verdict between them before the pool gives up. */
const MOST_DEATHS_IN_A_ROW = 8;

export class VerifierPool implements OpenedVerifier {
  readonly isBuiltIn: boolean;
  readonly hasAllForms: boolean;
  readonly #verifier: string;
  readonly #limits: ThreadLimits;
  readonly #threads = new Set<VerifyThread>();
  readonly #free = new Set<VerifyThread>();
  readonly #waiting: Task[] = [];
  readonly #settle = new Map<number, (outcome: Outcome) => void>();
  #about: About;
  #nextKey = 0;
  #deathsInARow = 0;
  #closed = false;

  private constructor(verifier: string, limits: ThreadLimits) {
    this.#verifier = verifier;
    this.#limits = limits;
    this.isBuiltIn = isBuiltIn(verifier);
    this.hasAllForms = hasAllForms(verifier);
    this.#about = { name: verifier, readsReference: undefined, compares: false, hasForms: false };
  }

  /**
   * Starts the threads and loads the verifier in each.
   *
   * @param verifier  a name from `verifiers.ts`, or the path of a module whose default export is a verifier
   * @throws VerifierError where it cannot be loaded
   */
  static async open(verifier: string, options: PoolOptions = {}): Promise<VerifierPool> {
    const { workers = 2, timeoutMs = 5000, memoryMb = 512, loadTimeoutMs = 30_000, scoreThreshold } = options;
    const limits = {
      timeoutMs: isCounted(verifier) ? TIMES_AS_LONG * timeoutMs : timeoutMs,
      memoryMb,
      scoreThreshold,
      loadTimeoutMs: Math.max(loadTimeoutMs, timeoutMs),
    };
    const pool = new VerifierPool(verifier, limits);
    const threads = Array.from({ length: Math.max(1, workers) }, () => pool.#start());
    try {
      [pool.#about] = await Promise.all(threads.map((thread) => thread.ready));
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

  get name(): string {
    return this.isBuiltIn ? this.#about.name : this.#verifier;
  }

  get readsReference(): boolean | undefined {
    return this.#about.readsReference;
  }

  async verify(items: readonly Item[]): Promise<Verdict[]> {
    const outcomes = await this.#do(items.map((item) => ({ kind: "judge", ...item })));
    return outcomes.map((outcome) =>
      outcome.kind === "compared" || outcome.kind === "forms"
        ? { kind: "error", because: "the verifier did not judge" }
        : outcome,
    );
  }

  async compare(answers: readonly string[]): Promise<readonly number[]> {
    if (this.#about.compares) {
      const [outcome] = await this.#do([{ kind: "compare", answers }]);
      if (outcome.kind === "compared") return outcome.classes;
    }
    return classesOf(answers, sameAnswer({}));
  }

  async goldForms(problems: readonly Problem[]): Promise<readonly (readonly string[])[]> {
    if (!this.#about.hasForms) return problems.map(usualForms);
    const outcomes = await this.#do(problems.map((problem) => ({ kind: "forms", problem })));
    return outcomes.map((outcome, i) => (outcome.kind === "forms" ? outcome.forms : usualForms(problems[i])));
  }

  /** Ends the threads; answers still waiting become errors. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#threads].map((thread) => thread.close()));
    this.#abandon("the pool was closed");
  }

  async #do(wanted: readonly Wanted[]): Promise<Outcome[]> {
    if (this.#closed) {
      throw new VerifierError({
        where: `verifier ${this.#verifier}`,
        expected: "an open pool",
        got: "one that was closed",
        next: "Open another with VerifierPool.open().",
      });
    }
    const outcomes = wanted.map(
      (task) =>
        new Promise<Outcome>((resolve) => {
          const key = this.#nextKey++;
          this.#settle.set(key, resolve);
          this.#waiting.push({ key, ...task });
        }),
    );
    this.#feed();
    return Promise.all(outcomes);
  }

  #start(): VerifyThread {
    const thread: VerifyThread = new VerifyThread(this.#verifier, this.#limits, {
      settled: (key, outcome) => this.#settled(key, outcome),
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
      thread.give(this.#waiting.splice(0, Math.min(BATCH, share)));
    }
  }

  #settled(key: number, outcome: Outcome): void {
    this.#deathsInARow = 0;
    this.#settle.get(key)?.(outcome);
    this.#settle.delete(key);
  }

  #gone(thread: VerifyThread, left: readonly Task[], loaded: boolean): void {
    this.#threads.delete(thread);
    this.#free.delete(thread);
    this.#waiting.unshift(...left);
    if (this.#closed) return;
    // a verifier that does not load, or dies without judging anything, would be started for ever
    if (loaded && this.#deathsInARow++ < MOST_DEATHS_IN_A_ROW) this.#start();
    if (this.#threads.size === 0) this.#abandon("every thread of the verifier died");
    this.#feed();
  }

  #abandon(because: string): void {
    this.#waiting.length = 0;
    for (const key of [...this.#settle.keys()]) this.#settled(key, { kind: "error", because });
  }
}
