import { expect, test } from "vitest";
import { exact } from "../../src/loop/verdicts/exact.ts";
import { boxes } from "../../src/maths/boxes.ts";

const verdict = (answer: string, given: string) => exact({ id: "p", prompt: "", answer }, given);

test.each([
  ["18", "so \\boxed{18}", "right"],
  ["18", "\\boxed{17} no, \\boxed{18}.", "right"],
  ["18", "\\boxed{18} no, \\boxed{17}.", "wrong"],
  ["0.5", "\\boxed{\\frac{1}{2}}", "right"],
  ["0.5", "\\boxed{.50}", "right"],
  ["1234", "\\boxed{1,234}", "right"],
  ["1234", "\\boxed{1,23,4}", "wrong"],
  ["-3/4", "\\boxed{-\\dfrac{3}{4}}", "right"],
  ["blue", "\\boxed{\\text{blue}}", "right"],
  ["blue", "\\boxed{red}", "wrong"],
  ["18", "the answer is 18", "wrong"],
  ["18", "\\boxed{}", "wrong"],
  ["18", "\\boxed{18", "wrong"],
  ["1", "\\boxed{1/0}", "wrong"],
  ["", "\\boxed{18}", "error"],
] as const)("exact judges %j against %j as %s", (answer, given, kind) => {
  expect(verdict(answer, given)).toMatchObject({ kind });
});

test("a box closes at its own brace, and the outermost one counts", () => {
  const texts = (text: string) => boxes(text).closed.map((box) => box.text);
  expect(texts("{ open \\boxed{a{b}c} and \\fbox {d}")).toEqual(["a{b}c", "d"]);
  expect(texts("\\boxed{\\boxed{5}}")).toEqual(["\\boxed{5}"]);
  expect(texts("\\boxed{\\{1, 2\\}}")).toEqual(["\\{1, 2\\}"]);
  expect(texts("\\\\boxed{7} $\\boxed 8$ \\fboxsep{9}")).toEqual(["7", "8"]);
  expect(boxes("\\boxed{1} \\boxed{2")).toMatchObject({ closed: [{ text: "1" }], unclosed: true });
});

test("a text of nothing but openers is scanned in one pass", () => {
  const began = process.cpuUsage();
  boxes("\\boxed{".repeat(50_000));
  boxes("\\boxed ".repeat(50_000));
  const { user } = process.cpuUsage(began);
  expect(user / 1000).toBeLessThan(500);
});
