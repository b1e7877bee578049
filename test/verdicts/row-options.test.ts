/** What a row's column `options` may say of its own grading, as docs/verifiers.md has it. */
import { expect, test } from "vitest";
import { loadProblems } from "../../src/loop/problems/load.ts";
import { loadVerifier } from "../../src/loop/verdicts/verifiers.ts";

const load = (rows: readonly object[]) =>
  loadProblems(rows, { generatedSize: 1, split: "train", seed: 1, need: "answer" });

async function kind(row: object, answer: string): Promise<string> {
  const { problems } = await load([{ problem: "?", ...row }]);
  const verdict = await (await loadVerifier("math")).judge(problems[0], answer);
  return (verdict as { readonly kind: string }).kind;
}

test("precision: decimals to which a decimal must agree", async () => {
  expect(await kind({ answer: "0.333" }, "\\boxed{1/3}")).toBe("wrong");
  expect(await kind({ answer: "0.333", options: { precision: 2 } }, "\\boxed{1/3}")).toBe("right");
  expect(await kind({ answer: "0.333", options: { precision: 9 } }, "\\boxed{1/3}")).toBe("wrong");
});

test("strict: false lets variables have other names", async () => {
  expect(await kind({ answer: "x+1" }, "\\boxed{y+1}")).toBe("wrong");
  expect(await kind({ answer: "x+1", options: { strict: false } }, "\\boxed{y+1}")).toBe("right");
});

test("allowSetRelation: false refuses an inequality for an interval", async () => {
  const answer = "\\boxed{0 \\le x < 1}";
  expect(await kind({ answer: "[0,1)" }, answer)).toBe("right");
  expect(await kind({ answer: "[0,1)", options: { allowSetRelation: false } }, answer)).toBe("wrong");
});

test("what is none of these changes nothing: the choices of a question, a mode, a precision that is no number", async () => {
  for (const options of [["A", "B"], "A", { mode: "gsm8k" }, { precision: "2" }, { precision: -1 }])
    expect(await kind({ answer: "0.333", options }, "\\boxed{1/3}"), JSON.stringify(options)).toBe("wrong");
});
