/**
 * An answer as a tree, and the canonical key of a tree.
 *
 *   text  →  tokens  →  Node  →  key
 *
 * Two trees with one key are equal whatever their leaves mean, since the key only sorts what commutes.
 */
import type { Fuel } from "./fuel.ts";
import { add, type Exact, isRational, multiply, one, type Rational, zero } from "./rational.ts";

export type Bracket = "(" | ")" | "[" | "]" | "⟨" | "⟩";

/** What joins items: between inequalities "and" is both, "or" is either, and a comma may be read as one of them. */
export type Joint = "," | "and" | "or";

export type Node =
  | { readonly kind: "number"; readonly value: Rational; readonly decimal: boolean }
  /** A variable, or anything treated as one: x_1, ∠ABC, an operator we do not know. */
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "constant"; readonly name: "pi" | "e" | "i" | "infinity" }
  | { readonly kind: "sum"; readonly terms: readonly Node[] }
  | { readonly kind: "product"; readonly factors: readonly Node[] }
  | { readonly kind: "power"; readonly base: Node; readonly exponent: Node }
  /** A known function (`functions` in letters.ts), or one that stays opaque. */
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
  /** The sign ± (or ∓, where `flip`), as a factor. */
  | { readonly kind: "plusminus"; readonly flip: boolean }
  | { readonly kind: "percent"; readonly of: Node }
  | { readonly kind: "degrees"; readonly of: Node }
  /** A value and what follows it in words. */
  | { readonly kind: "quantity"; readonly value: Node; readonly unit: string }
  | { readonly kind: "base"; readonly digits: string; readonly base: string }
  | {
      readonly kind: "tuple";
      readonly open: Bracket;
      readonly close: Bracket;
      readonly items: readonly Node[];
    }
  /** Items side by side, and what stands between them. */
  | { readonly kind: "list"; readonly by: Joint; readonly items: readonly Node[] }
  | { readonly kind: "set"; readonly items: readonly Node[] }
  | { readonly kind: "setop"; readonly op: "∪" | "∩" | "∖"; readonly left: Node; readonly right: Node }
  | { readonly kind: "relation"; readonly ops: readonly string[]; readonly parts: readonly Node[] }
  | { readonly kind: "ratio"; readonly parts: readonly Node[]; readonly written: readonly string[] }
  | { readonly kind: "matrix"; readonly rows: readonly (readonly Node[])[] }
  | { readonly kind: "text"; readonly words: string };

export const number = (value: Rational, decimal = false): Node => ({ kind: "number", value, decimal });
export const minusOne: Node = number({ n: -1n, d: 1n });
export const symbol = (name: string): Node => ({ kind: "symbol", name });
export const call = (name: string, ...args: readonly Node[]): Node => ({ kind: "call", name, args });
export const raise = (base: Node, exponent: Node): Node => ({ kind: "power", base, exponent });
export const divide = (a: Node, b: Node, fuel: Fuel): Node => product([a, raise(b, minusOne)], fuel);
export const negate = (a: Node, fuel: Fuel): Node => product([minusOne, a], fuel);

/** Flattens nested sums and adds up plain numbers. */
export function sum(terms: readonly Node[], fuel: Fuel): Node {
  return fold("sum", terms, zero, add, fuel);
}

/** Flattens nested products and multiplies plain numbers. */
export function product(factors: readonly Node[], fuel: Fuel): Node {
  return fold("product", factors, one, multiply, fuel);
}

function fold(
  kind: "sum" | "product",
  parts: readonly Node[],
  neutral: Rational,
  combine: (a: Exact, b: Exact, fuel: Fuel) => Exact,
  fuel: Fuel,
): Node {
  const rest: Node[] = [];
  let total = neutral;
  let decimal = false;
  for (const part of parts.flatMap((p) =>
    p.kind === "sum" && kind === "sum"
      ? p.terms
      : p.kind === "product" && kind === "product"
        ? p.factors
        : [p],
  )) {
    fuel.spend();
    const next = part.kind === "number" ? combine(total, part.value, fuel) : "none";
    if (part.kind === "number" && isRational(next)) {
      total = next;
      decimal ||= part.decimal;
    } else rest.push(part);
  }
  if (rest.length === 0) return number(total, decimal);
  const plain = total.n === neutral.n && total.d === neutral.d && !decimal;
  const all = plain ? rest : [number(total, decimal), ...rest];
  if (all.length === 1) return all[0]!;
  return kind === "sum" ? { kind, terms: all } : { kind, factors: all };
}

/**
 * A string equal for trees that differ only in the order of what commutes.
 *
 * Decimal and fraction share a key where they are one number: 0.5 and 1/2.
 */
export function key(node: Node, fuel: Fuel): string {
  const made = keyOf(node, fuel);
  fuel.spend(1 + (made.length >> 4));
  return made;
}

function keyOf(node: Node, fuel: Fuel): string {
  const keys = (nodes: readonly Node[]): string[] => nodes.map((n) => key(n, fuel));
  switch (node.kind) {
    case "number":
      return node.value.d === 1n ? big(node.value.n) : `${big(node.value.n)}/${big(node.value.d)}`;
    case "symbol":
      return `$${node.name}`;
    case "constant":
      return `#${node.name}`;
    case "sum":
      return `(+ ${keys(node.terms).sort().join(" ")})`;
    case "product":
      return `(* ${keys(node.factors).sort().join(" ")})`;
    case "power":
      return `(^ ${key(node.base, fuel)} ${key(node.exponent, fuel)})`;
    case "call":
      return `(${node.name} ${keys(node.args).join(" ")})`;
    case "plusminus":
      return node.flip ? "∓" : "±";
    case "percent":
      return `(% ${key(node.of, fuel)})`;
    case "degrees":
      return `(° ${key(node.of, fuel)})`;
    case "quantity":
      return `(unit ${key(node.value, fuel)} ${node.unit})`;
    case "base":
      return `(base ${node.digits} ${node.base})`;
    case "tuple":
      return `${node.open}${keys(node.items).join(" ")}${node.close}`;
    case "list":
      return `(list${isLogic(node) ? ` ${node.by}` : ""} ${keys(node.items).sort().join(" ")})`;
    case "set":
      return `{${keys(node.items).sort().join(" ")}}`;
    case "setop":
      return node.op === "∖"
        ? `(∖ ${key(node.left, fuel)} ${key(node.right, fuel)})`
        : `(${node.op} ${keys([node.left, node.right]).sort().join(" ")})`;
    case "relation":
      return `(rel ${keys(node.parts)
        .map((part, i) => `${part} ${node.ops[i] ?? ""}`)
        .join(" ")})`;
    case "ratio":
      return `(: ${keys(node.parts).join(" ")})`;
    case "matrix":
      return `[${node.rows.map((row) => keys(row).join(" ")).join(";")}]`;
    case "text":
      return `"${node.words}"`;
    default:
      return node satisfies never;
  }
}

/** Whether its joint decides what a list says: 1 and 2 are 1 or 2, but not so x > 1 and x > 2, or x = 1 and y = 2. */
export const isLogic = (node: Extract<Node, { kind: "list" }>): boolean =>
  node.items.some((item) => item.kind === "relation" || (item.kind === "list" && isLogic(item)));

/** Hexadecimal: a decimal string of a big number takes time that grows with its square. */
const big = (n: bigint): string => n.toString(16);
