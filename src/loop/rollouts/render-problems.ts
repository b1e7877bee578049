/**
 * Putting problems to a model one by one, past those that it cannot be asked: a conversation that its template
 * refuses, a text that its tokenizer cannot spell. One such row is no reason to end a run.
 */
import { DataError, ErrataError } from "../../errors.ts";
import type { LeftOut, Problem } from "../types.ts";
import type { RenderedPrompt } from "./prompt.ts";

/** Milliseconds in which one problem should have been asked: a template that never ends would fail on each in turn. */
const PATIENCE = 1500;

export class Asking<T extends RenderedPrompt> {
  readonly refused: LeftOut[] = [];
  readonly #name: string;
  readonly #put: (problem: Problem) => T;
  readonly #began = performance.now();
  #first: ErrataError | undefined;
  #tried = 0;

  /**
   * @param name  of the data set
   * @param put   makes of a problem what the model reads; what it throws is why the model cannot be asked
   */
  constructor(name: string, put: (problem: Problem) => T) {
    this.#name = name;
    this.#put = put;
  }

  /**
   * @returns undefined where the model cannot be asked this
   * @throws what the first of them said, where it can be asked none for long
   */
  ask(problem: Problem): T | undefined {
    this.#tried++;
    try {
      const prompt = this.#put(problem);
      if (prompt.tokens.length > 0) return prompt;
      throw new DataError({
        where: `${this.#name}, problem ${problem.id}`,
        expected: "a prompt of at least one token",
        got: `${JSON.stringify(prompt.text)}, which is none`,
        next: "Check the row and prompt_template.",
      });
    } catch (error) {
      if (!(error instanceof ErrataError)) throw error;
      this.#first ??= error;
      const because = `cannot be asked: expected ${error.expected}, got ${error.got}`;
      this.refused.push({ where: this.#name, what: `problem ${problem.id}`, because });
      if (this.refused.length === this.#tried && performance.now() - this.#began > PATIENCE)
        throw this.#first;
      return undefined;
    }
  }

  /** In words, how many were refused. @throws what the first of them said, where all were */
  notices(): readonly string[] {
    const [first] = this.refused;
    if (first === undefined) return [];
    if (this.refused.length === this.#tried) throw this.#first;
    return [
      `${this.#name}: ${this.refused.length} of ${this.#tried} problems left out; ${first.what} ${first.because}`,
    ];
  }
}
