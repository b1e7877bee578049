import { expect, test } from "vitest";
import { countdown } from "../../src/loop/verdicts/countdown.ts";

const problem = {
  id: "c",
  prompt: "",
  answer: "50*2+7-3",
  extra: { numbers: [50, 2, 7, 3, 3], target: 104 },
};

test.each([
  ["\\boxed{50*2+7-3}", "right"],
  ["\\boxed{50 \\times 2 + 7 - 3 = 104}", "right"],
  ["first \\boxed{1}, then \\boxed{(50+2)*(7-3)/(3-1)}", "wrong"],
  ["\\boxed{(50+2)*(3+3)/3}", "wrong"],
  ["\\boxed{(50+2)*(7-3)/2}", "wrong"],
  ["50*2+7-3", "right"],
  ["\\boxed{104}", "wrong"],
  ["\\boxed{50*2+7-3-3}", "wrong"],
  ["\\boxed{50*2+7/(3-3)}", "wrong"],
  ["\\boxed{50*2++7}", "wrong"],
  ["\\boxed{-50}", "wrong"],
  ["\\boxed{}", "wrong"],
  [`\\boxed{${"(".repeat(400)}1${")".repeat(400)}}`, "wrong"],
] as const)("countdown judges %s as %s", (answer, kind) => {
  expect(countdown(problem, answer)).toMatchObject({ kind });
});

test("a problem without numbers is an error", () => {
  expect(countdown({ ...problem, extra: { numbers: [1, "2"], target: 3 } }, "1+2")).toMatchObject({
    kind: "error",
  });
});
