/**
 * Constants to 80 digits, with a bound on their error.
 *
 * Two constants are equal when they differ by no more than their errors and the errors leave at least 50
 * digits in common. The bound is what tells a true zero (√2·√3 − √6) from a small number (e^-1000).
 */
import { Decimal } from "decimal.js";
import { type Place, partsOf } from "./evaluate.ts";
import type { Node } from "./node.ts";
import { bits } from "./rational.ts";

const D = Decimal.clone({ precision: 80, defaults: true });
type D = InstanceType<typeof Decimal>;
const PRECISION = 79;
const AGREEMENT = 50;
const pi = D.acos(-1);
const zero = new D(0);

/** A complex number; `error` is the power of ten that bounds the error of both parts. */
export interface Digits {
  readonly re: D;
  readonly im: D;
  readonly error: number;
}

const exponentOf = (x: D): number => (x.isZero() ? Number.NEGATIVE_INFINITY : x.e);
const sizeOf = (z: Digits): number => Math.max(exponentOf(z.re), exponentOf(z.im)) + 1;
const isReal = (z: Digits): boolean => z.im.isZero();

function made(re: D, im: D, carried: number): Digits | undefined {
  if (!re.isFinite() || !im.isFinite()) return undefined;
  const rounding = Math.max(exponentOf(re), exponentOf(im)) + 1 - PRECISION;
  return { re, im, error: Math.max(rounding, carried) + 0.4 };
}

/** @returns undefined where a part has no value, or none we can compute to so many digits */
export function digits(node: Node, place: Place): Digits | undefined {
  place.fuel.spend(40);
  if (node.kind === "number") {
    const { n, d } = node.value;
    if (bits(n) > 4000 || bits(d) > 4000) return undefined;
    return made(new D(n.toString()).div(new D(d.toString())), zero, Number.NEGATIVE_INFINITY);
  }
  if (node.kind === "constant") return constant(node.name);
  if (node.kind === "symbol") {
    const value = place.variable(node.name);
    return value && digits({ kind: "number", value, decimal: false }, place);
  }
  const parts: Digits[] = [];
  for (const part of partsOf(node)) {
    const value = digits(part, place);
    if (value === undefined) return undefined;
    parts.push(value);
  }
  switch (node.kind) {
    case "sum":
      return fold(parts, plus);
    case "product":
      return fold(parts, times);
    case "power":
      return power(parts[0]!, parts[1]!, place);
    case "percent":
      return times(parts[0]!, exact(new D("0.01")));
    case "degrees":
      return times(parts[0]!, exact(pi.div(180)));
    case "call":
      return called(node.name, parts, place);
    default:
      return undefined;
  }
}

const exact = (re: D, im: D = zero): Digits => ({
  re,
  im,
  error: Math.max(exponentOf(re), exponentOf(im)) + 1 - PRECISION,
});

function constant(name: "pi" | "e" | "i" | "infinity"): Digits | undefined {
  switch (name) {
    case "pi":
      return exact(pi);
    case "e":
      return exact(D.exp(1));
    case "i":
      return exact(zero, new D(1));
    case "infinity":
      return undefined;
    default:
      return name satisfies never;
  }
}

function fold(
  parts: readonly Digits[],
  combine: (a: Digits, b: Digits) => Digits | undefined,
): Digits | undefined {
  return parts.slice(1).reduce<Digits | undefined>((total, part) => total && combine(total, part), parts[0]);
}

function plus(a: Digits, b: Digits): Digits | undefined {
  return made(a.re.plus(b.re), a.im.plus(b.im), Math.max(a.error, b.error));
}

function times(a: Digits, b: Digits): Digits | undefined {
  const carried = Math.max(sizeOf(a) + b.error, sizeOf(b) + a.error);
  if (isReal(a) && isReal(b)) return made(a.re.times(b.re), zero, carried);
  return made(a.re.times(b.re).minus(a.im.times(b.im)), a.re.times(b.im).plus(a.im.times(b.re)), carried);
}

function inverse(a: Digits): Digits | undefined {
  const norm = a.re.times(a.re).plus(a.im.times(a.im));
  // a denominator within its own error of 0 may be 0
  if (norm.isZero() || sizeOf(a) <= a.error + 2) return undefined;
  return made(a.re.div(norm), a.im.neg().div(norm), a.error - 2 * (sizeOf(a) - 1));
}

function power(base: Digits, exponent: Digits, place: Place): Digits | undefined {
  if (!isReal(exponent)) return undefined;
  const e = exponent.re;
  if (e.isInteger() && e.abs().lte(1000)) return wholePower(base, e.toNumber(), place);
  if (e.eq(0.5)) return squareRoot(base, place);
  if (!isReal(base) || base.re.lte(0)) return undefined;
  const logarithm = natural(base, place);
  const product = logarithm && times(logarithm, exponent);
  return product && exponential(product, place);
}

function wholePower(base: Digits, exponent: number, place: Place): Digits | undefined {
  if (exponent < 0) {
    const raised = wholePower(base, -exponent, place);
    return raised && inverse(raised);
  }
  let result: Digits | undefined = exact(new D(1));
  let square: Digits | undefined = base;
  for (let n = exponent; n > 0 && result && square; n = Math.floor(n / 2)) {
    place.fuel.spend(40);
    if (n % 2 === 1) result = times(result, square);
    if (n > 1) square = times(square, square);
  }
  return result;
}

/** The principal root: of a + bi, √((|z|+a)/2) + i·sgn(b)·√((|z|−a)/2). */
function squareRoot(z: Digits, place: Place): Digits | undefined {
  place.fuel.spend(100);
  if (z.re.isZero() && z.im.isZero()) return z;
  if (sizeOf(z) <= z.error + 2) return undefined;
  const carried = z.error - (sizeOf(z) - 1) / 2;
  if (isReal(z))
    return z.re.isNegative() ? made(zero, z.re.neg().sqrt(), carried) : made(z.re.sqrt(), zero, carried);
  const norm = z.re.times(z.re).plus(z.im.times(z.im)).sqrt();
  const re = norm.plus(z.re).div(2).sqrt();
  const im = norm.minus(z.re).div(2).sqrt();
  // the smaller part loses what its difference lost
  return made(
    re,
    z.im.isNegative() ? im.neg() : im,
    carried + Math.max(0, sizeOf(z) - exponentOf(re.lt(im) ? re : im) * 2),
  );
}

function natural(z: Digits, place: Place): Digits | undefined {
  place.fuel.spend(600);
  if (!isReal(z) || z.re.lte(0) || sizeOf(z) <= z.error + 2) return undefined;
  return made(z.re.ln(), zero, z.error - sizeOf(z) + 1);
}

function exponential(z: Digits, place: Place): Digits | undefined {
  place.fuel.spend(400);
  if (z.re.abs().gt(1e6)) return undefined;
  const scale = z.re.exp();
  const carried = exponentOf(scale) + 1 + z.error;
  if (isReal(z)) return made(scale, zero, carried);
  if (z.im.abs().gt(1e6)) return undefined;
  return made(scale.times(z.im.cos()), scale.times(z.im.sin()), carried);
}

/** Functions of a real x: how to compute them, and the power of ten that bounds |f′|. */
const real: Readonly<Record<string, { readonly f: (x: D) => D; readonly slope: (x: D, y: D) => number }>> = {
  sin: { f: (x) => x.sin(), slope: () => 0 },
  cos: { f: (x) => x.cos(), slope: () => 0 },
  tan: { f: (x) => x.tan(), slope: (_, y) => 2 * Math.max(0, exponentOf(y) + 1) + 1 },
  asin: { f: (x) => x.asin(), slope: (x) => -exponentOf(new D(1).minus(x.times(x))) },
  acos: { f: (x) => x.acos(), slope: (x) => -exponentOf(new D(1).minus(x.times(x))) },
  atan: { f: (x) => x.atan(), slope: () => 0 },
  sinh: { f: (x) => x.sinh(), slope: (_, y) => Math.max(0, exponentOf(y) + 1) },
  cosh: { f: (x) => x.cosh(), slope: (_, y) => exponentOf(y) + 1 },
  tanh: { f: (x) => x.tanh(), slope: () => 0 },
};
const reciprocals: Readonly<Record<string, string>> = { cot: "tan", sec: "cos", csc: "sin" };

function called(name: string, args: readonly Digits[], place: Place): Digits | undefined {
  const [a, b] = args;
  if (a === undefined) return undefined;
  const whole = name === "cot" || name === "sec" || name === "csc" ? reciprocals[name] : undefined;
  if (whole !== undefined) {
    const value = called(whole, args, place);
    return value && inverse(value);
  }
  switch (name) {
    case "ln":
      return natural(a, place);
    case "log": {
      const top = natural(a, place);
      if (b === undefined && place.logBase === "e") return top;
      const bottom = natural(b ?? exact(new D(10)), place);
      const inverted = bottom && inverse(bottom);
      return top && inverted && times(top, inverted);
    }
    case "abs":
      return isReal(a) ? { ...a, re: a.re.abs() } : squareRoot(times(a, { ...a, im: a.im.neg() })!, place);
    case "root": {
      if (b === undefined || !isReal(a) || !isReal(b) || !b.re.isInteger() || b.re.isZero()) return undefined;
      const isOdd = b.re.mod(2).abs().eq(1);
      const degree = inverse(b);
      if (!a.re.isNegative()) return degree && (a.re.isZero() ? a : power(a, degree, place));
      const root = isOdd && degree ? power({ ...a, re: a.re.neg() }, degree, place) : undefined;
      return root && { ...root, re: root.re.neg() };
    }
    default: {
      const known = Object.hasOwn(real, name) ? real[name] : undefined;
      if (!known || !isReal(a) || a.re.abs().gt(1e6)) return undefined;
      place.fuel.spend(800);
      const value = known.f(a.re);
      if (!value.isFinite()) return undefined;
      return made(value, zero, a.error + Math.min(1000, known.slope(a.re, value)));
    }
  }
}

/** Whether two values agree to at least 50 digits; undefined where their errors are too large to say. */
export function agree(a: Digits, b: Digits): boolean | undefined {
  const error = Math.max(a.error, b.error) + 2;
  const difference = Math.max(exponentOf(a.re.minus(b.re)), exponentOf(a.im.minus(b.im)));
  if (difference > error) return false;
  const largest = Math.max(sizeOf(a), sizeOf(b));
  const bothZero = largest <= error;
  // beyond 10^60 a difference of 1 would be lost
  if (error > -10) return undefined;
  return (bothZero ? -error : largest - error) >= AGREEMENT ? true : undefined;
}
