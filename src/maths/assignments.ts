/**
 * What an equation says: x = 5 says 5 of x, and 2x = 10 says nothing shorter than itself.
 */

import * as C from "./complex.ts";
import type { Context } from "./context.ts";
import { constantPlace, roughly } from "./evaluate.ts";
import { key, type Node } from "./node.ts";
import { equalLeaves } from "./scalar-equality.ts";

export interface Named {
  /** What it names: several of y = f(x) = …, none where the equation only computes, as 5 + 6 = 11 does. */
  readonly names: readonly Node[];
  readonly value: Node;
}

/**
 * The value of an equation whose left side only names it, of x ∈ S, and of a computation.
 *
 * @returns undefined for every other relation, which then has no value: 0 is no answer to x² − 1 = 0
 */
export function named(node: Node, context: Context): Named | undefined {
  if (node.kind !== "relation") return undefined;
  const { ops, parts } = node;
  if (ops.length === 0) return undefined;
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (ops.length === 1 && ops[0] === "∈") return isName(first) ? { names: [first], value: last } : undefined;
  if (!ops.every((op) => op === "=" || op === "~")) return undefined;
  // of x = 1/3 ≈ 0.33 the exact value counts, and of √2 ≈ 1.41
  const about = ops.indexOf("~");
  const end = about > 0 ? about : ops.length;
  const value = parts[end]!;
  if (isName(first)) return { names: parts.slice(0, end).filter(isName), value };
  if (ops.length === 1 && isName(last) && isConstant(first, context)) return { names: [last], value: first };
  if (about === 0) return isConstant(first, context) ? { names: [], value: first } : undefined;
  const computes = parts
    .slice(0, end + 1)
    .every((part, i) => i === 0 || equalLeaves(parts[i - 1]!, part, context));
  return computes && isConstant(value, context) ? { names: [], value } : undefined;
}

function isConstant(node: Node, context: Context): boolean {
  return C.isSomewhere(roughly(node, constantPlace(context.fuel, "e")));
}

/** Whether an expression only names something: x_1, f(x), |AB|, AB, (p, q), A:B, ∠ABC, sin θ. */
export function isName(node: Node): boolean {
  switch (node.kind) {
    case "symbol":
    case "text":
      return true;
    case "call":
      return (
        node.name.startsWith("fn:") ||
        (node.args.length === 1 && !node.name.startsWith("factorial") && isName(node.args[0]!))
      );
    case "tuple":
      return node.items.every(isName);
    case "ratio":
      return node.parts.every(isName);
    case "matrix":
      return node.rows.every((row) => row.every(isName));
    case "power":
      return node.exponent.kind === "number" && node.exponent.value.n === -1n && isName(node.base);
    case "product":
      return isSegment(node.factors) || isFractionOfNames(node.factors);
    default:
      return false;
  }
}

/** AB or ABCD, or m∠A: capitals side by side. */
function isSegment(factors: readonly Node[]): boolean {
  return factors.every(
    (factor) =>
      factor.kind === "symbol" &&
      (/^[A-Z]('|_.*)?$/.test(factor.name) || factor.name === "m" || factor.name.includes(" ")),
  );
}

function isFractionOfNames(factors: readonly Node[]): boolean {
  const below = factors.filter((factor) => factor.kind === "power");
  const above = factors.filter((factor) => factor.kind !== "power");
  const one = (nodes: readonly Node[]): boolean => nodes.length === 1 || isSegment(nodes);
  return below.length === 1 && above.length > 0 && below.every(isName) && above.every(isName) && one(above);
}

/** Whether two equations may speak of the same thing: a name in common, or none on one side. */
export function sameName(a: Named, b: Named, context: Context): boolean {
  if (a.names.length === 0 || b.names.length === 0) return true;
  return a.names.some((x) => b.names.some((y) => isSame(x, y, context)));
}

function isSame(x: Node, y: Node, context: Context): boolean {
  if (key(x, context.fuel) === key(y, context.fuel) || equalLeaves(x, y, context)) return true;
  // y = 2x and f(x) = 2x
  const isGraph = (name: Node, value: Node): boolean =>
    name.kind === "symbol" &&
    name.name === "y" &&
    value.kind === "call" &&
    value.name.startsWith("fn:") &&
    value.args.every((arg) => arg.kind === "symbol");
  if (isGraph(x, y) || isGraph(y, x)) return true;
  // x_1 = 2 and x = 2: a root with a number and one without
  const [s, t] = [stem(x), stem(y)];
  return (
    s !== undefined && s === t && x.kind === "symbol" && y.kind === "symbol" && (x.name === s || y.name === t)
  );
}

/** The letter of a name without its index: x of x_1. */
export function stem(node: Node): string | undefined {
  return node.kind === "symbol" ? node.name.replace(/_.*$/, "") : undefined;
}
