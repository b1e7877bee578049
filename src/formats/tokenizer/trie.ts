/** Texts by their first letters: which of them stand at a place of a longer text. Letters are UTF-16's, as JavaScript's strings are. */
import { PairTable } from "./pair-table.ts";

const ROOT = 0;

export class Trie {
  readonly #children: PairTable;
  /** By node: the number of the text that ends there, -1 where none does. */
  readonly #ends: number[] = [-1];
  /** 1 for each letter that a text begins with: most places of a text are told by it alone. */
  readonly #first = new Uint8Array(2 ** 16);

  /** @param texts  with a number of each; of equal ones the first counts. Empty ones are never found. */
  constructor(texts: Iterable<readonly [string, number]>, expected?: number) {
    this.#children = new PairTable(expected);
    for (const [text, number] of texts) if (text !== "") this.#add(text, number);
  }

  #add(text: string, number: number): void {
    this.#first[text.charCodeAt(0)] = 1;
    let node = ROOT;
    for (let i = 0; i < text.length; i++) {
      const letter = text.charCodeAt(i);
      let child = this.#children.get(node, letter);
      if (child < 0) {
        child = this.#ends.push(-1) - 1;
        this.#children.set(node, letter, child);
      }
      node = child;
    }
    if (this.#ends[node] === -1) this.#ends[node] = number;
  }

  /** The numbers of the texts that stand at `at`, from the shortest on, each with where it ends. */
  at(text: string, at: number, found: (number: number, end: number) => void): void {
    if (this.#first[text.charCodeAt(at)] === 0) return;
    let node = ROOT;
    for (let i = at; i < text.length; i++) {
      node = this.#children.get(node, text.charCodeAt(i));
      if (node < 0) return;
      const number = this.#ends[node]!;
      if (number >= 0) found(number, i + 1);
    }
  }
}
