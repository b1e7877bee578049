/**
 * Exact fractions of big integers, capped.
 *
 * Every operation says "huge" instead of making a number beyond the cap: 9^(9^9) must cost nothing. A
 * huge value is never equal to anything by calculation.
 */
import type { Fuel } from "./fuel.ts";

/** In lowest terms, `d` > 0. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

/** "none": no such number (1/0), or not a rational one (√2). */
export type Exact = Rational | "huge" | "none";

/** Largest numerator or denominator, in bits. */
const MOST_BITS = 400_000;
const LARGEST_FACTORIAL = 5000n;

export const integer = (n: number | bigint): Rational => ({ n: BigInt(n), d: 1n });
export const zero = integer(0);
export const one = integer(1);

export const isRational = (value: Exact): value is Rational => typeof value === "object";
export const isInteger = (value: Rational): boolean => value.d === 1n;
export const sameRational = (a: Rational, b: Rational): boolean => a.n === b.n && a.d === b.d;

/** Bits of |n|, without making a decimal string of it. */
export function bits(n: bigint): number {
  const magnitude = n < 0n ? -n : n;
  return magnitude < 0x1_0000_0000n ? 32 - Math.clz32(Number(magnitude)) : magnitude.toString(16).length * 4;
}

/** @returns n/d in lowest terms; "none" where d is 0 */
export function ratio(n: bigint, d: bigint, fuel: Fuel): Exact {
  if (d === 0n) return "none";
  if (d === 1n) return { n, d };
  const size = bits(n) + bits(d);
  if (size > 2 * MOST_BITS) return "huge";
  const shared = gcd(n, d, fuel);
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / shared, d: (sign * d) / shared };
}

/** A small fraction in lowest terms; `d` > 0. */
export function lowest({ n, d }: Rational): Rational {
  if (d === 1n) return { n, d };
  let [a, b] = [n < 0n ? -n : n, d];
  while (b > 0n) [a, b] = [b, a % b];
  return a === 0n ? { n: 0n, d: 1n } : { n: n / a, d: d / a };
}

/** Euclid costs the square of the size; the fuel is charged for it. */
export function gcd(a: bigint, b: bigint, fuel: Fuel): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y > 0n) {
    fuel.spend(1 + (bits(x) >> 9));
    [x, y] = [y, x % y];
  }
  return x === 0n ? 1n : x;
}

export function add(a: Exact, b: Exact, fuel: Fuel): Exact {
  if (!isRational(a)) return a;
  if (!isRational(b)) return b;
  charge(a, b, fuel);
  return ratio(a.n * b.d + b.n * a.d, a.d * b.d, fuel);
}

export function multiply(a: Exact, b: Exact, fuel: Fuel): Exact {
  if (!isRational(a)) return a;
  if (!isRational(b)) return b;
  if (bits(a.n) + bits(b.n) > MOST_BITS || bits(a.d) + bits(b.d) > MOST_BITS) return "huge";
  charge(a, b, fuel);
  return ratio(a.n * b.n, a.d * b.d, fuel);
}

export function invert(a: Exact): Exact {
  if (!isRational(a)) return a;
  if (a.n === 0n) return "none";
  return a.n < 0n ? { n: -a.d, d: -a.n } : { n: a.d, d: a.n };
}

/** base^exponent where that is rational: whole exponents, and roots that come out even. */
export function power(base: Exact, exponent: Exact, fuel: Fuel): Exact {
  if (!isRational(base)) return base;
  if (!isRational(exponent)) return exponent;
  if (exponent.n === 0n) return base.n === 0n ? "none" : one;
  if (exponent.n < 0n) return power(invert(base), { n: -exponent.n, d: exponent.d }, fuel);
  if (exponent.d !== 1n) {
    const root = nthRoot(base, exponent.d, fuel);
    return isRational(root) ? power(root, integer(exponent.n), fuel) : root;
  }
  if (base.d === 1n && (base.n === 0n || base.n === 1n)) return base;
  if (base.d === 1n && base.n === -1n) return exponent.n % 2n === 0n ? one : base;
  const size = Math.max(bits(base.n), bits(base.d));
  if (exponent.n * BigInt(size) > BigInt(MOST_BITS)) return "huge";
  const whole = Number(exponent.n);
  fuel.spend(1 + ((size * whole) >> 6));
  return { n: base.n ** BigInt(whole), d: base.d ** BigInt(whole) };
}

/** The real root of a value that is not negative; "none" where it is not rational. */
function nthRoot(base: Rational, degree: bigint, fuel: Fuel): Exact {
  if (base.n < 0n || degree > 64n) return "none";
  const n = wholeRoot(base.n, degree, fuel);
  const d = wholeRoot(base.d, degree, fuel);
  return n === undefined || d === undefined ? "none" : { n, d };
}

/** Newton's method from above; undefined where n is no perfect power. */
export function wholeRoot(n: bigint, degree: bigint, fuel: Fuel): bigint | undefined {
  if (n < 2n) return n;
  const size = bits(n);
  if (size > 20_000) return undefined;
  let x = 1n << BigInt(Math.floor(size / Number(degree)) + 1);
  for (;;) {
    fuel.spend(2 + (size >> 6));
    const next = ((degree - 1n) * x + n / x ** (degree - 1n)) / degree;
    if (next >= x) return x ** degree === n ? x : undefined;
    x = next;
  }
}

export function factorial(a: Exact, fuel: Fuel): Exact {
  if (!isRational(a)) return a;
  if (a.d !== 1n || a.n < 0n) return "none";
  if (a.n > LARGEST_FACTORIAL) return "huge";
  return integer(productOf(1n, a.n, fuel));
}

export function binomial(a: Exact, b: Exact, fuel: Fuel): Exact {
  if (!isRational(a)) return a;
  if (!isRational(b)) return b;
  if (a.d !== 1n || b.d !== 1n || b.n < 0n || a.n < b.n) return "none";
  // n over k and n over n − k are one number; the smaller takes fewer factors
  const k = 2n * b.n < a.n ? b.n : a.n - b.n;
  if (k > LARGEST_FACTORIAL || k * BigInt(bits(a.n)) > BigInt(MOST_BITS)) return "huge";
  if (k === 0n) return one;
  return ratio(productOf(a.n - k + 1n, a.n, fuel), productOf(1n, k, fuel), fuel);
}

/** from · (from+1) · … · to, halved so that both factors of each product are of one size. */
function productOf(from: bigint, to: bigint, fuel: Fuel): bigint {
  fuel.spend(1);
  if (to < from) return 1n;
  if (to - from < 8n) {
    let all = from;
    for (let i = from + 1n; i <= to; i++) all *= i;
    fuel.spend(bits(all) >> 6);
    return all;
  }
  const middle = (from + to) / 2n;
  const all = productOf(from, middle, fuel) * productOf(middle + 1n, to, fuel);
  fuel.spend(bits(all) >> 6);
  return all;
}

export function floor(a: Exact, up = false): Exact {
  if (!isRational(a)) return a;
  const down = a.n / a.d - (a.n % a.d < 0n ? 1n : 0n);
  return integer(up && a.n % a.d !== 0n ? down + 1n : down);
}

export const compareRational = (a: Rational, b: Rational): number => {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** The nearest double, also where numerator and denominator overflow one; ±Infinity and 0 beyond its range. */
export function toNumber(a: Rational): number {
  const [n, d] = [bits(a.n), bits(a.d)];
  if (n < 1000 && d < 1000) return Number(a.n) / Number(a.d);
  // scale the numerator so that the quotient keeps 64 bits, then put the power of two back
  const shift = n - d - 64;
  const quotient = shift > 0 ? a.n / (a.d << BigInt(shift)) : (a.n << BigInt(-shift)) / a.d;
  return Number(quotient) * 2 ** shift;
}

function charge(a: Rational, b: Rational, fuel: Fuel): void {
  fuel.spend(1 + ((bits(a.n) + bits(a.d) + bits(b.n) + bits(b.d)) >> 6));
}
