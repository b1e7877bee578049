/**
 * Random numbers that are a function of where they are used: (seed, place, position) → a number.
 *
 * Nothing is carried from one problem to the next, so any problem can be made again alone.
 */

/** The random numbers of one place. Two draws made with the same seed and place give the same numbers. */
export class Draw {
  readonly #seed: number;
  readonly #place: number;
  #position = 0;

  constructor(seed: number, place: number) {
    this.#seed = seed;
    this.#place = place;
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    const bits = mix(mix(mix(0x9e3779b9, this.#seed), this.#place), this.#position++);
    return low + Math.floor((bits / 2 ** 32) * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)];
  }

  /** One choice, each as likely as its weight (a whole number) says. */
  weighted<T>(choices: readonly { readonly weight: number; readonly of: T }[]): T {
    let left = this.int(
      1,
      choices.reduce((sum, { weight }) => sum + weight, 0),
    );
    return choices.find(({ weight }) => (left -= weight) <= 0)!.of;
  }
}

/** A 32-bit hash of a text, the same on every machine. */
export function hash(text: string): number {
  let state = text.length;
  for (let at = 0; at < text.length; at++) state = mix(state, text.charCodeAt(at));
  return state;
}

/** Folds one 32-bit word into a state, so that each bit of either flips half of the bits that come out. */
function mix(state: number, word: number): number {
  let bits = Math.imul(state ^ Math.imul(word | 0, 0xcc9e2d51), 0x85ebca6b) + 0x6b43a9b5;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}
