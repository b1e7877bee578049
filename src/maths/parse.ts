/**
 * Tokens to a tree, from the top: lists, relations, ratios, unions, sums, products, powers.
 *
 * A tolerant recursive descent: what people and models write for an answer must parse, and what is
 * ambiguous beyond repair (two numbers side by side) must not.
 */
import { atom, beginsAtom, suffixes } from "./atoms.ts";
import type { Fuel } from "./fuel.ts";
import { isPowerOfTen, mixedPart } from "./mixed-numbers.ts";
import { type Joint, minusOne, type Node, negate, product, raise, sum, symbol } from "./node.ts";
import { asWords, isCurrencyAfter, leading, measured, together, unitWords, wordOf } from "./parse-words.ts";
import { quantityName } from "./quantity-names.ts";
import { Reader } from "./reader.ts";
import { type Commas, tokenize } from "./tokens.ts";

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
    const all = full.flat();
    // "n\\pi, n ∈ ℤ": the last item only says what n is
    if (all.length > 1 && isDomain(all.at(-1)!) && !all.slice(0, -1).every(isDomain)) all.pop();
    return joined(all, full.length > 1 ? [] : joints.slice(0, Math.max(0, all.length - 1)));
  });
}

/** n ∈ ℤ, and not a statement about a set of its own. */
function isDomain(node: Node): boolean {
  if (node.kind !== "relation" || node.ops.length !== 1 || node.ops[0] !== "∈") return false;
  const [name, set] = node.parts;
  return name?.kind === "symbol" && set?.kind === "symbol" && /^mathbb\([NZRQC]\)$/.test(set.name);
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
  if (token.kind === "mark" && ["+", "-", "±", "∓", "=", "~", "#"].includes(token.text)) return true;
  return beginsAtom(reader);
}

function relation(reader: Reader): Node {
  const parts: Node[] = [];
  const ops: string[] = [];
  const name = quantityName(reader);
  if (name !== undefined) parts.push(symbol(name));
  else if (!reader.isMark("=", "~")) parts.push(ratio(reader));
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
  const factors: Node[] = [signedFactor(reader)];
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
      // "12 (x > 0)": a condition
      if (next.kind === "relation" && !next.ops.includes("=") && reader.peek() === undefined) break;
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
  if (unit === undefined) return before(value);
  const first = measured(value, unit, reader);
  return before(reader.peek()?.kind === "number" ? together(first, term(reader), reader) : first);
}

function signedFactor(reader: Reader): Node {
  const sign = signOf(reader);
  const value = factor(reader);
  return sign === undefined || sign === "+" ? value : signed(sign, value, reader.fuel);
}

function factor(reader: Reader): Node {
  return reader.nested(() => {
    const base = suffixes(reader, atom(reader));
    if (!reader.isMark("^")) return base;
    reader.next();
    const power = exponent(reader);
    if (power === "degrees") return suffixes(reader, { kind: "degrees", of: base });
    const isTransposed =
      typeof power === "object" && power.kind === "symbol" && /^(?:T|top)$/.test(power.name);
    if (base.kind === "tuple" && isTransposed) return base;
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
