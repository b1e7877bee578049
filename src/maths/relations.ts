/**
 * Equations and inequalities: equal when one is a constant multiple of the other.
 *
 * a = b and c = d are the same relation where (a − b) / (c − d) is one number wherever it is evaluated;
 * for inequalities that number must be positive.
 */
import * as C from "./complex.ts";
import type { Context } from "./context.ts";
import { exactly, roughly, variablesOf } from "./evaluate.ts";
import { type Node, negate, sum } from "./node.ts";
import * as Q from "./rational.ts";
import { type LeafMatch, placeAt, pointCount } from "./scalar-equality.ts";

export type Relation = Extract<Node, { kind: "relation" }>;

const flipped: Readonly<Record<string, string>> = { "<": ">", ">": "<", "<=": ">=", ">=": "<=" };

export const isInequality = (op: string): boolean => Object.hasOwn(flipped, op) || op === "!=";

/** The same relation read from right to left. */
function reversed(relation: Relation): Relation {
  return {
    ...relation,
    parts: [...relation.parts].reverse(),
    ops: [...relation.ops].reverse().map((op) => flipped[op] ?? op),
  };
}

export function equalRelations(gold: Relation, answer: Relation, context: Context): LeafMatch | undefined {
  if (gold.parts.length !== answer.parts.length) return undefined;
  for (const other of [answer, reversed(answer)]) {
    const sameOps = gold.ops.every((op, i) => plain(op) === plain(other.ops[i]!));
    if (!sameOps) continue;
    const sides = gold.parts.every((part, i) => context.equal(part, other.parts[i]!));
    if (sides || (gold.parts.length === 2 && isMultiple(gold, other, context))) return { reason: "relation" };
  }
  return undefined;
}

const plain = (op: string): string => (op === "~" ? "=" : op);

function isMultiple(gold: Relation, other: Relation, context: Context): boolean {
  const { fuel } = context;
  const difference = ({ parts }: Relation): Node => sum([parts[0]!, negate(parts[1]!, fuel)], fuel);
  const [f, g] = [difference(gold), difference(other)];
  const names = [...variablesOf(g, fuel, variablesOf(f, fuel))].sort();
  // 1 = 2 is no multiple of 3 = 4
  if (names.length === 0) return false;
  const mustBePositive = gold.ops[0] !== "=" && gold.ops[0] !== "!=" && gold.ops[0] !== "~";
  let first: C.Complex | undefined;
  let exact: Q.Rational | undefined;
  let valid = 0;
  let last = "";
  let varies = false;
  for (let point = 0; point < pointCount; point++) {
    const place = placeAt(point, names, fuel);
    const [x, y] = [exactly(f, place), exactly(g, place)];
    if (x === "huge" || y === "huge") return false;
    if (Q.isRational(x) && Q.isRational(y)) {
      if ((x.n === 0n) !== (y.n === 0n)) return false;
      if (x.n === 0n) continue;
      const multiple = Q.multiply(x, Q.invert(y), fuel);
      if (!Q.isRational(multiple)) return false;
      if (mustBePositive && multiple.n < 0n) return false;
      if (exact && !Q.sameRational(exact, multiple)) return false;
      exact ??= multiple;
      first ??= C.complex(Q.toNumber(multiple));
    } else {
      const [u, v] = [roughly(f, place), roughly(g, place)];
      if (!C.isSomewhere(u) || !C.isSomewhere(v) || C.size(v) === 0) continue;
      const multiple = C.over(u, v);
      if (C.size(multiple) === 0) return false;
      if (mustBePositive && (multiple.re < 0 || !C.isReal(multiple))) return false;
      if (first && C.size(C.minus(first, multiple)) > 1e-9 * C.size(first)) return false;
      first ??= multiple;
    }
    const here = `${names.map((name) => place.variable(name)!.n).join()}`;
    varies ||= last !== "" && here !== last;
    last = here;
    valid++;
  }
  return valid >= 3 && varies;
}
