/**
 * A puzzle in which search pays, in the few letters that the pocket model writes: reach a number from three others.
 *
 *   3,8,5>29=?   →   \boxed{3*8+5}
 *
 * The verifier `countdown` judges it: any expression that comes to the target, each number used at most once.
 */
import type { Draw } from "../../src/loop/problems/counter-rng.ts";
import type { Sketch } from "../../src/loop/problems/generated-problem.ts";
import { generate } from "../../src/loop/problems/generators.ts";

/** `count` different puzzles of a split. */
export const puzzles = (count: number, seed: number, split: "train" | "test") =>
  generate("puzzle", puzzle, { count, seed, split });

/** Three digits and what a chain of two operations on them, from left to right, comes to: 1 to 99. */
function puzzle(draw: Draw): Sketch {
  for (;;) {
    const numbers = [draw.int(2, 9), draw.int(2, 9), draw.int(2, 9)] as const;
    const [first, second] = [draw.pick(["+", "-", "*"]), draw.pick(["+", "-", "*"])];
    const inner = apply(numbers[0], first, numbers[1]);
    const target = apply(inner, second, numbers[2]);
    if (inner < 1 || target < 1 || target > 99 || (numbers as readonly number[]).includes(target)) continue;
    const sum = `${numbers[0]}${first}${numbers[1]}`;
    const expression = `${second === "*" && first !== "*" ? `(${sum})` : sum}${second}${numbers[2]}`;
    return {
      kind: "puzzle",
      prompt: `${numbers.join(",")}>${target}=?`,
      answer: expression,
      solution: `${sum}=${inner}, ${inner}${second}${numbers[2]}=${target}; \\boxed{${expression}}`,
      extra: { numbers, target },
    };
  }
}

const apply = (a: number, sign: string, b: number) => (sign === "+" ? a + b : sign === "-" ? a - b : a * b);
