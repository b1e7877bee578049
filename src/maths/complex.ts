/**
 * Complex arithmetic in doubles, for telling different answers apart quickly.
 *
 * NaN is "no value here": a pole, an overflow, a function outside the domain we know.
 */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

export const complex = (re: number, im = 0): Complex => ({ re, im });
export const nowhere = complex(Number.NaN, Number.NaN);
export const isReal = (z: Complex): boolean => z.im === 0 || Math.abs(z.im) < 1e-14 * Math.abs(z.re);
export const size = (z: Complex): number => Math.hypot(z.re, z.im);
export const isSomewhere = (z: Complex): boolean => Number.isFinite(z.re) && Number.isFinite(z.im);

export const plus = (a: Complex, b: Complex): Complex => complex(a.re + b.re, a.im + b.im);
export const minus = (a: Complex, b: Complex): Complex => complex(a.re - b.re, a.im - b.im);
// a real factor is kept apart: 0·∞ in an imaginary part would be NaN
export const times = (a: Complex, b: Complex): Complex =>
  a.im === 0 && b.im === 0
    ? complex(a.re * b.re)
    : complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);

export function over(a: Complex, b: Complex): Complex {
  if (b.re === 0 && b.im === 0) return nowhere;
  if (b.im === 0) return complex(a.re / b.re, a.im / b.re);
  const d = b.re * b.re + b.im * b.im;
  return complex((a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d);
}

export const exp = (z: Complex): Complex =>
  z.im === 0
    ? complex(Math.exp(z.re))
    : complex(Math.exp(z.re) * Math.cos(z.im), Math.exp(z.re) * Math.sin(z.im));

export function log(z: Complex): Complex {
  if (z.re === 0 && z.im === 0) return nowhere;
  return complex(Math.log(size(z)), z.im === 0 ? (z.re < 0 ? Math.PI : 0) : Math.atan2(z.im, z.re));
}

/** The principal power; whole exponents by squaring, so that (-2)^3 has no imaginary dust. */
export function pow(base: Complex, exponent: Complex): Complex {
  if (exponent.im === 0 && Number.isInteger(exponent.re) && Math.abs(exponent.re) <= 4096) {
    return base.im === 0 ? realPower(base.re, exponent.re) : wholePower(base, exponent.re);
  }
  if (base.im === 0 && base.re >= 0 && exponent.im === 0) return realPower(base.re, exponent.re);
  if (base.re === 0 && base.im === 0) return exponent.re > 0 ? complex(0) : nowhere;
  if (exponent.im === 0 && exponent.re === 0.5) return sqrt(base);
  return exp(times(exponent, log(base)));
}

function realPower(base: number, exponent: number): Complex {
  if (base === 0 && exponent <= 0) return nowhere;
  const value = base ** exponent;
  // an underflow is not 0: two of them would look equal
  return value === 0 && base !== 0 ? nowhere : complex(value);
}

function wholePower(base: Complex, exponent: number): Complex {
  if (exponent < 0) return over(complex(1), wholePower(base, -exponent));
  let result = complex(1);
  let square = base;
  for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = times(result, square);
    square = times(square, square);
  }
  return result;
}

export function sqrt(z: Complex): Complex {
  if (z.im === 0) return z.re >= 0 ? complex(Math.sqrt(z.re)) : complex(0, Math.sqrt(-z.re));
  const r = Math.sqrt((size(z) + Math.abs(z.re)) / 2);
  return z.re >= 0 ? complex(r, z.im / (2 * r)) : complex(Math.abs(z.im) / (2 * r), Math.sign(z.im) * r);
}

const i = complex(0, 1);
const one = complex(1);
const sin = (z: Complex): Complex =>
  z.im === 0
    ? complex(Math.sin(z.re))
    : complex(Math.sin(z.re) * Math.cosh(z.im), Math.cos(z.re) * Math.sinh(z.im));
const cos = (z: Complex): Complex =>
  z.im === 0
    ? complex(Math.cos(z.re))
    : complex(Math.cos(z.re) * Math.cosh(z.im), -Math.sin(z.re) * Math.sinh(z.im));
const tan = (z: Complex): Complex => over(sin(z), cos(z));
const sinh = (z: Complex): Complex => over(minus(exp(z), exp(times(complex(-1), z))), complex(2));
const cosh = (z: Complex): Complex => over(plus(exp(z), exp(times(complex(-1), z))), complex(2));
/** -i·log(iz + √(1 − z²)) */
const asin = (z: Complex): Complex =>
  z.im === 0 && Math.abs(z.re) <= 1
    ? complex(Math.asin(z.re))
    : times(complex(0, -1), log(plus(times(i, z), sqrt(minus(one, times(z, z))))));
const real =
  (f: (x: number) => number) =>
  (z: Complex): Complex =>
    isReal(z) ? complex(f(z.re)) : nowhere;

/** Functions of one argument. */
export const unary: Readonly<Record<string, (z: Complex) => Complex>> = {
  sin,
  cos,
  tan,
  cot: (z) => over(cos(z), sin(z)),
  sec: (z) => over(one, cos(z)),
  csc: (z) => over(one, sin(z)),
  asin,
  acos: (z) => minus(complex(Math.PI / 2), asin(z)),
  atan: real(Math.atan),
  sinh,
  cosh,
  tanh: (z) => over(sinh(z), cosh(z)),
  ln: log,
  abs: (z) => complex(size(z)),
  arg: (z) => complex(Math.atan2(z.im, z.re)),
  floor: real(Math.floor),
  ceil: real(Math.ceil),
  factorial: (z) => gamma(plus(z, one)),
};

export function binomial(n: Complex, k: Complex): Complex {
  return over(over(gamma(plus(n, one)), gamma(plus(k, one))), gamma(plus(minus(n, k), one)));
}

// Lanczos, g = 7, n = 9
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

export function gamma(z: Complex): Complex {
  if (!isReal(z)) return nowhere;
  const x = z.re;
  if (x <= 0 && Number.isInteger(x)) return nowhere;
  if (x < 0.5) return complex(Math.PI / (Math.sin(Math.PI * x) * gamma(complex(1 - x)).re));
  const t = x + 6.5;
  const series = lanczos.reduce((sum, c, n) => (n === 0 ? c : sum + c / (x - 1 + n)), 0);
  return complex(Math.sqrt(2 * Math.PI) * t ** (x - 0.5) * Math.exp(-t) * series);
}
