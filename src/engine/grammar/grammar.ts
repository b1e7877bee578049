/**
 * A grammar: which texts may be answered, as nodes that name each other by number. Plain data, for any thread.
 *
 * It speaks of bytes, not of tokens: a token is allowed where all of its bytes are.
 */
import { createHash } from "node:crypto";
import type { CanSpell, Spelling } from "./spelling.ts";

export type GrammarNode =
  /** These bytes, a character of the string for each. */
  | { readonly kind: "literal"; readonly bytes: string }
  /** One byte in any of the ranges, both ends included. */
  | { readonly kind: "set"; readonly ranges: readonly Range[] }
  | { readonly kind: "sequence"; readonly parts: readonly number[] }
  /** Any one of them; none of them is what no text satisfies. */
  | { readonly kind: "choice"; readonly options: readonly number[] }
  /** `most` left out is any number of times. */
  | {
      readonly kind: "repeat";
      readonly of: number;
      readonly least: number;
      readonly most?: number | undefined;
    };

export type Range = readonly [from: number, to: number];

export interface Grammar {
  readonly nodes: readonly GrammarNode[];
  /** The node that the whole answer is. */
  readonly root: number;
  /** Names it by all that is in it, so that what was found of it is kept. */
  readonly key: string;
}

/** What an answer is held to: every token of it, up to the end-of-sequence token, goes on in the grammar. */
export interface Constraint {
  readonly grammar: Grammar;
  readonly spelling: Spelling;
}

/** Makes a grammar, node by node. Equal nodes are one. */
export class GrammarBuilder {
  readonly #nodes: GrammarNode[] = [];
  readonly #known = new Map<string, number>();
  readonly #onGrown: (nodes: number) => void;

  /** @param onGrown  hears how many nodes there are; it may throw */
  constructor(onGrown: (nodes: number) => void = () => undefined) {
    this.#onGrown = onGrown;
  }

  /** A text, as UTF-8. */
  literal(text: string): number {
    return text === "" ? this.sequence([]) : this.#add({ kind: "literal", bytes: binary(text) });
  }

  set(...ranges: readonly Range[]): number {
    return this.#add({ kind: "set", ranges });
  }

  sequence(parts: readonly number[]): number {
    return parts.length === 1 ? parts[0] : this.#add({ kind: "sequence", parts });
  }

  choice(options: readonly number[]): number {
    const different = [...new Set(options)];
    return different.length === 1 ? different[0] : this.#add({ kind: "choice", options: different });
  }

  repeat(of: number, least: number, most?: number): number {
    return this.#add({ kind: "repeat", of, least, ...(most === undefined ? {} : { most }) });
  }

  optional(of: number): number {
    return this.choice([this.sequence([]), of]);
  }

  /** Any of some texts. */
  words(texts: readonly string[]): number {
    return this.#words([...new Set(texts)].sort().map((text) => [...text]));
  }

  /** Words by their characters, those that begin alike together: however many there are, one byte leaves few of them. */
  #words(words: readonly (readonly string[])[]): number {
    const groups = new Map<string | undefined, (readonly string[])[]>();
    for (const word of words) {
      const group = groups.get(word[0]);
      if (group === undefined) groups.set(word[0], [word]);
      else group.push(word);
    }
    const options = [...groups.values()].map((group) => {
      const [first] = group;
      let alike = 0;
      while (alike < first.length && group.every((word) => word[alike] === first[alike])) alike++;
      const begin = this.literal(first.slice(0, alike).join(""));
      return group.length === 1
        ? begin
        : this.sequence([begin, this.#words(group.map((word) => word.slice(alike)))]);
    });
    return this.choice(options);
  }

  /** A node that is said later, by `define`: what refers to itself goes through one. */
  reserve(): number {
    this.#onGrown(this.#nodes.length + 1);
    return this.#nodes.push({ kind: "choice", options: [] }) - 1;
  }

  define(reserved: number, as: number): void {
    this.#nodes[reserved] = { kind: "choice", options: [as] };
  }

  /**
   * @param canSpell  what the model's tokens can write; the grammar is rid of all else
   * @returns         the grammar, and the fewest bytes of a text of it: Infinity where there is none, or none was found soon
   */
  finish(root: number, canSpell: CanSpell): { readonly grammar: Grammar; readonly leastBytes: number } {
    const least = leastBytes(this.#nodes, canSpell);
    const nodes = this.#nodes.map((node) => withoutDeadEnds(node, least));
    const key = createHash("sha256")
      .update(JSON.stringify([root, nodes]))
      .digest("base64url");
    return { grammar: { nodes, root, key }, leastBytes: least[root] };
  }

  #add(node: GrammarNode): number {
    const name = JSON.stringify(node);
    let at = this.#known.get(name);
    if (at === undefined) {
      this.#onGrown(this.#nodes.length + 1);
      at = this.#nodes.push(node) - 1;
      this.#known.set(name, at);
    }
    return at;
  }
}

const binary = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** A chain of references longer than this is not followed to its end. */
const MOST_ROUNDS = 64;

/** The fewest bytes of a text of each node: rounds there and back, until none becomes less. */
function leastBytes(nodes: readonly GrammarNode[], canSpell: CanSpell): Float64Array {
  const least = new Float64Array(nodes.length).fill(Infinity);
  const of = (node: GrammarNode): number => {
    if (node.kind === "literal") return canSpell(node.bytes) ? node.bytes.length : Infinity;
    if (node.kind === "set") return node.ranges.some((range) => hasSpelt(range, canSpell)) ? 1 : Infinity;
    if (node.kind === "sequence") return node.parts.reduce((sum, part) => sum + least[part], 0);
    if (node.kind === "choice")
      return node.options.reduce((min, option) => Math.min(min, least[option]), Infinity);
    return node.least === 0 ? 0 : node.least * least[node.of];
  };
  for (let round = 0, changed = true; changed && round < MOST_ROUNDS; round++) {
    changed = false;
    for (let i = 0; i < nodes.length; i++) {
      const at = round % 2 === 0 ? i : nodes.length - 1 - i;
      const now = of(nodes[at]);
      if (now < least[at]) {
        least[at] = now;
        changed = true;
      }
    }
  }
  return least;
}

/** Whether a token writes one of the bytes; parts of characters are left to the tokens that have the whole. */
function hasSpelt([from, to]: Range, canSpell: CanSpell): boolean {
  if (to >= 0x80) return true;
  for (let byte = from; byte <= to; byte++) if (canSpell(String.fromCharCode(byte))) return true;
  return false;
}

/** A node that leads nowhere where no text would end. */
function withoutDeadEnds(node: GrammarNode, least: Float64Array): GrammarNode {
  if (node.kind === "choice")
    return { ...node, options: node.options.filter((option) => least[option] < Infinity) };
  if (node.kind === "repeat" && least[node.of] === Infinity) return { ...node, most: 0 };
  return node;
}
