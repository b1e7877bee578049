import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generators } from "../../src/loop/problems/generators.ts";
import { plain, templates } from "../../src/loop/problems/words-templates.ts";
import { describeShared, shared } from "../shared.ts";

const problems = generators.words({ count: 10_000, seed: 5, split: "train" });

test("every template names both numbers and only places that can be filled", () => {
  const places = ["a", "b", "A", "B", "he", "him", "his", "He", "His", "things", "box", "boxes"];
  for (const template of [plain, templates].flatMap((all) => Object.values(all).flat())) {
    const used = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(used, template).toEqual(expect.arrayContaining(["a", "b"]));
    expect(
      used.filter((place) => !places.includes(place)),
      template,
    ).toEqual([]);
  }
});

test("a question states the numbers of its solution, from 2 to 100, and leaves no place unfilled", () => {
  for (const { prompt, solution } of problems) {
    const [a, b] = solution!.match(/\d+/g)!;
    expect((prompt as string).match(/\d+/g)!.sort()).toEqual([a, b].sort());
    expect(Math.min(Number(a), Number(b))).toBeGreaterThanOrEqual(2);
    expect(Math.max(Number(a), Number(b))).toBeLessThanOrEqual(100);
    expect(prompt).not.toMatch(/[{}]|undefined/);
  }
});

test("all eight kinds appear", () => {
  expect(new Set(problems.map((problem) => problem.extra!.kind)).size).toBe(8);
});

describeShared("data/wordproblems-test.jsonl", "words and the held-out word problems", (file) => {
  test("share no question", () => {
    const held = new Set(
      [file, shared("data/wordproblems-train.jsonl")!].flatMap((path) =>
        readFileSync(path, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line).problem),
      ),
    );
    expect(problems.filter((problem) => held.has(problem.prompt))).toEqual([]);
  });
});
