/**
 * An answer's text while its tokens still come: what is settled is given at once, the rest is held back.
 *
 *   one token after another  →  pieces of text, which together are the answer's
 *
 * A character may take several tokens, and the beginning of a stop text may turn out to be one.
 */
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";

/** Stands for bytes that are no character, or not yet. */
const INCOMPLETE = "\ufffd";

export class TextStream {
  /** True once a stop text was met; nothing comes after it. */
  stopped = false;
  readonly #tokenizer: Tokenizer;
  readonly #stops: readonly string[];
  readonly #tokens: number[] = [];
  /** Tokens from `#from` are decoded together, as some are written otherwise at the start of a text; up to `#read` they were given. */
  #from = 0;
  #read = 0;
  /** Text that may be the beginning of a stop text. */
  #held = "";

  /** @param stops  texts that end the answer and are no part of it; none is empty */
  constructor(tokenizer: Tokenizer, stops: readonly string[] = []) {
    this.#tokenizer = tokenizer;
    this.#stops = stops;
  }

  /** The text that one more token settles; often empty. */
  push(token: number): string {
    if (this.stopped) return "";
    this.#tokens.push(token);
    const fresh = this.#decoded();
    // what has no text of its own may change how the next token is written
    return fresh === "" || fresh.endsWith(INCOMPLETE) ? "" : this.#settle(fresh);
  }

  /** The text that was held back, once no more tokens come. */
  finish(): string {
    if (this.stopped) return "";
    const text = this.#settle(this.#decoded());
    const rest = this.#held;
    this.#held = "";
    return text + rest;
  }

  /** The text of the tokens not given yet. */
  #decoded(): string {
    const before = this.#tokenizer.decode(this.#tokens.slice(this.#from, this.#read));
    return this.#tokenizer.decode(this.#tokens.slice(this.#from)).slice(before.length);
  }

  #settle(fresh: string): string {
    this.#from = this.#read;
    this.#read = this.#tokens.length;
    const text = this.#held + fresh;
    const ends = this.#stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (ends.length > 0) {
      this.stopped = true;
      this.#held = "";
      return text.slice(0, Math.min(...ends));
    }
    const length = Math.max(0, ...this.#stops.map((stop) => overlap(text, stop)));
    this.#held = text.slice(text.length - length);
    return text.slice(0, text.length - length);
  }
}

/** The length of the longest end of a text that begins `stop`. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--)
    if (text.endsWith(stop.slice(0, length))) return length;
  return 0;
}
