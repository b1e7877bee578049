/**
 * The problems of the second edition, for the pocket model: sums it was taught, as a ladder to some that it was not.
 *
 *   58+7-19+40=?   →   58+7=65, 65-19=46, 46+40=86; \boxed{86}
 *
 * Half are the pocket generator's own. The other half have one operation more than any of those, worked in the same
 * short form: a step of the kind that the model knows, once more.
 */
import type { Draw } from "../../src/loop/problems/counter-rng.ts";
import type { Sketch } from "../../src/loop/problems/generated-problem.ts";
import { generate } from "../../src/loop/problems/generators.ts";
import { pocket } from "../../src/loop/problems/sums.ts";

export type Rung = "known" | "longer";

/** `count` different problems of a split, every second one longer than the model was taught. */
export function ladder(count: number, seed: number, split: "train" | "test") {
  const rung = (name: Rung, sketch: (draw: Draw) => Sketch, seedOf: number) =>
    generate(`ladder-${name}`, sketch, { count: Math.ceil(count / 2), seed: seedOf, split });
  const known = rung("known", pocket, seed);
  const longer = rung("longer", threeOperations, seed);
  return known.flatMap((problem, i) => [problem, longer[i]!]).slice(0, count);
}

type Sign = "+" | "-" | "*";

/** Four numbers from left to right, or a sum in brackets, multiplied, and one number more. */
export function threeOperations(draw: Draw): Sketch {
  return draw.int(0, 1) ? fourTerms(draw) : bracketed(draw);
}

function fourTerms(draw: Draw): Sketch {
  const [a, b, c, d] = [draw.int(1, 99), draw.int(1, 99), draw.int(1, 99), draw.int(1, 99)];
  const [first, x] = plusOrMinus(draw, a, b);
  const [second, y] = plusOrMinus(draw, x, c);
  const [third, z] = plusOrMinus(draw, y, d);
  const steps = [`${a}${first}${b}=${x}`, `${x}${second}${c}=${y}`, `${y}${third}${d}=${z}`];
  return worked("four-terms", `${a}${first}${b}${second}${c}${third}${d}`, steps, z);
}

function bracketed(draw: Draw): Sketch {
  const [a, b, factor, d] = [draw.int(1, 20), draw.int(1, 20), draw.int(2, 9), draw.int(1, 99)];
  const [first, x] = plusOrMinus(draw, a, b);
  const y = x * factor;
  const [last, z] = plusOrMinus(draw, y, d);
  const steps = [`${a}${first}${b}=${x}`, `${x}*${factor}=${y}`, `${y}${last}${d}=${z}`];
  return worked("bracketed", `(${a}${first}${b})*${factor}${last}${d}`, steps, z);
}

/** As often `a-b` as `a+b`, where that is not negative. */
function plusOrMinus(draw: Draw, a: number, b: number): [Sign, number] {
  return draw.int(0, 1) && a >= b ? ["-", a - b] : ["+", a + b];
}

function worked(kind: string, expression: string, steps: readonly string[], answer: number): Sketch {
  const solution = `${steps.join(", ")}; \\boxed{${answer}}`;
  return { kind, prompt: `${expression}=?`, answer: String(answer), solution };
}
