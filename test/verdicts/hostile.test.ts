import { expect, test } from "vitest";
import { grade, modes } from "../../src/loop/verdicts/grade.ts";
import { processorTime } from "../processor-time.ts";

/** Pieces that, repeated, make a scanner look again and again, or a parser nest. */
const pieces = [
  ..."\\boxed{ \\boxed \\fbox{1}\\boxed{ { } \\text{ \\text{a $ $a \\( \\[ $$ #### ( (( \\frac \\frac{ \\frac1 \\sqrt ^ _ 9^ a ab".split(
    " ",
  ),
  ..."\\ \\\\ . - + 1/ 1.1. 1e9 e1 | [ \\{ <think> </think> x= = \\left( \\begin{pmatrix} \\begin{pmatrix}1& \\overline{ ½ ! % \\pm".split(
    " ",
  ),
  ..."\\cup 1: \\log_ f( \\sum_{ \\binom{1}{ 1, 1,000, [1, (1,2), 0. ,\\! 1{,} A boxed{ 答案是".split(" "),
  ...[
    "$ ",
    "1 ",
    "a ",
    "and ",
    "not ",
    "answer: ",
    "answer is ",
    "the answer is not ",
    "#### 1 ",
    "\\boxed{1} and ",
    "(A) ",
    "\n",
    " ",
  ],
];
const length = 100_000;

test.each(modes)(
  "%s reads no hostile text of 100,000 characters in more than a quarter of a second",
  (mode) => {
    const slow: string[] = [];
    for (const piece of pieces) {
      const text = piece.repeat(Math.ceil(length / piece.length));
      for (const completion of [
        text,
        `\\boxed{${text.slice(0, 20_000)}}`,
        `\\boxed{${text.slice(0, 3000)}}`,
        `The answer is ${text}`,
      ]) {
        // time of this thread alone: another process may hold the core
        const seconds = processorTime();
        const { kind } = grade("42", completion, { mode });
        const took = seconds();
        if (took > 0.25) slow.push(`${JSON.stringify(piece)} ${1000 * took} ms`);
        expect(kind, piece).toBe("wrong");
      }
    }
    expect(slow).toEqual([]);
  },
);

test("a hostile reference takes no longer", () => {
  for (const piece of pieces) {
    const seconds = processorTime();
    for (const mode of modes) grade(piece.repeat(Math.ceil(20_000 / piece.length)), "\\boxed{42}", { mode });
    expect(seconds(), piece).toBeLessThan(0.25 * modes.length);
  }
});
