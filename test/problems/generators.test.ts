import { expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { generators, splitOf } from "../../src/loop/problems/generators.ts";
import { value } from "./value.ts";

const every = Object.entries(generators);
/** Those whose solutions are steps of arithmetic and a box; the others are tested with their verifiers. */
const arithmetic = every.filter(([name]) => name === "pocket" || name === "words");

test.each(every)("%s makes the same problems from the same seed, and others from another", (_, generate) => {
  const options = { count: 200, seed: 7, split: "train" } as const;
  expect(generate(options)).toEqual(generate(options));
  const prompts = new Set(generate(options).map((problem) => problem.prompt));
  const others = generate({ ...options, seed: 8 }).filter((problem) => prompts.has(problem.prompt));
  expect(others.length).toBeLessThan(20);
});

test.each(every)("%s begins with the same problems however many are asked for", (_, generate) => {
  const few = generate({ count: 50, seed: 1, split: "test" });
  expect(generate({ count: 200, seed: 1, split: "test" }).slice(0, 50)).toEqual(few);
});

test.each(every)("%s never puts one problem in both train and test, whatever the seeds", (_, generate) => {
  const train = generate({ count: 5000, seed: 1, split: "train" });
  const test = generate({ count: 500, seed: 2, split: "test" });
  expect(train.every((problem) => splitOf(problem.prompt as string) === "train")).toBe(true);
  expect(test.every((problem) => splitOf(problem.prompt as string) === "test")).toBe(true);
});

test.each(every)("%s repeats no problem and no id", (_, generate) => {
  const problems = generate({ count: 3000, seed: 3, split: "train" });
  expect(new Set(problems.map((problem) => problem.prompt)).size).toBe(3000);
  expect(new Set(problems.map((problem) => problem.id)).size).toBe(3000);
});

test.each(arithmetic)("%s works every step right and boxes the answer", (_, generate) => {
  for (const { solution, answer } of generate({ count: 5000, seed: 4, split: "train" })) {
    const [steps, box] = solution!.split(/; |\n/);
    expect(box).toBe(`\\boxed{${answer}}`);
    for (const step of steps.split(", ")) {
      const [left, right] = step.split("=");
      expect(value(left), step).toBe(Number(right));
    }
  }
});

test("even the smaller generator has 100,000 test problems", () => {
  expect(generators.pocket!({ count: 100_000, seed: 1, split: "test" })).toHaveLength(100_000);
});

test.each(every)("%s refuses a count that is none, or more than a run can see", (_, generate) => {
  expect(() => generate({ count: 100_001, seed: 1, split: "test" })).toThrow(DataError);
  expect(() => generate({ count: 0, seed: 1, split: "test" })).toThrow(DataError);
});
