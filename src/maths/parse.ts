/**
 * Tokens to a tree, from the top: lists, relations, ratios, unions, sums, products, powers.
 *
 * A tolerant recursive descent: what people and models write for an answer must parse, and what is
 * ambiguous beyond repair (two numbers side by side) must not.
 */
import { atom, beginsAtom, suffixes } from "./atoms.ts";
import type { Fuel } from "./fuel.ts";
import { type Joint, minusOne, type Node, negate, number, product, raise, sum } from "./node.ts";
import { isCurrency, scaled } from "./quantity-words.ts";
import { Reader } from "./reader.ts";
import { type Commas, type Token, tokenize } from "./tokens.ts";
import { unitOf } from "./units.ts";

const relationMarks = new Set(["=", "<", ">", "<=", ">=", "!=", "~", "≡", "∈"]);

/**
 * @param text  an answer, normalised
 * @throws Refusal where it cannot be read, or takes too much to read
 */
export function parse(text: string, commas: Commas, fuel: Fuel): Node {
  const reader = new Reader(tokenize(text, commas, fuel), { expression, factor, items, atom }, fuel);
  // a full stop after the answer, and connectives before or after it
  const node = items(reader);
  reader.take(".");
  if (reader.peek() !== undefined) reader.fail();
  return node;
}

/**
 * Items between separators, up to a token no item can begin with.
 *
 * `a, b` is a list; `a, b; c, d` a list of tuples; one item is itself. "and" binds closer than "or".
 */
function items(reader: Reader): Node {
  return reader.nested(() => {
    const groups: Node[][] = [[]];
    const joints: Joint[] = [];
    let commas = false;
    let last: Joint = ",";
    for (;;) {
      reader.fuel.spend();
      const mark = reader.peek()?.text;
      if (reader.take(";", "\\\\")) groups.push([]);
      else if (reader.take(",", "and", "or")) {
        commas = true;
        // of ", and" the word counts
        last = mark === "," ? last : (mark as Joint);
      } else if (reader.take(".") && !(reader.peek() === undefined || reader.isMark("}"))) reader.fail();
      else if (beginsItem(reader)) {
        const group = groups.at(-1)!;
        if (group.length > 0) joints.push(last);
        last = ",";
        // two items need a separator between them
        group.push(relation(reader));
        if (beginsItem(reader)) reader.fail();
      } else break;
    }
    const full = groups.filter((group) => group.length > 0);
    const tuples =
      full.length > 1 &&
      commas &&
      full.every((group) => group.length === full[0]!.length && group.length > 1);
    if (tuples) {
      return list(
        full.map((group) => ({ kind: "tuple", open: "(", close: ")", items: group })),
        ",",
      );
    }
    return joined(full.flat(), full.length > 1 ? [] : joints);
  });
}

const list = (all: readonly Node[], by: Joint): Node =>
  all.length === 1 ? all[0]! : { kind: "list", by, items: all };

/** One list; where "and" and "or" are mixed, the lists that "and" makes joined by "or". */
function joined(all: readonly Node[], joints: readonly Joint[]): Node {
  if (!joints.includes("or")) return list(all, joints.includes("and") ? "and" : ",");
  if (!joints.includes("and")) return list(all, "or");
  const sides: Node[][] = [[all[0]!]];
  joints.forEach((joint, i) => {
    if (joint === "or") sides.push([all[i + 1]!]);
    else sides.at(-1)!.push(all[i + 1]!);
  });
  return list(
    sides.map((side) => list(side, "and")),
    "or",
  );
}

function beginsItem(reader: Reader): boolean {
  const token = reader.peek();
  if (token === undefined) return false;
  if (token.kind === "mark" && ["+", "-", "±", "∓", "=", "~"].includes(token.text)) return true;
  return beginsAtom(reader);
}

function relation(reader: Reader): Node {
  const parts: Node[] = [];
  const ops: string[] = [];
  if (!reader.isMark("=", "~")) parts.push(ratio(reader));
  for (;;) {
    const op = relationMark(reader);
    if (op === undefined) break;
    if (parts.length > 0) ops.push(op);
    parts.push(ratio(reader));
  }
  return parts.length === 1 ? parts[0]! : { kind: "relation", ops, parts };
}

function relationMark(reader: Reader): string | undefined {
  const token = reader.peek();
  if (token?.kind === "mark" && relationMarks.has(token.text)) {
    reader.next();
    return token.text;
  }
  if (reader.isCommand("not")) {
    reader.next();
    if (reader.take("=")) return "!=";
    return reader.fail();
  }
  return undefined;
}

function ratio(reader: Reader): Node {
  const parts: Node[] = [];
  const written: string[] = [];
  do {
    const from = reader.peek();
    parts.push(union(reader));
    written.push(from?.kind === "number" ? from.text : "");
  } while (reader.isMark(":") && reader.peek(1) !== undefined && reader.take(":"));
  return parts.length === 1 ? parts[0]! : { kind: "ratio", parts, written };
}

function union(reader: Reader): Node {
  let left = expression(reader);
  for (;;) {
    const op = reader.take("∪") ? "∪" : reader.take("∩") ? "∩" : reader.take("∖") ? "∖" : undefined;
    if (op === undefined) return left;
    left = { kind: "setop", op, left, right: expression(reader) };
  }
}

function expression(reader: Reader): Node {
  return reader.nested(() => {
    const terms: Node[] = [];
    for (;;) {
      reader.fuel.spend();
      const sign = signOf(reader);
      if (sign === undefined && terms.length > 0) break;
      const value = term(reader);
      terms.push(sign === undefined || sign === "+" ? value : signed(sign, value, reader.fuel));
      // the three dots of 1 + 2 + … say nothing that can be checked
      if (reader.isMark("…")) reader.fail();
    }
    return sum(terms, reader.fuel);
  });
}

function signOf(reader: Reader): "+" | "-" | "±" | "∓" | undefined {
  let sign: "+" | "-" | "±" | "∓" | undefined;
  for (;;) {
    if (reader.take("+")) sign ??= "+";
    else if (reader.take("-")) sign = sign === "-" ? "+" : sign === "±" || sign === "∓" ? sign : "-";
    else if (reader.take("±")) sign = "±";
    else if (reader.take("∓")) sign = "∓";
    else return sign;
  }
}

function signed(sign: "-" | "±" | "∓", value: Node, fuel: Fuel): Node {
  if (value.kind === "quantity") return { ...value, value: signed(sign, value.value, fuel) };
  if (value.kind === "percent" || value.kind === "degrees")
    return { ...value, of: signed(sign, value.of, fuel) };
  if (sign === "-") return negate(value, fuel);
  return product([{ kind: "plusminus", flip: sign === "∓" }, value], fuel);
}

function term(reader: Reader): Node {
  const before = leading(reader);
  const factors: Node[] = [factor(reader)];
  let unit: string | undefined;
  for (;;) {
    reader.fuel.spend();
    if (reader.take("*")) factors.push(signedFactor(reader));
    else if (reader.isMark("/")) {
      reader.next();
      factors.push(raise(signedFactor(reader), minusOne));
    } else if (isCurrencyAfter(reader)) {
      unit = reader.next().text;
      break;
    } else if (beginsAtom(reader)) {
      const mixed = mixedPart(reader, factors);
      if (mixed) {
        factors[factors.length - 1] = mixed;
        continue;
      }
      if (reader.peek()!.kind === "number" && reader.peek(-1)!.kind === "number" && !isPowerOfTen(reader))
        reader.fail();
      const next = factor(reader);
      const words = asWords(next);
      if (words !== undefined) {
        unit = unitWords(reader, words);
        break;
      }
      factors.push(next);
    } else break;
  }
  const last = factors.at(-1)!;
  if (last.kind === "quantity") {
    factors[factors.length - 1] = last.value;
    unit = unit === undefined ? last.unit : `${unit} ${last.unit}`;
  }
  const value = product(factors, reader.fuel);
  return before(unit === undefined ? value : measured(value, unit, reader));
}

/** A value and its words: those that change it carried out, the rest kept beside it. */
function measured(value: Node, text: string, reader: Reader): Node {
  if (!isUnit(text)) return reader.fail();
  const { value: changed, words } = scaled(value, text, reader.fuel);
  if (words === "") return changed;
  return /^(percent|percentage|pct)$/i.test(words)
    ? { kind: "percent", of: changed }
    : { kind: "quantity", value: changed, unit: words };
}

const harmless = /^(?:about|approximately|approx\.?|roughly|around|nearly|exactly|positive|a total of)$/i;

/** Words before a number: "about 12", "negative 12", "USD 12". @returns what they make of the number */
function leading(reader: Reader): (value: Node) => Node {
  const [token, after] = [reader.peek(), reader.peek(1)];
  const isWord = token?.kind === "text" || (token?.kind === "letters" && token.text.length > 1);
  if (!isWord || !(after?.kind === "number" || isSign(after))) return (value) => value;
  const isNegative = /^(?:negative|minus)$/i.test(token.text);
  const isMoney = /^[A-Z]{3}$/.test(token.text) && unitOf(token.text) !== undefined;
  if (!isNegative && !isMoney && !harmless.test(token.text)) return (value) => value;
  reader.next();
  if (isNegative) return (value) => signed("-", value, reader.fuel);
  return (value) => (isMoney ? { kind: "quantity", value, unit: token.text } : value);
}

const isSign = (token: Token | undefined): boolean =>
  token?.kind === "mark" && (token.text === "-" || isCurrency(token.text));

/** A currency's sign with nothing behind it that it could stand before: 12 €. */
function isCurrencyAfter(reader: Reader): boolean {
  const [token, after] = [reader.peek(), reader.peek(1)];
  return token?.kind === "mark" && isCurrency(token.text) && after?.kind !== "number" && !isSign(after);
}

/** 4.4 10^7: a power of ten beside a number below ten. */
function isPowerOfTen(reader: Reader): boolean {
  const [number, ten, power] = [reader.peek(-1), reader.peek(), reader.peek(1)];
  return (
    number?.kind === "number" &&
    ten?.kind === "number" &&
    ten.text === "10" &&
    power?.kind === "mark" &&
    power.text === "^" &&
    (number.decimal || number.text.length === 1)
  );
}

/** The words of a factor that is nothing else: \text{cm}^2, or \frac{\text{m}}{\text{s}}. */
function asWords(node: Node): string | undefined {
  if (node.kind === "text") return node.words;
  if (node.kind === "power") {
    const base = asWords(node.base);
    return base === undefined ? undefined : `${base}^${wordOf(node.exponent)}`;
  }
  if (node.kind !== "product") return undefined;
  const words = node.factors.map(asWords);
  return words.includes(undefined) ? undefined : words.join(" ");
}

/** A few words without a verb: "square centimeters", not "is wrong, it is 43". */
function isUnit(text: string): boolean {
  const words = text.split(/[^\p{L}]+/u).filter((word) => word !== "");
  const isSentence =
    /\b(?:is|are|was|not|no|or|and|but|if|wrong|incorrect|answer|plus|minus|times(?=\s*[^\s)]))\b|\d{2}|[=<>]/i.test(
      text,
    );
  return (words.length > 0 || isCurrency(text) || text === "°") && words.length <= 6 && !isSentence;
}

/** The words of a unit after its first: cm^2, m/s, "miles per hour". */
function unitWords(reader: Reader, first: string): string {
  let unit = first;
  for (;;) {
    const [token, after] = [reader.peek(), reader.peek(1)];
    const isWord = (t: typeof token): boolean => t?.kind === "text" || t?.kind === "letters";
    if (isWord(token)) unit += ` ${wordsIn(factor(reader), reader)}`;
    else if (token?.kind === "mark" && (token.text === "/" || token.text === "*") && isWord(after)) {
      reader.next();
      // a unit's letter, as in m/s, is a letter here
      unit += ` ${token.text} ${wordsIn(factor(reader), reader)}`;
    } else return unit;
  }
}

function wordsIn(node: Node, reader: Reader): string {
  if (node.kind === "text") return node.words;
  if (node.kind === "symbol") return node.name;
  return node.kind === "power" ? `${wordsIn(node.base, reader)}^${wordOf(node.exponent)}` : reader.fail();
}

function signedFactor(reader: Reader): Node {
  const sign = signOf(reader);
  const value = factor(reader);
  return sign === undefined || sign === "+" ? value : signed(sign, value, reader.fuel);
}

/** The fraction of a mixed number such as 3\frac12 or 3 1/2, added to the whole before it. */
function mixedPart(reader: Reader, factors: readonly Node[]): Node | undefined {
  const whole = factors.at(-1)!;
  const before = reader.peek(-1);
  if (whole.kind !== "number" || before?.kind !== "number" || before.decimal || whole.value.d !== 1n)
    return undefined;
  // a power or a factorial ends in a number too, but is not a number node; 2·3½ is rare enough to be read as one
  const start = reader.at;
  const fraction = properFraction(reader);
  if (!fraction) {
    reader.rewind(start);
    return undefined;
  }
  return sum([whole, fraction], reader.fuel);
}

function properFraction(reader: Reader): Node | undefined {
  if (reader.isCommand("frac")) {
    const value = atom(reader);
    return properRatio(value, reader.fuel);
  }
  const [top, slash, bottom] = [reader.peek(), reader.peek(1), reader.peek(2)];
  if (top?.kind !== "number" || slash?.kind !== "mark" || slash.text !== "/" || bottom?.kind !== "number")
    return undefined;
  if (top.decimal || bottom.decimal) return undefined;
  for (let i = 0; i < 3; i++) reader.next();
  return properRatio(
    product([number(top.value), raise(number(bottom.value), minusOne)], reader.fuel),
    reader.fuel,
  );
}

/** a·b^-1 with whole 0 < a < b, as a number. */
function properRatio(node: Node, fuel: Fuel): Node | undefined {
  const factors = node.kind === "product" ? node.factors : [node];
  const [top, bottom] =
    factors.length === 2 ? [factors[0]!, factors[1]!] : [number({ n: 1n, d: 1n }), factors[0]!];
  if (
    top.kind !== "number" ||
    bottom.kind !== "power" ||
    bottom.base.kind !== "number" ||
    bottom.exponent !== minusOne
  )
    return undefined;
  const [a, b] = [top.value, bottom.base.value];
  if (a.d !== 1n || b.d !== 1n || a.n <= 0n || a.n >= b.n) return undefined;
  fuel.spend();
  return number({ n: a.n, d: b.n });
}

function factor(reader: Reader): Node {
  return reader.nested(() => {
    const base = suffixes(reader, atom(reader));
    if (!reader.isMark("^")) return base;
    reader.next();
    const power = exponent(reader);
    if (power === "degrees") return suffixes(reader, { kind: "degrees", of: base });
    if (typeof power === "string") return suffixes(reader, primed(base, power, reader));
    return suffixes(
      reader,
      base.kind === "text" ? { kind: "text", words: `${base.words}^${wordOf(power)}` } : raise(base, power),
    );
  });
}

/** What stands after ^: a degree sign, primes, or a power. */
function exponent(reader: Reader): Node | string {
  if (reader.isCommand("circ") || reader.isMark("°")) {
    reader.next();
    return "degrees";
  }
  if (reader.isMark("{")) {
    const inner = reader.peek(1);
    const isDegrees = inner?.kind === "command" && inner.text === "circ";
    const isPrime = inner?.kind === "mark" && inner.text === "'";
    if (isDegrees || isPrime) {
      reader.next();
      let primes = "";
      while (!reader.take("}")) {
        reader.next();
        primes += "'";
      }
      return isDegrees ? "degrees" : primes;
    }
    return atom(reader);
  }
  if (reader.take("'")) return "'";
  return signedFactor(reader);
}

function primed(base: Node, primes: string, reader: Reader): Node {
  return base.kind === "symbol" ? { kind: "symbol", name: base.name + primes } : reader.fail();
}

function wordOf(node: Node): string {
  return node.kind === "number" && node.value.d === 1n ? String(node.value.n) : "?";
}
