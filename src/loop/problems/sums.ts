/**
 * Sums for a pocket-sized model that reads single characters.
 *
 *   37+58=?   →   7+8=15, 3+5+1=9; \boxed{95}
 *
 * A solution takes small steps in one short form, so that a model of a few million parameters can learn
 * it, yet slips often enough to have mistakes to learn from.
 */
import type { Draw } from "./draw.ts";
import type { Sketch } from "./generators.ts";

/** One problem of a random kind. Prompts have at most 24 characters, solutions at most 60, no answer is negative. */
export function pocket(draw: Draw): Sketch {
  return draw.weighted(kinds)(draw);
}

const kinds = [
  { weight: 30, of: sum },
  { weight: 25, of: difference },
  { weight: 15, of: threeTerms },
  { weight: 15, of: product },
  { weight: 15, of: expression },
];

function sum(draw: Draw): Sketch {
  const [a, b] = [number(draw), number(draw)];
  const steps: string[] = [];
  let carry = 0;
  for (const [x, y] of columns(a, b)) {
    const total = x + y + carry;
    steps.push(`${x}+${y}${carry ? "+1" : ""}=${total}`);
    carry = total > 9 ? 1 : 0;
  }
  return sketch("sum", `${a}+${b}`, steps, a + b);
}

function difference(draw: Draw): Sketch {
  const [b, a] = [number(draw), number(draw)].sort((x, y) => x - y);
  const steps: string[] = [];
  let borrow = 0;
  for (const [x, y] of columns(a, b)) {
    const lent = x - y - borrow < 0 ? 10 : 0;
    steps.push(`${x + lent}-${y}${borrow ? "-1" : ""}=${x + lent - y - borrow}`);
    borrow = lent ? 1 : 0;
  }
  return sketch("difference", `${a}-${b}`, steps, a - b);
}

function threeTerms(draw: Draw): Sketch {
  const [a, b, c] = [draw.int(1, 99), draw.int(1, 99), draw.int(1, 99)];
  const [first, left] = plusOrMinus(draw, a, b);
  const [second, answer] = plusOrMinus(draw, left, c);
  return sketch(
    "three-terms",
    `${a}${first}${b}${second}${c}`,
    [`${a}${first}${b}=${left}`, `${left}${second}${c}=${answer}`],
    answer,
  );
}

function product(draw: Draw): Sketch {
  const [a, b] = [draw.int(2, 9), draw.int(11, 99)];
  const [tens, ones] = [b - (b % 10), b % 10];
  const steps = ones
    ? [`${a}*${ones}=${a * ones}`, `${a}*${tens}=${a * tens}`, `${a * tens}+${a * ones}=${a * b}`]
    : [`${a}*${tens}=${a * b}`];
  return sketch("product", draw.int(0, 1) ? `${a}*${b}` : `${b}*${a}`, steps, a * b);
}

/** Two operations whose order parentheses or precedence decide. */
function expression(draw: Draw): Sketch {
  const factor = draw.int(2, 9);
  if (draw.int(0, 1)) {
    const [a, b] = [draw.int(1, 20), draw.int(1, 20)];
    const [sign, inner] = plusOrMinus(draw, a, b);
    const text = draw.int(0, 1) ? `(${a}${sign}${b})*${factor}` : `${factor}*(${a}${sign}${b})`;
    return sketch(
      "expression",
      text,
      [`${a}${sign}${b}=${inner}`, `${inner}*${factor}=${inner * factor}`],
      inner * factor,
    );
  }
  const [other, c] = [draw.int(2, 9), draw.int(1, 99)];
  const inner = factor * other;
  const times = `${factor}*${other}`;
  if (draw.int(0, 1)) {
    const [sign, answer] = plusOrMinus(draw, c, inner);
    return sketch(
      "expression",
      `${c}${sign}${times}`,
      [`${times}=${inner}`, `${c}${sign}${inner}=${answer}`],
      answer,
    );
  }
  const [sign, answer] = plusOrMinus(draw, inner, c);
  return sketch(
    "expression",
    `${times}${sign}${c}`,
    [`${times}=${inner}`, `${inner}${sign}${c}=${answer}`],
    answer,
  );
}

/** A number of one to three digits, most often two. */
function number(draw: Draw): number {
  const digits = draw.weighted([
    { weight: 2, of: 1 },
    { weight: 5, of: 2 },
    { weight: 3, of: 3 },
  ]);
  return draw.int(10 ** (digits - 1), 10 ** digits - 1);
}

/** The digits of both numbers side by side, ones first; the shorter one is filled up with zeros. */
function columns(a: number, b: number): [number, number][] {
  const places = String(Math.max(a, b)).length;
  return Array.from({ length: places }, (_, place) => [digit(a, place), digit(b, place)]);
}

function digit(value: number, place: number): number {
  return Math.floor(value / 10 ** place) % 10;
}

/** `a+b` or, where that is not negative, as often `a-b`. */
function plusOrMinus(draw: Draw, a: number, b: number): ["+" | "-", number] {
  return draw.int(0, 1) && a >= b ? ["-", a - b] : ["+", a + b];
}

function sketch(kind: string, expression: string, steps: readonly string[], answer: number): Sketch {
  return {
    kind,
    prompt: `${expression}=?`,
    answer: String(answer),
    solution: `${steps.join(", ")}; \\boxed{${answer}}`,
  };
}
