/**
 * Countdown: a target to reach from a few numbers, each used at most once.
 *
 *   Reach 104 from 50, 2, 7, 3   →   \boxed{50*2+7-3}
 */
import type { Draw } from "./counter-rng.ts";
import type { Sketch } from "./generated-problem.ts";

/** Four numbers and a target from 10 to 999 that a chain of operations on all of them reaches. */
export function countdown(draw: Draw): Sketch {
  for (;;) {
    const numbers = Array.from({ length: 4 }, () =>
      draw.int(0, 3) === 0 ? draw.pick(large) : draw.int(2, 10),
    );
    const { expression, value } = chain(numbers, draw);
    if (value < 10 || value > 999 || numbers.includes(value)) continue;
    const shown = draw.int(0, 1) ? [...numbers].sort((a, b) => a - b) : [...numbers].sort((a, b) => b - a);
    return {
      kind: "countdown",
      prompt: `Reach ${value} from the numbers ${shown.join(", ")} with + - * / and brackets. Use each number at most once. Put the expression in \\boxed{}.`,
      answer: expression,
      solution: `${expression} = ${value}, so \\boxed{${expression}}`,
      extra: { numbers: shown, target: value },
    };
  }
}

const large = [25, 50, 75, 100];

/** Operations from left to right; a division only where it comes out even. */
function chain(
  numbers: readonly number[],
  draw: Draw,
): { readonly expression: string; readonly value: number } {
  let [value] = numbers as [number];
  let expression = String(value);
  let isSum = false;
  for (const n of numbers.slice(1)) {
    const operations = ["+", "-", "*", ...(value % n === 0 ? ["/"] : [])];
    const sign = draw.pick(operations);
    const binds = sign === "*" || sign === "/";
    expression = `${binds && isSum ? `(${expression})` : expression}${sign}${n}`;
    isSum = !binds;
    value = sign === "+" ? value + n : sign === "-" ? value - n : sign === "*" ? value * n : value / n;
  }
  return { expression, value };
}
