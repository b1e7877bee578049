/**
 * JSON's own grammar: strings, numbers, lists and objects, to build others of.
 *
 * White space is what people write: none, one space, or a line break and up to 20 blanks. Numbers have at most 15
 * digits before and after the point and an exponent of 2, which double precision holds.
 */
import type { GrammarBuilder, Range } from "./grammar.ts";

const digit: Range = [0x30, 0x39];
const DIGITS = 15;
const INDENT = 20;

export class JsonGrammar {
  readonly build: GrammarBuilder;
  readonly space: number;
  /** A comma and what may stand after it; a colon likewise. */
  readonly comma: number;
  readonly colon: number;
  readonly null: number;
  readonly boolean: number;
  readonly integer: number;
  readonly number: number;
  readonly #character: number;
  #any: number | undefined;

  constructor(build: GrammarBuilder) {
    this.build = build;
    const blanks = build.repeat(build.set([0x20, 0x20], [0x09, 0x09]), 0, INDENT);
    this.space = build.choice([
      build.sequence([]),
      build.literal(" "),
      build.sequence([build.literal("\n"), blanks]),
    ]);
    this.comma = build.sequence([build.literal(","), this.space]);
    this.colon = build.sequence([build.literal(":"), this.space]);
    this.null = build.literal("null");
    this.boolean = build.choice([build.literal("true"), build.literal("false")]);
    const more = build.repeat(build.set(digit), 0, DIGITS - 1);
    const whole = build.choice([build.literal("0"), build.sequence([build.set([0x31, 0x39]), more])]);
    const sign = build.optional(build.literal("-"));
    this.integer = build.sequence([sign, whole]);
    const fraction = build.sequence([build.literal("."), build.repeat(build.set(digit), 1, DIGITS)]);
    const exponent = build.sequence([
      build.set([0x45, 0x45], [0x65, 0x65]),
      build.optional(build.set([0x2b, 0x2b], [0x2d, 0x2d])),
      build.repeat(build.set(digit), 1, 2),
    ]);
    this.number = build.sequence([this.integer, build.optional(fraction), build.optional(exponent)]);
    this.#character = build.choice([this.#plainCharacter(), this.#escape()]);
  }

  /** Any value. */
  get any(): number {
    if (this.#any === undefined) {
      this.#any = this.build.reserve();
      const options = [
        this.anyObject,
        this.list([], this.#any, 0),
        this.string(0),
        this.number,
        this.boolean,
        this.null,
      ];
      this.build.define(this.#any, this.build.choice(options));
    }
    return this.#any;
  }

  get anyObject(): number {
    return this.object([], this.member(this.string(0), this.any));
  }

  /** A string of so many characters (code points). */
  string(least: number, most?: number): number {
    const quote = this.build.literal('"');
    return this.build.sequence([quote, this.build.repeat(this.#character, least, most), quote]);
  }

  /** A string that is none of these, and has no escapes, by which it could be one of them after all. */
  stringOtherThan(names: readonly string[]): number {
    const quote = this.build.literal('"');
    const plain = this.#plainCharacter();
    const rest = this.build.repeat(plain, 0);
    /** What may follow of the names that begin as was written so far. */
    const after = (tails: readonly string[]): number => {
      const firsts = new Map<string, string[]>();
      for (const tail of tails) {
        const [first] = tail;
        if (first !== undefined) firsts.set(first, [...(firsts.get(first) ?? []), tail.slice(first.length)]);
      }
      const options = [...firsts].map(([first, own]) =>
        this.build.sequence([this.build.literal(first), after(own)]),
      );
      // a character that no name goes on with: ASCII alone, of which bytes are characters
      const others = ascii.filter((code) => !firsts.has(String.fromCharCode(code)));
      options.push(this.build.sequence([this.build.set(...others.map((code): Range => [code, code])), rest]));
      return this.build.choice(tails.includes("") ? options : [...options, this.build.sequence([])]);
    };
    return this.build.sequence([quote, after(names.filter(isPlain)), quote]);
  }

  member(name: number, value: number): number {
    return this.build.sequence([name, this.colon, value]);
  }

  /**
   * An object of these members, in this order, and then of any number of others.
   *
   * @param others  a member as they are; left out, there are none
   */
  object(
    members: readonly { readonly member: number; readonly optional: boolean }[],
    others?: number,
  ): number {
    const { build, comma, space } = this;
    const empty = build.sequence([]);
    /** What follows the first `i` members, by whether any of them was written. */
    let [fresh, going] = [empty, empty];
    if (others !== undefined) {
      going = build.repeat(build.sequence([comma, others]), 0);
      fresh = build.optional(build.sequence([others, going]));
    }
    for (const { member, optional } of members.toReversed()) {
      const [first, next] = [build.sequence([member, going]), build.sequence([comma, member, going])];
      [fresh, going] = [
        optional ? build.choice([first, fresh]) : first,
        optional ? build.choice([next, going]) : next,
      ];
    }
    return build.sequence([build.literal("{"), space, fresh, space, build.literal("}")]);
  }

  /**
   * A list: these first, then others.
   *
   * @param others  the items after the first ones; left out, there are none
   */
  list(first: readonly number[], others: number | undefined, least: number, most?: number): number {
    const { build, comma, space } = this;
    const empty = build.sequence([]);
    const at = (i: number): number => {
      const item = first[i] ?? others;
      if (item === undefined || (most !== undefined && i >= most))
        return least > i ? build.choice([]) : empty;
      const own = i === 0 ? item : build.sequence([comma, item]);
      if (i > 0 && i >= first.length)
        return build.repeat(own, Math.max(0, least - i), most === undefined ? undefined : most - i);
      const all = build.sequence([own, at(i + 1)]);
      return least > i ? all : build.optional(all);
    };
    return build.sequence([build.literal("["), space, at(0), space, build.literal("]")]);
  }

  /** A character of a string as it stands, in UTF-8. */
  #plainCharacter(): number {
    const { build } = this;
    const rest: Range = [0x80, 0xbf];
    const of = (...ranges: readonly Range[]) => build.sequence(ranges.map((range) => build.set(range)));
    return build.choice([
      build.set([0x20, 0x21], [0x23, 0x5b], [0x5d, 0x7f]),
      of([0xc2, 0xdf], rest),
      of([0xe0, 0xe0], [0xa0, 0xbf], rest),
      of([0xe1, 0xec], rest, rest),
      of([0xed, 0xed], [0x80, 0x9f], rest),
      of([0xee, 0xef], rest, rest),
      of([0xf0, 0xf0], [0x90, 0xbf], rest, rest),
      of([0xf1, 0xf3], rest, rest, rest),
      of([0xf4, 0xf4], [0x80, 0x8f], rest, rest),
    ]);
  }

  /** A character written by a backslash; surrogates in pairs alone. */
  #escape(): number {
    const { build } = this;
    const [low, high]: [Range, Range] = [
      [0x61, 0x66],
      [0x41, 0x46],
    ];
    const hex = build.set(digit, high, low);
    const letters = (text: string) =>
      build.set(...Array.from(text, (letter): Range => [letter.charCodeAt(0), letter.charCodeAt(0)]));
    const d = letters("dD");
    const code = build.choice([
      build.sequence([letters("0123456789abcefABCEF"), hex, hex, hex]),
      build.sequence([d, build.set([0x30, 0x37]), hex, hex]),
      build.sequence([
        d,
        letters("89abAB"),
        hex,
        hex,
        build.literal("\\u"),
        d,
        letters("cdefCDEF"),
        hex,
        hex,
      ]),
    ]);
    const one = build.choice([letters('"\\/bfnrt'), build.sequence([build.literal("u"), code])]);
    return build.sequence([build.literal("\\"), one]);
  }
}

/** Whether a text is written as it stands, without an escape. */
const isPlain = (text: string) => JSON.stringify(text).length === text.length + 2;
const ascii = Array.from({ length: 0x60 }, (_, i) => 0x20 + i).filter(
  (code) => code !== 0x22 && code !== 0x5c,
);
