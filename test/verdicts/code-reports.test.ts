import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { judge } from "../../src/loop/verdicts/judge.ts";
import { loadVerifier } from "../../src/loop/verdicts/verifiers.ts";

/** Bug reports of this field's tools, put to `code` and `countdown`; right values by reading. */
const file = new URL("../fixtures/verdicts/reports-code.jsonl", import.meta.url);
interface Case {
  readonly id: string;
  readonly verifier: string;
  readonly pred: string;
  readonly expect: boolean;
  readonly extra: Readonly<Record<string, unknown>>;
}
const cases = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .map((line): Case => JSON.parse(line));

test.each(cases)("reported case $id of $verifier is judged as it should be", async (one) => {
  const verifier = await loadVerifier(one.verifier);
  const problem = { id: one.id, prompt: "", answer: "", extra: one.extra };
  expect((await judge(verifier, problem, one.pred)).kind).toBe(one.expect ? "right" : "wrong");
});
