/**
 * A map from two whole numbers to one, all at least 0, in one typed array: a table of merges has up to a million pairs, and a look-up
 * in it is what most of encoding is.
 */
export class PairTable {
  /** Three numbers a place: left, right, value; a value of -1 where the place is empty. */
  #places: Int32Array;
  #mask: number;
  #size = 0;

  /** @param expected  how many pairs are to come; it grows where there are more */
  constructor(expected = 16) {
    const places = 2 ** Math.ceil(Math.log2(2 * Math.max(8, expected)));
    this.#places = new Int32Array(3 * places).fill(-1);
    this.#mask = places - 1;
  }

  /** The value of a pair, -1 where there is none. */
  get(left: number, right: number): number {
    return this.#places[this.#placeOf(left, right) + 2]!;
  }

  set(left: number, right: number, value: number): void {
    const at = this.#placeOf(left, right);
    const places = this.#places;
    const isNew = places[at + 2] === -1;
    places[at] = left;
    places[at + 1] = right;
    places[at + 2] = value;
    if (isNew && 2 * ++this.#size > this.#mask) this.#grow();
  }

  #placeOf(left: number, right: number): number {
    const places = this.#places;
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const at = 3 * place;
      if (places[at + 2] === -1 || (places[at] === left && places[at + 1] === right)) return at;
    }
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new Int32Array(2 * old.length).fill(-1);
    this.#mask = 2 * this.#mask + 1;
    for (let at = 0; at < old.length; at += 3) {
      if (old[at + 2] === -1) continue;
      this.#places.set(old.subarray(at, at + 3), this.#placeOf(old[at]!, old[at + 1]!));
    }
  }
}
