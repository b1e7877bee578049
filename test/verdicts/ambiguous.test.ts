/** Answers that may mean two things: refused, and said. */
import { describe, expect, test } from "vitest";
import { mathVerifier } from "../../src/loop/verdicts/math.ts";
import { verify } from "../../src/maths/verify.ts";
import { measure } from "../../src/statistics/rates.ts";

describe("an answer with two readings, one of which is the reference, is ambiguous", () => {
  test.each([
    ["5000000", "5\\text{ M}"],
    ["5", "5 M"],
    ["3000000000", "3 bn"],
    ["5 \\text{ pounds}", "£5"],
    ["\\pounds 5", "5 \\text{ pounds}"],
    ["1.5", "1,5"],
    ["1234", "1.234"],
    ["12", "12u^2"],
  ])("%s, answered %s", (gold, answer) => {
    expect(verify(gold, `\\boxed{${answer}}`)).toMatchObject({ kind: "wrong", reason: "ambiguous" });
  });
});

test.each([
  ["6", "5 M"],
  ["6 \\text{ pounds}", "£5"],
  ["2.5", "1,5"],
  ["13", "12u^2"],
  ["7", "8"],
])("no reading of it is right: %s, answered %s, is only another answer", (gold, answer) => {
  expect(verify(gold, `\\boxed{${answer}}`)).toMatchObject({ kind: "wrong", reason: "different" });
});

test("an evaluation counts them", () => {
  const judge = mathVerifier("math").judge;
  const answers = (said: string) => {
    const verdict = judge({ id: "p", prompt: "", answer: "1.5" }, `\\boxed{${said}}`);
    const { kind, ...reason } = verdict as { kind: "right" | "wrong" };
    return { text: said, stop: "eos" as const, tokens: 3, verdict: kind, ...reason };
  };
  const measured = (...said: string[]) => measure([said.map(answers)], said.length, () => () => false);
  expect(measured("1,5", "1.5", "2")).toMatchObject({ ambiguous: 1, right: [1] });
  expect(measured("1.5", "2")).toMatchObject({ ambiguous: 0 });
});
