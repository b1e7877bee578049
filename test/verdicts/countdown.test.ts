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
  ["50*2+7-3 = 100+4 = 104", "right"],
  ["50*2+7-3 =", "right"],
  ["50*2+7-3 = 208/2", "right"],
  ["50*2+7-3 = 99", "wrong"],
  ["50*2+7-3 = 104 = 105", "wrong"],
  ["50*2+7-3 = x", "wrong"],
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

test("a false equation says what it does not come to", () => {
  expect(countdown(problem, "50*2+7-3 = 99")).toMatchObject({ because: "it does not come to 99" });
});

test("numbers may be as long as a whole number is exact, and no longer", () => {
  const long = {
    ...problem,
    extra: { numbers: [9007199254740991, 10000000000, 1], target: 9007199254740990 },
  };
  expect(countdown(long, "9007199254740991-1")).toMatchObject({ kind: "right" });
  expect(countdown(long, "10000000000*1")).toMatchObject({
    because: "comes to 10000000000, not 9007199254740990",
  });
  const inexact = { ...problem, extra: { numbers: [2 ** 53, 1], target: 3 } };
  expect(countdown(inexact, "1")).toMatchObject({ kind: "error" });
});

test("a problem without numbers is an error", () => {
  expect(countdown({ ...problem, extra: { numbers: [1, "2"], target: 3 } }, "1+2")).toMatchObject({
    kind: "error",
  });
});
