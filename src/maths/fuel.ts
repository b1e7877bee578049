/**
 * Fuel: the limit on work that does not depend on the machine.
 *
 * Tokenizer, parser and evaluators spend it, so the same answer always ends the same way; the wall clock
 * of the worker pool only guards against what was forgotten here.
 */

/** Thrown through the verifier's own code when an answer asks for too much; never leaves `verify` and `equal`. */
export class Refusal extends Error {
  readonly reason: "out-of-fuel" | "too-deep" | "too-long" | "unparsed";
  constructor(reason: Refusal["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

export class Fuel {
  readonly limit: number;
  #left: number;

  constructor(limit: number) {
    this.limit = limit;
    this.#left = limit;
  }

  /** @throws Refusal when none is left */
  spend(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new Refusal("out-of-fuel");
  }

  get spent(): number {
    return Math.min(this.limit, this.limit - this.#left);
  }
}
