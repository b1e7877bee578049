/**
 * The methods of a text, as Python's `str` has them; those that are not done are refused by name.
 */
import { fail } from "./jinja-error.ts";
import { LONGEST_TEXT } from "./print.ts";
import { capitalized, isSpace, lengthOf, slice, split, splitLines, strip, titleCase } from "./python-text.ts";
import type { Parameter } from "./signature.ts";
import { Float, intOf, isTrue, itemsOf, Tuple, textOf, type Value } from "./values.ts";

interface Method {
  readonly parameters: readonly Parameter[];
  readonly run: (text: string, ...given: Value[]) => Value;
}

const method = (run: Method["run"], ...parameters: readonly Parameter[]): Method => ({ parameters, run });
const chars = ["chars", null] as const;
const text = (value: Value) => textOf(value, "a method of text");
const optional = (value: Value) => (value === null ? null : text(value));
const every = (pattern: RegExp) =>
  method((self) => self !== "" && Array.from(self).every((character) => pattern.test(character)));
const bounds = [
  ["start", null],
  ["end", null],
] as const;

/** Text that is at most as long as texts may be, before it is made. */
export function limited(length: number): number {
  if (length > LONGEST_TEXT) fail("a text too long");
  return length;
}

/** Python's `replace`; `most` replaces at most, -1 for all. */
export function replaced(self: string, old: string, by: string, most: number): string {
  const parts = old === "" ? ["", ...Array.from(self), ""] : self.split(old);
  const cuts = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  limited(self.length + cuts * (by.length - old.length));
  return (
    parts.slice(0, cuts + 1).join(by) +
    parts
      .slice(cuts + 1)
      .map((part) => old + part)
      .join("")
  );
}

export function joined(separator: string, items: readonly string[]): string {
  limited(items.reduce((sum, item) => sum + item.length + separator.length, 0));
  return items.join(separator);
}

/** The part of a text that a search is held to, and where it begins. */
function within(self: string, start: Value, end: Value): readonly [part: string, from: number] | undefined {
  const length = lengthOf(self);
  const place = (value: Value, absent: number) => {
    const at = value === null ? absent : intOf(value, "a place in text");
    return at < 0 ? Math.max(0, at + length) : at;
  };
  const [from, to] = [place(start, 0), Math.min(length, place(end, length))];
  return from > to ? undefined : [slice(self, from, to), from];
}

const find = (last: boolean, isIndex: boolean) =>
  method(
    (self, part, start = null, end = null) => {
      const [inside, from] = within(self, start, end) ?? [undefined, 0];
      const at = last ? inside?.lastIndexOf(text(part!)) : inside?.indexOf(text(part!));
      if (inside !== undefined && at !== undefined && at >= 0) return from + lengthOf(inside.slice(0, at));
      return isIndex ? fail("substring not found") : -1;
    },
    "sub",
    ...bounds,
  );

const edge = (isStart: boolean) =>
  method(
    (self, given, start = null, end = null) => {
      const inside = within(self, start, end)?.[0];
      const parts = given instanceof Tuple ? given.items : [given!];
      return parts.some((part) => {
        const value = text(part);
        return inside !== undefined && (isStart ? inside.startsWith(value) : inside.endsWith(value));
      });
    },
    isStart ? "prefix" : "suffix",
    ...bounds,
  );

const cut = (last: boolean) =>
  method((self, separator) => {
    const sep = text(separator!);
    if (sep === "") fail("empty separator");
    const at = last ? self.lastIndexOf(sep) : self.indexOf(sep);
    if (at < 0) return new Tuple(last ? ["", "", self] : [self, "", ""]);
    return new Tuple([self.slice(0, at), sep, self.slice(at + sep.length)]);
  }, "sep");

const splitting = (fromRight: boolean) =>
  method(
    (self, separator, most) => {
      const sep = optional(separator!);
      if (sep === "") fail("empty separator");
      return split(self, sep, intOf(most!, "maxsplit"), fromRight);
    },
    ["sep", null],
    ["maxsplit", -1],
  );

const filled = (place: (missing: number, width: number) => number) =>
  method(
    (self, width, fill) => {
      const wide = limited(intOf(width!, "width"));
      const missing = Math.max(0, wide - lengthOf(self));
      const left = place(missing, wide);
      return text(fill!).repeat(left) + self + text(fill!).repeat(missing - left);
    },
    "width",
    ["fillchar", " "],
  );

const cased = (lower: boolean) =>
  method((self) => {
    const letters = Array.from(self).filter((letter) => /[\p{Lu}\p{Ll}\p{Lt}]/u.test(letter));
    return letters.length > 0 && letters.every((letter) => (lower ? /\p{Ll}/u : /\p{Lu}/u).test(letter));
  });

const titled = (self: string) =>
  self.replace(/[\p{Lu}\p{Ll}\p{Lt}]+/gu, (word) => {
    const [first = "", ...rest] = word;
    return titleCase(first) + rest.join("").toLowerCase();
  });

export const textMethods: Readonly<Record<string, Method>> = {
  capitalize: method(capitalized),
  casefold: method((self) => self.replaceAll("ß", "ss").toLowerCase()),
  center: filled((missing, width) => Math.floor(missing / 2) + (missing & width & 1)),
  count: method(
    (self, part, start, end) => {
      const inside = within(self, start!, end!)?.[0];
      if (inside === undefined) return 0;
      return text(part!) === "" ? lengthOf(inside) + 1 : inside.split(text(part!)).length - 1;
    },
    "sub",
    ...bounds,
  ),
  endswith: edge(false),
  expandtabs: method(
    (self, size) => {
      const width = limited(intOf(size!, "tabsize"));
      limited(self.length + width * (self.split("\t").length - 1));
      let column = 0;
      return Array.from(self, (character) => {
        if (character === "\t") {
          const missing = width > 0 ? width - (column % width) : 0;
          column += missing;
          return " ".repeat(missing);
        }
        column = character === "\n" || character === "\r" ? 0 : column + 1;
        return character;
      }).join("");
    },
    ["tabsize", 8],
  ),
  find: find(false, false),
  index: find(false, true),
  isalnum: every(/[\p{L}\p{N}]/u),
  isalpha: every(/\p{L}/u),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
  isascii: method((self) => /^[\x00-\x7f]*$/.test(self)),
  isdecimal: every(/\p{Nd}/u),
  isdigit: every(/[\p{Nd}²³¹⁰⁴-⁹₀-₉]/u),
  isidentifier: method((self) => /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u.test(self)),
  islower: cased(true),
  isnumeric: every(/\p{N}/u),
  isprintable: method((self) =>
    Array.from(self).every((letter) => letter === " " || !/[\p{C}\p{Z}]/u.test(letter)),
  ),
  isspace: method(isSpace),
  istitle: method((self) => /[\p{Lu}\p{Ll}\p{Lt}]/u.test(self) && titled(self) === self),
  isupper: cased(false),
  join: method((self, items) => joined(self, itemsOf(items!).map(text)), "iterable"),
  ljust: filled(() => 0),
  lower: method((self) => self.toLowerCase()),
  lstrip: method((self, taken) => strip(self, optional(taken!), "left"), chars),
  partition: cut(false),
  removeprefix: method(
    (self, part) => (self.startsWith(text(part!)) ? self.slice(text(part!).length) : self),
    "prefix",
  ),
  removesuffix: method(
    (self, part) =>
      text(part!) !== "" && self.endsWith(text(part!)) ? self.slice(0, -text(part!).length) : self,
    "suffix",
  ),
  replace: method(
    (self, old, by, most) => replaced(self, text(old!), text(by!), intOf(most!, "count")),
    "old",
    "new",
    ["count", -1],
  ),
  rfind: find(true, false),
  rindex: find(true, true),
  rjust: filled((missing) => missing),
  rpartition: cut(true),
  rsplit: splitting(true),
  rstrip: method((self, taken) => strip(self, optional(taken!), "right"), chars),
  split: splitting(false),
  splitlines: method((self, keep) => splitLines(self, isTrue(keep!)), ["keepends", false]),
  startswith: edge(true),
  strip: method((self, taken) => strip(self, optional(taken!), "both"), chars),
  swapcase: method((self) =>
    Array.from(self, (letter) => (/\p{Lu}/u.test(letter) ? letter.toLowerCase() : letter.toUpperCase())).join(
      "",
    ),
  ),
  title: method(titled),
  upper: method((self) => self.toUpperCase()),
  zfill: method((self, width) => {
    const missing = Math.max(0, limited(intOf(width!, "width")) - lengthOf(self));
    const sign = /^[-+]/.exec(self)?.[0] ?? "";
    return sign + "0".repeat(missing) + self.slice(sign.length);
  }, "width"),
};

/** Methods that Python has and templates here have not. */
export const refusedMethods = ["encode", "maketrans", "translate"];

/** Python's `int(text, base)`; undefined where it is no number. */
export function parsedInt(given: string, base = 10): number | undefined {
  const bare = strip(given, null, "both").replaceAll(/(?<=[\da-z])_(?=[\da-z])/gi, "");
  const parts = /^([-+]?)(0[xob])?([\da-z]+)$/i.exec(bare);
  if (parts === null) return undefined;
  const [, sign, prefix = "", digits = ""] = parts;
  const prefixes: Readonly<Record<string, number>> = { "0x": 16, "0o": 8, "0b": 2 };
  const of = prefix === "" ? base : prefixes[prefix.toLowerCase()]!;
  if (prefix !== "" && base !== 0 && base !== of) return undefined;
  const radix = of === 0 ? 10 : of;
  if (![...digits].every((digit) => Number.parseInt(digit, 36) < radix)) return undefined;
  const number = Number.parseInt(digits, radix);
  if (!Number.isSafeInteger(number)) fail("a number beyond 2^53");
  return sign === "-" ? -number : number;
}

/** Python's `float(text)`; undefined where it is no number. */
export function parsedFloat(given: string): Float | undefined {
  const bare = strip(given, null, "both").replaceAll(/(?<=\d)_(?=\d)/g, "");
  const words = /^([-+]?)(inf(?:inity)?|nan)$/i.exec(bare);
  if (words) return new Float(/nan/i.test(bare) ? Number.NaN : words[1] === "-" ? -Infinity : Infinity);
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(bare) ? new Float(Number(bare)) : undefined;
}

/** How many characters a word list counts: Python's `\w+`. */
export const countWords = (self: string): number => self.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0;
