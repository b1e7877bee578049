import { expect, test } from "vitest";
import { shownAnswers, whyAllWrong } from "../../src/loop/shown-answers.ts";
import type { Verdict } from "../../src/loop/types.ts";

const wrong = (because: string): Verdict => ({ kind: "wrong", because });
const right: Verdict = { kind: "right" };
const problem = {
  id: "p",
  prompt: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "1+1?" },
  ],
  answer: "2",
} as const;

test("the commonest reasons come first, those that differ in a number are one, three are kept", () => {
  const verdicts = ["no box", "got 3, not 4", "no box", "got 7, not 8", "no box", "late", "odd", "odd"].map(
    wrong,
  );
  expect(whyAllWrong(verdicts)).toEqual({
    answers: 8,
    reasons: [
      { because: "no box", count: 3 },
      { because: "got 3, not 4", count: 2 },
      { because: "odd", count: 2 },
    ],
  });
});

test("where an answer is right, or none is wrong, nothing is explained", () => {
  expect(whyAllWrong([wrong("no box"), right])).toBeUndefined();
  expect(whyAllWrong([{ kind: "error", because: "crash" }])).toBeUndefined();
  expect(whyAllWrong([])).toBeUndefined();
});

test("the first right and the first wrong answer are shown, with the last turn as the question", () => {
  const judged = [
    { problem, text: "?", verdict: { kind: "error", because: "crash" } as Verdict },
    { problem, text: "3", verdict: wrong("got 3") },
    { problem, text: "4", verdict: wrong("got 4") },
    { problem, text: "2", verdict: right },
  ];
  const shown = { problem: "p", question: "1+1?", reference: "2" };
  expect(shownAnswers(judged)).toEqual([
    { ...shown, text: "2", verdict: "right" },
    { ...shown, text: "3", verdict: "wrong", because: "got 3" },
  ]);
  expect(shownAnswers([])).toEqual([]);
});
