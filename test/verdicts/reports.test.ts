import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { gradeCases, readCases } from "../../src/loop/verdicts/report.ts";

/** Bug reports of this field's tools, put to the verifier with inputs of our own; right values by reading. */
const file = new URL("../fixtures/verdicts/reports.jsonl", import.meta.url);
const cases = readCases(readFileSync(file, "utf8"), "reports.jsonl");

/** Cases whose right value we dispute, and why. */
const disputed: Readonly<Record<string, string>> = {
  "b1-0262": "12u^2 is an expression in u: nothing says that u is a unit",
  "b1-0511": "families with other names for their integer are a stated limit",
  "b1-0532": "dates are words, and words have an order",
};

describe.each(["math", "math-lenient"])("reported cases in mode %s", (mode) => {
  const { disagreements } = gradeCases(cases, mode);

  test("are judged as they should be, but for those disputed", () => {
    const others = disagreements.filter(({ id }) => !Object.hasOwn(disputed, id));
    expect(others.map(({ id, judgement }) => `${id} ${judgement.kind}`)).toEqual([]);
  });

  test("hold no false accept", () => {
    expect(disagreements.filter(({ expect: right }) => !right).map(({ id }) => id)).toEqual([]);
  });
});
