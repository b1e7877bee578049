/**
 * Countdown: reach a target from given numbers with + − × ÷, each number used at most once.
 *
 *   extra.numbers   the numbers, whole and positive
 *   extra.target    what the answer must come to
 */

import type { Problem, Verdict } from "../types.ts";
import { finalPart } from "./judges/said.ts";

/** Longest expression that is read, in characters. */
const LONGEST = 500;

/**
 * Judges the expression in the last box, in `<answer>` or announced, or the whole answer. Whatever it is said to equal,
 * before or after it, has to be as much.
 */
export function countdown(problem: Problem, answer: string): Verdict {
  const { numbers, target } = problem.extra ?? {};
  if (
    !Array.isArray(numbers) ||
    !numbers.every((n) => Number.isSafeInteger(n) && n > 0) ||
    !Number.isSafeInteger(target)
  ) {
    return { kind: "error", because: "the problem needs whole `numbers` and a whole `target`" };
  }
  const written = finalPart(answer);
  const plain = written
    .replace(/\\times|\\cdot|×|·/g, "*")
    .replace(/\\div|÷/g, "/")
    .replace(/−/g, "-")
    .replace(/\\left|\\right|\s|\$/g, "")
    .replace(/[[{]/g, "(")
    .replace(/[\]}]/g, ")");
  const sides = plain.split("=");
  const [expression, ...claims] = (/^\d+$/.test(sides[0]!) ? sides.toReversed() : sides) as [
    string,
    ...string[],
  ];
  if (expression === "" || plain.length > LONGEST)
    return { kind: "wrong", because: "there is no expression" };
  const used: number[] = [];
  const value = evaluate(expression, used);
  if (value === undefined)
    return { kind: "wrong", because: "the expression cannot be read", extracted: written };
  const untrue = claims.find((claim) => claim !== "" && !isSame(evaluate(claim, []), value));
  if (untrue !== undefined)
    return { kind: "wrong", because: `it does not come to ${untrue.slice(0, 60)}`, extracted: written };
  const left = [...(numbers as number[])];
  for (const n of used) {
    const at = left.indexOf(n);
    if (at < 0) return { kind: "wrong", because: `${n} is not among the numbers left`, extracted: written };
    left.splice(at, 1);
  }
  const [top, bottom] = value;
  return top === BigInt(target as number) * bottom
    ? { kind: "right", because: `comes to ${target}`, extracted: written }
    : {
        kind: "wrong",
        because: `comes to ${bottom === 1n ? top : `${top}/${bottom}`}, not ${target}`,
        extracted: written,
      };
}

function isSame(a: Fraction | undefined, b: Fraction): boolean {
  return a !== undefined && a[0] * b[1] === b[0] * a[1];
}

type Fraction = readonly [top: bigint, bottom: bigint];

/** An expression of whole numbers and + - * / ( ) as a fraction; its numbers go to `used`. undefined where it is none. */
function evaluate(text: string, used: number[]): Fraction | undefined {
  let i = 0;
  const sum = (): Fraction | undefined => {
    let total = product();
    while (total && (text[i] === "+" || text[i] === "-")) {
      const sign = text[i++] === "+" ? 1n : -1n;
      const next = product();
      total = next && [total[0] * next[1] + sign * next[0] * total[1], total[1] * next[1]];
    }
    return total;
  };
  const product = (): Fraction | undefined => {
    let total = atom();
    let divides = false;
    // 2(3 + 5) is a product; what 6/2(3) is, is disputed
    while (total && (text[i] === "*" || text[i] === "/" || (text[i] === "(" && !divides))) {
      divides = text[i] === "/";
      if (text[i] !== "(") i++;
      const next = atom();
      if (!next || (divides && next[0] === 0n)) return undefined;
      total = divides ? [total[0] * next[1], total[1] * next[0]] : [total[0] * next[0], total[1] * next[1]];
    }
    return total;
  };
  const atom = (): Fraction | undefined => {
    if (text[i] === "(") {
      i++;
      const inner = sum();
      return text[i++] === ")" ? inner : undefined;
    }
    // as many as a number of the problem may have
    const digits = /^\d{1,16}/.exec(text.slice(i, i + 16))?.[0];
    if (digits === undefined) return undefined;
    i += digits.length;
    used.push(Number(digits));
    return [BigInt(digits), 1n];
  };
  const value = sum();
  if (!value || i !== text.length) return undefined;
  return value[1] < 0n ? [-value[0], -value[1]] : value;
}
