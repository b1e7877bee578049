import { expect, test } from "vitest";
import { carelessSums } from "../../scripts/careless-sums.ts";
import { generators } from "../../src/loop/problems/generators.ts";
import { value } from "./value.ts";

const problems = generators.pocket({ count: 10_000, seed: 5, split: "train" });

test("a pocket problem is an expression whose value is the answer", () => {
  for (const { prompt, answer } of problems)
    expect(value(prompt as string), String(prompt)).toBe(Number(answer));
});

test("a careful hand writes the answer into the box, a careless one about six times in ten", () => {
  const boxed = (all: typeof problems) =>
    all.filter(({ solution, answer }) => solution!.endsWith(`\\boxed{${answer}}`)).length / all.length;
  expect(boxed(problems)).toBe(1);
  const slipping = carelessSums({ count: 10_000, seed: 5, split: "train" });
  expect(boxed(slipping)).toBeGreaterThan(0.55);
  expect(boxed(slipping)).toBeLessThan(0.65);
  for (const { prompt, answer } of slipping)
    expect(value(prompt as string), String(prompt)).toBe(Number(answer));
});

test("a pocket problem is short, and no answer is negative", () => {
  expect(Math.max(...problems.map((problem) => problem.prompt.length))).toBeLessThanOrEqual(24);
  expect(Math.max(...problems.map((problem) => problem.solution!.length))).toBeLessThanOrEqual(60);
  expect(problems.every((problem) => !problem.answer.startsWith("-"))).toBe(true);
});

test("pocket problems are of five kinds and use few characters", () => {
  expect(new Set(problems.map((problem) => problem.extra!.kind)).size).toBe(5);
  const characters = new Set(problems.flatMap((problem) => [...`${problem.prompt}${problem.solution}`]));
  expect([...characters].sort().join("")).toBe(" ()*+,-0123456789;=?\\bdeox{}");
});

test("columns are added and subtracted with carries and borrows", () => {
  const worked = (pattern: RegExp) => problems.find((problem) => pattern.test(problem.prompt as string))!;
  expect(worked(/^\d\d\d\+\d\d=/)).toMatchInlineSnapshot(`
    {
      "answer": "901",
      "extra": {
        "kind": "sum",
      },
      "id": "pocket-train-5-11",
      "prompt": "886+15=?",
      "solution": "6+5=11, 8+1+1=10, 8+0+1=9; \\boxed{901}",
    }
  `);
  expect(worked(/^\d\d\d-\d\d=/)).toMatchInlineSnapshot(`
    {
      "answer": "254",
      "extra": {
        "kind": "difference",
      },
      "id": "pocket-train-5-2",
      "prompt": "264-10=?",
      "solution": "4-0=4, 6-1=5, 2-0=2; \\boxed{254}",
    }
  `);
  expect(worked(/\(/)).toMatchInlineSnapshot(`
    {
      "answer": "12",
      "extra": {
        "kind": "expression",
      },
      "id": "pocket-train-5-14",
      "prompt": "(10-4)*2=?",
      "solution": "10-4=6, 6*2=12; \\boxed{12}",
    }
  `);
});
