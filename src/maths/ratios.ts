/**
 * Ratios: 2 : 4 is 1 : 2, and a half; 12:00 is a time and not 1:00.
 */
import type { Context } from "./context.ts";
import { constantPlace, exactly } from "./evaluate.ts";
import { divide, type Node, product } from "./node.ts";
import { isRational } from "./rational.ts";
import type { LeafMatch } from "./scalar-equality.ts";

type Ratio = Extract<Node, { kind: "ratio" }>;

export function equalRatios(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  if (gold.kind !== "ratio" || answer.kind !== "ratio" || gold.parts.length !== answer.parts.length)
    return undefined;
  if (gold.parts.every((part, i) => context.equal(part, answer.parts[i]!))) return { reason: "exact" };
  if (isTime(gold) && isTime(answer)) return undefined;
  // a : b = c : d where a·d = b·c, part by part against the first
  const [a, c] = [gold.parts[0]!, answer.parts[0]!];
  if ([...gold.parts, ...answer.parts].some((part) => isZero(part, context))) return undefined;
  const proportional = gold.parts.every((part, i) =>
    context.equal(product([part, c], context.fuel), product([answer.parts[i]!, a], context.fuel)),
  );
  return proportional ? { reason: "exact" } : undefined;
}

/** The quotient of two terms, where it may stand for them: not a whole number, which 2 : 1 is not. */
export function ratioValue(node: Node, context: Context): Node {
  if (node.kind !== "ratio" || node.parts.length !== 2 || isTime(node)) return node;
  const quotient = divide(node.parts[0]!, node.parts[1]!, context.fuel);
  const value = exactly(quotient, constantPlace(context.fuel, "e"));
  return isRational(value) && value.d !== 1n ? quotient : node;
}

/** 7:05, 12:00: up to two digits, then two digits below 60. */
function isTime({ written }: Ratio): boolean {
  return written.length === 2 && /^\d{1,2}$/.test(written[0]!) && /^[0-5]\d$/.test(written[1]!);
}

function isZero(node: Node, context: Context): boolean {
  const value = exactly(node, constantPlace(context.fuel, "e"));
  return isRational(value) && value.n === 0n;
}
