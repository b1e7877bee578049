/**
 * Whether two scalars are equal.
 *
 * In order, the first that can say: the same canonical key; exact fractions; a decimal's own precision;
 * constants to 50 digits; expressions with variables at fixed points, exactly where that is possible.
 */
import * as C from "./complex.ts";
import { constantPlace, exactly, type Place, roughly, someNode, variablesOf } from "./evaluate.ts";
import type { Fuel } from "./fuel.ts";
import { agree, digits } from "./high-precision.ts";
import type { RightReason } from "./judgement.ts";
import { key, type Node } from "./node.ts";
import * as Q from "./rational.ts";

export interface LeafMatch {
  readonly reason: RightReason;
  readonly points?: number;
  readonly digits?: number;
}

type Conventions = Pick<Place, "logBase" | "roots">;

export interface LeafOptions {
  readonly fuel: Fuel;
  /** Decimals to which a decimal answer must agree. */
  readonly precision: number;
}

/** @returns how they were found equal, or undefined where they were not */
export function equalLeaves(a: Node, b: Node, options: LeafOptions): LeafMatch | undefined {
  const { fuel } = options;
  if (key(a, fuel) === key(b, fuel)) return { reason: "exact" };
  const names = variablesOf(b, fuel, variablesOf(a, fuel));
  const logBases = [a, b].some((n) => someNode(n, fuel, isBareLog))
    ? (["e", "10"] as const)
    : (["e"] as const);
  for (const logBase of logBases) {
    if (names.size === 0) {
      const match = equalConstants(a, b, options, logBase);
      if (match) return match;
      continue;
    }
    // a variable may be negative, and what its cube root is then is a matter of convention
    const conventions = [a, b].some((n) => someNode(n, fuel, isRoot))
      ? (["principal", "real"] as const)
      : (["principal"] as const);
    for (const roots of conventions) {
      const match = equalExpressions(a, b, fuel, [...names].sort(), { logBase, roots }, points.keys());
      if (match) return match;
    }
    // the laws of roots and logarithms hold where both sides are defined: √(k/m) is √(km)/m
    const haveLaws = [a, b].every((n) => someNode(n, fuel, hasLaws) && !someNode(n, fuel, isAbsolute));
    const match =
      haveLaws && equalExpressions(a, b, fuel, [...names].sort(), { logBase, roots: "principal" }, positive);
    if (match) return match;
  }
  return undefined;
}

const isRoot = (node: Node): boolean =>
  (node.kind === "call" && node.name === "root") ||
  (node.kind === "power" && node.exponent.kind !== "number");
const hasLaws = (node: Node): boolean =>
  (node.kind === "call" && (node.name === "root" || node.name === "ln" || node.name === "log")) ||
  (node.kind === "power" && isFraction(node.exponent));
/** 1/2, −1/2: what is left of it once whole numbers are folded. */
const isFraction = (node: Node): boolean =>
  node.kind === "number"
    ? node.value.d !== 1n
    : (node.kind === "product" ? node.factors : [node]).some(
        (factor) => factor.kind === "power" && factor.base.kind === "number",
      );

const isAbsolute = (node: Node): boolean => node.kind === "call" && node.name === "abs";
/** Beyond these, a decimal is the noise of someone's floating point. */
const MOST_DECIMALS = 11;
const MOST_DIGITS = 9;
/** Decimals asked for unless the options say otherwise. */
export const DEFAULT_PRECISION = 6;

const isBareLog = (node: Node): boolean =>
  node.kind === "call" && node.name === "log" && node.args.length === 1;
const isDecimal = (node: Node): boolean => node.kind === "number" && node.decimal;
const hasDecimal = (node: Node, fuel: Fuel): boolean => someNode(node, fuel, isDecimal);

function equalConstants(
  a: Node,
  b: Node,
  { fuel, precision }: LeafOptions,
  logBase: "e" | "10",
): LeafMatch | undefined {
  const place = constantPlace(fuel, logBase);
  const [x, y] = [exactly(a, place), exactly(b, place)];
  // a number too large to compute is equal to nothing but itself, written the same way
  if (x === "huge" || y === "huge") return undefined;
  const decimal = hasDecimal(a, fuel) || hasDecimal(b, fuel);
  if (Q.isRational(x) && Q.isRational(y)) {
    if (Q.sameRational(x, y)) return { reason: "exact" };
    if (!decimal || (Q.isInteger(x) && Q.isInteger(y))) return undefined;
    return closeRationals(x, y, decimalsAgreed(a, b, precision, Q.toNumber(x), fuel), fuel)
      ? { reason: "decimal" }
      : undefined;
  }
  const [u, v] = [roughly(a, place), roughly(b, place)];
  if (!C.isSomewhere(u) || !C.isSomewhere(v)) return undefined;
  if (decimal)
    return closeDecimals(u, v, decimalsAgreed(a, b, precision, C.size(u), fuel))
      ? { reason: "decimal" }
      : undefined;
  const scale = Math.max(C.size(u), C.size(v));
  const apart = C.size(C.minus(u, v));
  // sums that cancel may be 0 with dust on it; 80 digits will tell
  if (apart > 1e-9 * scale && scale > 1e-6) return undefined;
  const [p, q] = [digits(a, place), digits(b, place)];
  if (p && q) return agree(p, q) ? { reason: "constant-80", digits: 50 } : undefined;
  return apart <= 1e-11 * scale ? { reason: "constant-80", digits: 11 } : undefined;
}

/**
 * Decimals to which two answers must agree: those asked for, and where more are written, all of
 * them. 1.0000001 agrees with 1 to six decimals, but claims seven.
 */
function decimalsAgreed(a: Node, b: Node, precision: number, near: number, fuel: Fuel): number {
  if (precision < DEFAULT_PRECISION) return precision;
  // a decimal with fewer than were asked for is taken as exact
  const written = [a, b].map((node) => decimalsOf(node, fuel)).filter((count) => count >= precision);
  const digits = near === 0 ? 0 : Math.floor(Math.log10(Math.abs(near))) + 1;
  return Math.max(precision, Math.min(MOST_DECIMALS, MOST_DIGITS - digits, ...written));
}

/** The digits after the point of the most precise decimal in a tree. */
function decimalsOf(node: Node, fuel: Fuel): number {
  let most = 0;
  someNode(node, fuel, (n) => {
    if (n.kind === "number" && n.decimal) most = Math.max(most, n.value.d.toString().length - 1);
    return false;
  });
  return most;
}

/**
 * |x − y| ≤ ½·10^-decimals; a decimal longer than was asked for may also have been cut off, not rounded.
 * Where both are small they must agree relatively as well.
 */
function closeRationals(x: Q.Rational, y: Q.Rational, decimals: number, fuel: Fuel): boolean {
  const difference = Q.add(x, { n: -y.n, d: y.d }, fuel);
  if (!Q.isRational(difference)) return false;
  const apart = (difference.n < 0n ? -difference.n : difference.n) * 10n ** BigInt(decimals);
  const isCut =
    decimals > DEFAULT_PRECISION && apart < difference.d && (x.d > y.d ? isShorter(x, y) : isShorter(y, x));
  if (2n * apart > difference.d && !isCut) return false;
  return closeRelatively(Q.toNumber(difference), Q.toNumber(x), Q.toNumber(y), decimals);
}

/** Whether the decimal is nearer to 0 than what it was cut from. Of two fractions the one with the larger denominator is the decimal. */
function isShorter(decimal: Q.Rational, whole: Q.Rational): boolean {
  const magnitude = (q: Q.Rational): Q.Rational => (q.n < 0n ? { n: -q.n, d: q.d } : q);
  return Q.compareRational(magnitude(decimal), magnitude(whole)) < 0;
}

function closeDecimals(u: C.Complex, v: C.Complex, decimals: number): boolean {
  const apart = C.size(C.minus(u, v));
  // a double has 15 digits: beyond them nothing can be said
  if (C.size(u) * 1e-15 > 10 ** -decimals) return false;
  const ulps = decimals > DEFAULT_PRECISION ? 1 : 0.5;
  return apart <= ulps * 10 ** -decimals + 1e-12 && closeRelatively(apart, C.size(u), C.size(v), decimals);
}

/** Of 0.001 and 0.002 it is not enough that their first two decimals agree. */
function closeRelatively(apart: number, x: number, y: number, decimals: number): boolean {
  const smallest = Math.min(Math.abs(x), Math.abs(y));
  return smallest >= 0.01 || Math.abs(apart) <= 10 ** -Math.max(1, Math.min(6, decimals - 2)) * smallest;
}

const points = [
  "positive",
  "positive",
  "negative",
  "negative",
  "mixed",
  "large",
  "whole",
  "whole",
  "whole",
] as const;
const FEWEST = 3;
const positive = [...points.keys()].filter((i) => points[i] !== "negative" && points[i] !== "mixed");

function equalExpressions(
  a: Node,
  b: Node,
  fuel: Fuel,
  names: readonly string[],
  conventions: Conventions,
  where: Iterable<number>,
): LeafMatch | undefined {
  // a coefficient is not an approximation: x − 1.0000001 is not x − 1
  let exact = 0;
  let valid = 0;
  const places = [...where];
  for (const point of places) {
    const place = placeAt(point, names, fuel, conventions);
    const [x, y] = [exactly(a, place), exactly(b, place)];
    if (x === "huge" || y === "huge") return undefined;
    if (Q.isRational(x) && Q.isRational(y)) {
      if (!Q.sameRational(x, y)) return undefined;
      exact++;
      valid++;
      continue;
    }
    const [u, v] = [roughly(a, place), roughly(b, place)];
    if (!C.isSomewhere(u) || !C.isSomewhere(v)) continue;
    if (!closeAt(u, v)) return undefined;
    valid++;
  }
  if (valid < FEWEST) return undefined;
  if (exact >= places.length - FEWEST) return { reason: "random", points: valid };
  return confirmed(a, b, names, fuel, conventions) ? { reason: "random", points: valid } : undefined;
}

function closeAt(u: C.Complex, v: C.Complex): boolean {
  const scale = Math.max(C.size(u), C.size(v));
  return C.size(C.minus(u, v)) <= 1e-9 * scale || scale < 1e-12;
}

/** Whether 80 digits, where they can be had, agree as well: doubles cannot see √x + 10^-20. */
function confirmed(
  a: Node,
  b: Node,
  names: readonly string[],
  fuel: Fuel,
  conventions: Conventions,
): boolean {
  const place = placeAt(0, names, fuel, conventions);
  const [p, q] = [digits(a, place), digits(b, place)];
  return !p || !q || agree(p, q) !== false;
}

/** Variables at the point-th place: a function of the name and the point alone, so verdicts can be repeated. */
export function placeAt(
  point: number,
  names: readonly string[],
  fuel: Fuel,
  conventions: Conventions = { logBase: "e", roots: "principal" },
): Place {
  const values = new Map(names.map((name) => [name, valueAt(name, point)]));
  return { fuel, ...conventions, variable: (name) => values.get(name) };
}

function valueAt(name: string, point: number): Q.Rational {
  const random = hash(name, point);
  const n = BigInt(17 + (random % 83));
  switch (points[point]) {
    case "positive":
      return { n, d: 61n };
    case "negative":
      return { n: -n, d: 59n };
    case "mixed":
      return { n: random % 2 === 0 ? n : -n, d: 53n };
    case "large":
      return { n: n * 7n + 1n, d: 47n };
    default:
      return Q.integer(1 + (random % 11));
  }
}

/** FNV-1a over the name, then over the point, mixed. */
function hash(name: string, point: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (point + 1), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 12)) >>> 0;
}

export const pointCount = points.length;
