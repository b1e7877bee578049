/**
 * Functions to write in JavaScript, with tests: keep some of a list's numbers, change them, sum them up.
 *
 *   f(list): the sum of the squares of the even numbers, plus 3   →   code, and what it gives for some lists
 */
import type { Draw } from "./counter-rng.ts";
import type { Sketch } from "./generated-problem.ts";

interface Part {
  readonly words: string;
  readonly code: string;
}
interface Step extends Part {
  readonly of: (n: number) => number;
}
interface Test extends Part {
  readonly of: (n: number) => boolean;
}
interface Total extends Part {
  readonly of: (list: readonly number[]) => number;
}

/** Tests of one problem; the first is the empty list. */
const TEST_COUNT = 8;

/** One problem; its `extra` is what the verifier `code` reads. */
export function functions(draw: Draw): Sketch {
  const keep = draw.pick(tests)(draw.int(2, 30));
  const change = draw.pick(steps)(draw.int(2, 30));
  const total = draw.pick(totals);
  const offset = draw.int(0, 99);
  const f = (list: readonly number[]): number => total.of(list.filter(keep.of).map(change.of)) + offset;
  const code = [
    "function f(list) {",
    `  const kept = list.filter((n) => ${keep.code}).map((n) => ${change.code});`,
    `  return ${total.code} + ${offset};`,
    "}",
  ].join("\n");
  const lists = Array.from({ length: TEST_COUNT }, (_, i) =>
    Array.from({ length: i }, () => draw.int(-50, 99)),
  );
  return {
    kind: "functions",
    prompt: `Write a JavaScript function f(list). From a list of whole numbers it keeps those that ${keep.words}, takes ${change.words} of each, and returns ${total.words} of the results (0 where there are none), plus ${offset}. Answer with one code block.`,
    answer: code,
    solution: `\`\`\`js\n${code}\n\`\`\``,
    extra: { entry: "f", tests: lists.map((list) => ({ args: [list], expected: f(list) })) },
  };
}

const mod = (n: number, k: number): number => ((n % k) + k) % k;

const tests: readonly ((k: number) => Test)[] = [
  (k) => ({ words: `are divisible by ${k}`, code: `n % ${k} === 0`, of: (n) => mod(n, k) === 0 }),
  (k) => ({ words: `are not divisible by ${k}`, code: `n % ${k} !== 0`, of: (n) => mod(n, k) !== 0 }),
  (k) => ({ words: `are greater than ${k}`, code: `n > ${k}`, of: (n) => n > k }),
  (k) => ({ words: `are less than ${k}`, code: `n < ${k}`, of: (n) => n < k }),
  (k) => ({ words: `lie from ${-k} to ${k}`, code: `Math.abs(n) <= ${k}`, of: (n) => Math.abs(n) <= k }),
];

const steps: readonly ((k: number) => Step)[] = [
  (k) => ({ words: `${k} times the value`, code: `${k} * n`, of: (n) => k * n }),
  (k) => ({ words: `the value plus ${k}`, code: `n + ${k}`, of: (n) => n + k }),
  (k) => ({ words: `the square of the value minus ${k}`, code: `n * n - ${k}`, of: (n) => n * n - k }),
  (k) => ({ words: `the distance to ${k}`, code: `Math.abs(n - ${k})`, of: (n) => Math.abs(n - k) }),
];

const totals: readonly Total[] = [
  {
    words: "the sum",
    code: "kept.reduce((sum, n) => sum + n, 0)",
    of: (list) => list.reduce((sum, n) => sum + n, 0),
  },
  {
    words: "the largest",
    code: "(kept.length ? Math.max(...kept) : 0)",
    of: (list) => (list.length ? Math.max(...list) : 0),
  },
  {
    words: "the smallest",
    code: "(kept.length ? Math.min(...kept) : 0)",
    of: (list) => (list.length ? Math.min(...list) : 0),
  },
  { words: "the number", code: "kept.length", of: (list) => list.length },
];
