/** The names that are set in one part of a template; those of the parts around it are seen through it. */
import type { Value } from "./values.ts";

export class Scope {
  readonly #own = new Map<string, Value>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  get(name: string): Value | undefined {
    return this.#own.has(name) ? this.#own.get(name) : this.#outer?.get(name);
  }

  set(name: string, value: Value): void {
    this.#own.set(name, value);
  }
}
