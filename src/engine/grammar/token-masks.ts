/**
 * Which tokens may come next, of a grammar over bytes and a vocabulary that spells them.
 *
 * The tokens stand in the order of their bytes, so that what begins alike is read once, and all that begins with bytes
 * that cannot come is passed over. Masks are kept by state: inside a string they are met again with each token.
 */
import { isUtf8 } from "node:buffer";
import { Automaton, OutOfFuel, type State } from "./automaton.ts";
import type { Grammar } from "./grammar.ts";
import { bytesOfToken, canSpellWith, type Spelling } from "./spelling.ts";

/** Stacks looked at for one mask: half a second at most. A usual schema needs some thousand. */
const FUEL = 200_000;
/** Grammars whose states are kept. */
const MOST_GRAMMARS = 8;

export class TokenMasks {
  readonly spelling: Spelling;
  readonly #eosIds: readonly number[];
  readonly #words: number;
  /** Tokens that spell something, in the order of their bytes. */
  readonly #order: Int32Array;
  /** How many bytes each begins with that the one before begins with too. */
  readonly #alike: Int32Array;
  readonly #automata = new Map<string, Automaton>();

  /**
   * @param vocabulary  tokens that the model gives probabilities to
   * @param eosIds      allowed where the text may end
   */
  constructor(spelling: Spelling, vocabulary: number, eosIds: readonly number[]) {
    this.spelling = spelling;
    this.#eosIds = eosIds;
    this.#words = Math.ceil(vocabulary / 32);
    const ids = Array.from({ length: Math.min(vocabulary, spelling.ends.length) }, (_, id) => id);
    const spelt = new Map(ids.map((id) => [id, bytesOfToken(spelling, id)] as const));
    // where a part of a character may be left without a token for the rest, only whole ones are written
    const canEndWithin = canSpellWith(spelling)(continuations);
    const order = ids
      .filter((id) => spelt.get(id)!.length > 0 && (canEndWithin || isUtf8(spelt.get(id)!)))
      .sort((a, b) => Buffer.compare(spelt.get(a)!, spelt.get(b)!) || a - b);
    this.#order = Int32Array.from(order);
    this.#alike = Int32Array.from(order, (id, i) =>
      i === 0 ? 0 : alike(spelt.get(order[i - 1])!, spelt.get(id)!),
    );
  }

  /** An answer's way through a grammar, from its beginning. */
  begin(grammar: Grammar): GrammarWalk {
    let automaton = this.#automata.get(grammar.key);
    if (automaton === undefined) {
      if (this.#automata.size >= MOST_GRAMMARS) this.#automata.delete(this.#automata.keys().next().value!);
      automaton = new Automaton(grammar);
      this.#automata.set(grammar.key, automaton);
    }
    return new GrammarWalk(this, automaton);
  }

  /** A bit for each token that may follow, or end the text. @throws OutOfFuel */
  maskOf(automaton: Automaton, state: State): Uint32Array {
    if (state.mask !== undefined) return state.mask;
    const mask = new Uint32Array(this.#words);
    automaton.fuel = FUEL;
    /** The states after each byte of the token before, up to the last that can come. */
    const path: State[] = [state];
    let alive = 0;
    for (let i = 0; i < this.#order.length; i++) {
      const shared = this.#alike[i];
      if (shared > alive) continue;
      const id = this.#order[i];
      const to = this.spelling.ends[id];
      let at = (id === 0 ? 0 : this.spelling.ends[id - 1]) + shared;
      alive = shared;
      for (; at < to; at++) {
        const next = automaton.step(path[alive], this.spelling.bytes[at]);
        if (next === null) break;
        path[++alive] = next;
      }
      if (at === to) mask[id >> 5] |= 1 << (id & 31);
    }
    if (state.ends) for (const id of this.#eosIds) mask[id >> 5] |= 1 << (id & 31);
    state.mask = mask;
    return mask;
  }
}

/** One answer's way through a grammar. */
export class GrammarWalk {
  readonly #masks: TokenMasks;
  readonly #automaton: Automaton;
  #state: State | null | undefined;

  constructor(masks: TokenMasks, automaton: Automaton) {
    this.#masks = masks;
    this.#automaton = automaton;
  }

  /** A bit for each token that may come next; undefined where none may, or the grammar is too slow to follow. */
  allowed(): Uint32Array | undefined {
    try {
      this.#automaton.fuel = FUEL;
      if (this.#state === undefined) this.#state = this.#automaton.start();
      const mask = this.#state === null ? undefined : this.#masks.maskOf(this.#automaton, this.#state);
      return mask?.some((bits) => bits !== 0) ? mask : undefined;
    } catch (cause) {
      if (cause instanceof OutOfFuel) return undefined;
      throw cause;
    }
  }

  /** Goes on with a token that was allowed and does not end the text. */
  take(token: number): void {
    this.#automaton.fuel = FUEL;
    for (const byte of bytesOfToken(this.#masks.spelling, token)) {
      if (this.#state == null) return;
      this.#state = this.#automaton.step(this.#state, byte);
    }
  }
}

/** All bytes that a character goes on with. */
const continuations = String.fromCharCode(...Array.from({ length: 64 }, (_, i) => 0x80 + i));

function alike(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
