/**
 * A verifier that a caller of the library gave as a value: it runs in the caller's own process.
 *
 * What it throws costs the one answer, and so does a promise that takes too long. Nothing isolates it: a loop
 * without end stops the whole process, and what it prints, keeps or breaks is the caller's own.
 */
import type { Problem, Verdict, Verifier } from "../types.ts";
import { goldForms, usualForms } from "./gold-forms.ts";
import { judge } from "./judge.ts";
import type { Item, OpenedVerifier, VerifierOptions } from "./opened-verifier.ts";
import { classesOf, sameAnswer } from "./same-answer.ts";

export class CallerVerifier implements OpenedVerifier {
  readonly name: string;
  readonly isBuiltIn = false;
  readonly hasAllForms = false;
  readonly readsReference: boolean | undefined;
  readonly #verifier: Verifier;
  readonly #workers: number;
  readonly #timeoutMs: number;
  readonly #threshold: number | undefined;
  readonly #closing = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(verifier: Verifier, { workers = 2, timeoutMs = 5000, scoreThreshold }: VerifierOptions) {
    this.name = verifier.name;
    this.readsReference = verifier.readsReference;
    this.#verifier = verifier;
    this.#workers = Math.max(1, workers);
    this.#timeoutMs = timeoutMs;
    this.#threshold = scoreThreshold;
  }

  verify(items: readonly Item[]): Promise<Verdict[]> {
    return Promise.all(items.map((item) => this.#inTurn(item)));
  }

  async compare(answers: readonly string[]): Promise<readonly number[]> {
    try {
      return classesOf(answers, sameAnswer(this.#verifier));
    } catch {
      return classesOf(answers, sameAnswer({}));
    }
  }

  async goldForms(problems: readonly Problem[]): Promise<readonly (readonly string[])[]> {
    return problems.map((problem) => {
      try {
        return goldForms(this.#verifier, problem);
      } catch {
        return usualForms(problem);
      }
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  /** With as many others as there are workers, whoever asked for them. */
  async #inTurn(item: Item): Promise<Verdict> {
    if (this.#busy === this.#workers) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#busy++;
    try {
      return await this.#one(item);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy--;
      else next();
    }
  }

  #one({ problem, answer }: Item): Promise<Verdict> {
    const { signal } = this.#closing;
    if (signal.aborted) return Promise.resolve({ kind: "error", because: "the verifier was closed" });
    return new Promise((resolve) => {
      const onClose = () => settle({ kind: "error", because: "the verifier was closed" });
      const timer = setTimeout(
        () =>
          settle({
            kind: "error",
            because: `the verifier gave no verdict: no verdict within ${this.#timeoutMs} ms`,
            isLate: true,
          }),
        this.#timeoutMs,
      );
      const settle = (verdict: Verdict) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onClose);
        resolve(verdict);
      };
      signal.addEventListener("abort", onClose);
      void judge(this.#verifier, problem, answer, this.#threshold).then(settle);
    });
  }
}
