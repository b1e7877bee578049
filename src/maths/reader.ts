/**
 * A cursor over tokens, with the two limits of a parse: fuel and depth.
 */
import { type Fuel, Refusal } from "./fuel.ts";
import type { Node } from "./node.ts";
import type { Token } from "./tokens.ts";

const DEEPEST = 120;

/** What an atom needs of the levels above it. */
export interface Grammar {
  /** Sums, products and powers. */
  readonly expression: (reader: Reader) => Node;
  /** A number, a name, a group, a command with its arguments; nothing that follows them. */
  readonly atom: (reader: Reader) => Node;
  /** One factor, with its powers. */
  readonly factor: (reader: Reader) => Node;
  /** Items between brackets, up to a token that ends them. */
  readonly items: (reader: Reader) => Node;
}

export class Reader {
  readonly fuel: Fuel;
  readonly grammar: Grammar;
  /** Absolute values now open: their bar closes them rather than opening another. */
  bars = 0;
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], grammar: Grammar, fuel: Fuel) {
    this.#tokens = [...tokens];
    this.grammar = grammar;
    this.fuel = fuel;
  }

  get at(): number {
    return this.#at;
  }

  /** The token `ahead` places on; undefined past the end. */
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  next(): Token {
    this.fuel.spend();
    return this.#tokens[this.#at++] ?? this.fail();
  }

  /** Whether the next token is this mark. */
  isMark(...texts: readonly string[]): boolean {
    const token = this.peek();
    return token?.kind === "mark" && texts.includes(token.text);
  }

  isCommand(...texts: readonly string[]): boolean {
    const token = this.peek();
    return token?.kind === "command" && texts.includes(token.text);
  }

  /** Takes the mark if it is next. */
  take(...texts: readonly string[]): boolean {
    if (!this.isMark(...texts)) return false;
    this.next();
    return true;
  }

  expect(...texts: readonly string[]): void {
    if (!this.take(...texts)) this.fail();
  }

  /** Makes two tokens of the one just taken; reading the same place again finds them so. */
  split(first: Token, rest: Token): void {
    this.#tokens.splice(this.#at - 1, 1, first, rest);
  }

  rewind(to: number): void {
    this.#at = to;
  }

  /** Runs one level deeper. */
  nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) throw new Refusal("too-deep");
    const result = read();
    this.#depth--;
    return result;
  }

  fail(): never {
    throw new Refusal("unparsed");
  }
}
