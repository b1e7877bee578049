/**
 * Sets of real numbers as segments: intervals, unions, differences, inequalities in one unknown.
 *
 *   (−∞, 2) ∪ {3},  x < 2 or x = 3  →  segments in order, merged where they touch
 */

import { isName, named } from "./assignments.ts";
import * as C from "./complex.ts";
import type { Context } from "./context.ts";
import { constantPlace, roughly } from "./evaluate.ts";
import { isLogic, key, type Node, negate } from "./node.ts";
import { isInequality, type Relation } from "./relations.ts";

interface End {
  readonly value: Node;
  readonly near: number;
  /** Whether the end itself belongs to the segment. */
  readonly closed: boolean;
}

interface Segment {
  readonly low: End;
  readonly high: End;
}

export type Segments = readonly Segment[];

const infinity: Node = { kind: "constant", name: "infinity" };
const below: End = { value: infinity, near: Number.NEGATIVE_INFINITY, closed: false };
const above: End = { value: infinity, near: Number.POSITIVE_INFINITY, closed: false };
const everything: Segments = [{ low: below, high: above }];

/** @returns the segments of a set of reals with constant ends; undefined for anything else */
export function segmentsOf(node: Node, context: Context): Segments | undefined {
  context.fuel.spend(4);
  switch (node.kind) {
    case "tuple":
      return node.items.length === 2
        ? interval(node.items[0]!, node.items[1]!, node.open === "[", node.close === "]", context)
        : undefined;
    case "set":
      return joinAll(node.items.map((item) => interval(item, item, true, true, context)));
    case "symbol":
      return node.name === "mathbb(R)" ? everything : undefined;
    case "setop":
      return combined(node, context);
    case "relation":
      return node.ops.some(isInequality) ? solutions(node, context) : member(node, context);
    case "list":
      return isLogic(node) ? statements(node, context) : undefined;
    default:
      return undefined;
  }
}

/**
 * What several statements about one unknown allow: both where "and" joins them, either where "or" does.
 *
 * A comma is "and" where every statement narrows what the others allow, or else "or" where no two of them
 * touch. Anything else is a list of guesses and no set at all.
 */
function statements(node: Extract<Node, { kind: "list" }>, context: Context): Segments | undefined {
  const sets: Segments[] = [];
  for (const item of node.items) {
    const set = segmentsOf(item, context);
    if (!set) return undefined;
    sets.push(set);
  }
  const union = merged(sets.flat());
  if (node.by === "or") return union;
  const common = sets.reduce(intersection);
  if (node.by === "and") return common;
  const narrows = sets.every((_, i) => {
    const others = sets.filter((_, j) => j !== i).reduce(intersection, everything);
    return !sameSegments(others, common, context);
  });
  if (common.length > 0) return narrows ? common : undefined;
  return union.length === sets.flat().length ? union : undefined;
}

/** x ∈ S is S; x = 3 is {3}. */
function member(relation: Relation, context: Context): Segments | undefined {
  const value = named(relation, context)?.value;
  if (value === undefined) return undefined;
  return segmentsOf(value, context) ?? interval(value, value, true, true, context);
}

function end(value: Node, closed: boolean, context: Context): End | undefined {
  const sign = infiniteSign(value, context);
  if (sign !== 0) return sign > 0 ? above : below;
  const z = roughly(value, constantPlace(context.fuel, "e"));
  return C.isSomewhere(z) && C.isReal(z) ? { value, near: z.re, closed } : undefined;
}

function infiniteSign(node: Node, context: Context): number {
  const name = key(node, context.fuel);
  if (name === key(infinity, context.fuel)) return 1;
  return name === key(negate(infinity, context.fuel), context.fuel) ? -1 : 0;
}

function interval(
  low: Node,
  high: Node,
  lowClosed: boolean,
  highClosed: boolean,
  context: Context,
): Segments | undefined {
  const [a, b] = [end(low, lowClosed, context), end(high, highClosed, context)];
  if (!a || !b) return undefined;
  // (3, 1) holds nothing, and is surely meant as a point
  if (a.near > b.near || (a.near === b.near && !(a.closed && b.closed))) return undefined;
  return [{ low: a, high: b }];
}

function joinAll(all: readonly (Segments | undefined)[]): Segments | undefined {
  const parts: Segment[] = [];
  for (const segments of all) {
    if (!segments) return undefined;
    parts.push(...segments);
  }
  return merged(parts);
}

function merged(parts: readonly Segment[]): Segments {
  const sorted = [...parts].sort(
    (a, b) => a.low.near - b.low.near || Number(b.low.closed) - Number(a.low.closed),
  );
  const out: Segment[] = [];
  for (const next of sorted) {
    const last = out.at(-1);
    const touches =
      last &&
      (next.low.near < last.high.near ||
        (next.low.near === last.high.near && (next.low.closed || last.high.closed)));
    if (!touches) out.push(next);
    else out[out.length - 1] = { low: last.low, high: later(last.high, next.high) };
  }
  return out;
}

function later(a: End, b: End): End {
  if (a.near !== b.near) return a.near > b.near ? a : b;
  return a.closed ? a : b;
}

function combined(node: Extract<Node, { kind: "setop" }>, context: Context): Segments | undefined {
  const [left, right] = [segmentsOf(node.left, context), segmentsOf(node.right, context)];
  if (!left || !right) return undefined;
  if (node.op === "∪") return merged([...left, ...right]);
  return intersection(left, node.op === "∩" ? right : complement(right));
}

function complement(segments: Segments): Segments {
  const out: Segment[] = [];
  let low = below;
  for (const segment of segments) {
    const high = { ...segment.low, closed: !segment.low.closed };
    if (segment.low.near > low.near || (segment.low.near === low.near && low.closed && high.closed))
      out.push({ low, high });
    low = { ...segment.high, closed: !segment.high.closed };
  }
  if (low.near < Number.POSITIVE_INFINITY) out.push({ low, high: above });
  return out;
}

function intersection(a: Segments, b: Segments): Segments {
  const out: Segment[] = [];
  for (const x of a) {
    for (const y of b) {
      const low =
        x.low.near === y.low.near ? (x.low.closed ? y.low : x.low) : x.low.near > y.low.near ? x.low : y.low;
      const high =
        x.high.near === y.high.near
          ? x.high.closed
            ? y.high
            : x.high
          : x.high.near < y.high.near
            ? x.high
            : y.high;
      if (low.near < high.near || (low.near === high.near && low.closed && high.closed))
        out.push({ low, high });
    }
  }
  return merged(out);
}

/** The numbers an inequality in one name allows: x < 2, −1 ≤ x < 3, x ≠ 0, 1 ≤ |x| ≤ 2. */
function solutions(relation: Relation, context: Context): Segments | undefined {
  const at = relation.parts.findIndex((part) => isName(part));
  if (at < 0) return undefined;
  const name = relation.parts[at]!;
  const bounds: Segments[] = [];
  for (let i = 0; i < relation.ops.length; i++) {
    const [left, op, right] = [relation.parts[i]!, relation.ops[i]!, relation.parts[i + 1]!];
    if (left !== name && right !== name) return undefined;
    const bound = left === name ? right : left;
    const allowed = halfLine(left === name ? op : mirrored(op), bound, context);
    if (!allowed) return undefined;
    bounds.push(allowed);
  }
  const range = bounds.reduce(intersection);
  if (name.kind !== "call" || name.name !== "abs") return range;
  // |x| in [a, b]: x there, or opposite
  const positive = intersection(range, [{ low: { value: zero, near: 0, closed: true }, high: above }]);
  return merged([...positive, ...positive.map((segment) => opposite(segment, context))]);
}

const zero: Node = { kind: "number", value: { n: 0n, d: 1n }, decimal: false };
const mirrored = (op: string): string => ({ "<": ">", ">": "<", "<=": ">=", ">=": "<=" })[op] ?? op;

function halfLine(op: string, bound: Node, context: Context): Segments | undefined {
  const at = end(bound, op === "<=" || op === ">=", context);
  if (!at || !Number.isFinite(at.near)) return undefined;
  switch (op) {
    case "<":
    case "<=":
      return [{ low: below, high: at }];
    case ">":
    case ">=":
      return [{ low: at, high: above }];
    case "!=":
      return complement([{ low: { ...at, closed: true }, high: { ...at, closed: true } }]);
    default:
      return undefined;
  }
}

function opposite({ low, high }: Segment, context: Context): Segment {
  const turn = (at: End): End =>
    Number.isFinite(at.near)
      ? { value: negate(at.value, context.fuel), near: -at.near, closed: at.closed }
      : at.near > 0
        ? below
        : above;
  return { low: turn(high), high: turn(low) };
}

/** Whether two sets have the same segments, their ends compared as answers are. */
export function sameSegments(a: Segments, b: Segments, context: Context): boolean {
  if (a.length !== b.length || a.length === 0) return a.length === b.length;
  const sameEnd = (x: End, y: End): boolean => {
    if (!Number.isFinite(x.near) || !Number.isFinite(y.near)) return x.near === y.near;
    return x.closed === y.closed && context.equal(x.value, y.value) !== undefined;
  };
  return a.every((segment, i) => sameEnd(segment.low, b[i]!.low) && sameEnd(segment.high, b[i]!.high));
}
