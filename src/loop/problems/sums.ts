/**
 * Sums for a pocket-sized model that reads single characters.
 *
 *   37+58=?   →   7+8=15, 3+5+1=9; \boxed{95}
 *
 * A solution takes small steps in one short form, so that a model of a few million parameters can learn
 * it, yet slips often enough to have mistakes to learn from.
 */
import type { Draw } from "./counter-rng.ts";
import type { Sketch } from "./generated-problem.ts";

/**
 * One problem of a random kind. Prompts have at most 24 characters, solutions at most 60, no answer is negative.
 *
 * @param reckon  works the solution; `answer` is the right one whatever it writes down
 */
export function pocket(draw: Draw, reckon: Reckon = (value) => value): Sketch {
  return draw.weighted(kinds)(draw, reckon);
}

/** What is written down for a result: the result, or a slip. */
type Reckon = (value: number) => number;

const kinds = [
  { weight: 30, of: sum },
  { weight: 25, of: difference },
  { weight: 15, of: threeTerms },
  { weight: 15, of: product },
  { weight: 15, of: expression },
];

function sum(draw: Draw, reckon: Reckon): Sketch {
  const [a, b] = [number(draw), number(draw)];
  const steps: string[] = [];
  let [carry, written, place] = [0, 0, 1];
  for (const [x, y] of columns(a, b)) {
    const total = reckon(x + y + carry);
    steps.push(`${x}+${y}${carry ? "+1" : ""}=${total}`);
    carry = total > 9 ? 1 : 0;
    written += (total % 10) * place;
    place *= 10;
  }
  return sketch("sum", `${a}+${b}`, steps, a + b, written + carry * place);
}

function difference(draw: Draw, reckon: Reckon): Sketch {
  const [b, a] = [number(draw), number(draw)].sort((x, y) => x - y);
  const steps: string[] = [];
  let [borrow, written, place] = [0, 0, 1];
  for (const [x, y] of columns(a, b)) {
    const lent = x - y - borrow < 0 ? 10 : 0;
    const left = reckon(x + lent - y - borrow);
    steps.push(`${x + lent}-${y}${borrow ? "-1" : ""}=${left}`);
    borrow = lent ? 1 : 0;
    written += (left % 10) * place;
    place *= 10;
  }
  return sketch("difference", `${a}-${b}`, steps, a - b, written);
}

function threeTerms(draw: Draw, reckon: Reckon): Sketch {
  const [a, b, c] = [draw.int(1, 99), draw.int(1, 99), draw.int(1, 99)];
  const [first, left] = plusOrMinus(draw, a, b);
  const [second, answer] = plusOrMinus(draw, left, c);
  return inTwo("three-terms", `${a}${first}${b}${second}${c}`, answer, reckon, [a, first, b], [second, c]);
}

function product(draw: Draw, reckon: Reckon): Sketch {
  const [a, b] = [draw.int(2, 9), draw.int(11, 99)];
  const [tens, ones] = [b - (b % 10), b % 10];
  const inTens = reckon(a * tens);
  const inOnes = reckon(a * ones);
  const written = ones ? reckon(inTens + inOnes) : inTens;
  const steps = ones
    ? [`${a}*${ones}=${inOnes}`, `${a}*${tens}=${inTens}`, `${inTens}+${inOnes}=${written}`]
    : [`${a}*${tens}=${inTens}`];
  return sketch("product", draw.int(0, 1) ? `${a}*${b}` : `${b}*${a}`, steps, a * b, written);
}

/** Two operations whose order parentheses or precedence decide. */
function expression(draw: Draw, reckon: Reckon): Sketch {
  const factor = draw.int(2, 9);
  if (draw.int(0, 1)) {
    const [a, b] = [draw.int(1, 20), draw.int(1, 20)];
    const [sign, inner] = plusOrMinus(draw, a, b);
    const text = draw.int(0, 1) ? `(${a}${sign}${b})*${factor}` : `${factor}*(${a}${sign}${b})`;
    return inTwo("expression", text, inner * factor, reckon, [a, sign, b], ["*", factor]);
  }
  const [other, c] = [draw.int(2, 9), draw.int(1, 99)];
  const inner = factor * other;
  const times = [factor, "*", other] as const;
  if (draw.int(0, 1)) {
    const [sign, answer] = plusOrMinus(draw, c, inner);
    return inTwo("expression", `${c}${sign}${times.join("")}`, answer, reckon, times, [c, sign]);
  }
  const [sign, answer] = plusOrMinus(draw, inner, c);
  return inTwo("expression", `${times.join("")}${sign}${c}`, answer, reckon, times, [sign, c]);
}

type Sign = "+" | "-" | "*";

/** Two operations, the second on what was written for the first: to its right, or `[number, sign]` to its left. */
function inTwo(
  kind: string,
  text: string,
  answer: number,
  reckon: Reckon,
  [a, sign, b]: readonly [number, Sign, number],
  second: readonly [Sign, number] | readonly [number, Sign],
): Sketch {
  const first = reckon(apply(a, sign, b));
  const [left, then, right] =
    typeof second[0] === "number"
      ? [second[0], second[1] as Sign, first]
      : [first, second[0], second[1] as number];
  const written = reckon(Math.max(0, apply(left, then, right)));
  return sketch(
    kind,
    text,
    [`${a}${sign}${b}=${first}`, `${left}${then}${right}=${written}`],
    answer,
    written,
  );
}

const apply = (a: number, sign: Sign, b: number) => (sign === "+" ? a + b : sign === "-" ? a - b : a * b);

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

/** @param written  the result that the work arrived at, which goes into the box */
function sketch(
  kind: string,
  expression: string,
  steps: readonly string[],
  answer: number,
  written: number,
): Sketch {
  return {
    kind,
    prompt: `${expression}=?`,
    answer: String(answer),
    solution: `${steps.join(", ")}; \\boxed{${written}}`,
  };
}
