import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { gradeCases, readCases } from "../../src/loop/verdicts/report.ts";
import { equal, verify } from "../../src/maths/verify.ts";
import { describeShared, shared } from "../shared.ts";

describeShared("verify/math-verify.jsonl", "math-lenient", (file) => {
  const disputed = JSON.parse(readFileSync(shared("verify/disputed.json")!, "utf8")) as Record<
    string,
    Record<string, string>
  >;
  const cases = readCases(readFileSync(file, "utf8"), file);
  const report = gradeCases(cases, "math-lenient");

  test("agrees with Math-Verify's own tests in at least 97 of 100 cases", () => {
    const wrongUpstream = new Set(Object.keys(disputed["artefact-or-wrong-upstream"]!));
    const missed = report.disagreements.filter(({ id }) => !wrongUpstream.has(id));
    expect(missed.length / (report.cases - wrongUpstream.size)).toBeLessThanOrEqual(0.03);
  });

  test("accepts nothing that those tests reject, but for what is disputed", () => {
    const known = new Set(Object.values(disputed).flatMap((group) => Object.keys(group)));
    const accepted = report.disagreements.filter(({ id, expect }) => !expect && !known.has(id));
    expect(accepted.map(({ id }) => id)).toEqual([]);
  });

  test("takes no case longer than a quarter of a second", () => {
    // the least of three: one case that another program held up says nothing of the verifier
    const again = [1, 2].map(() => gradeCases(cases, "math-lenient").maxMs);
    expect(Math.min(report.maxMs, ...again)).toBeLessThan(250);
  });
});

const sets = [
  "aime24",
  "aime25",
  "amc23",
  "math500",
  "minerva",
  "olympiadbench",
  "gsm8k-test",
  "gsm8k-train",
];
for (const set of sets) {
  describeShared(`data/${set}.jsonl`, `reference answers of ${set}`, (file) => {
    test("accept themselves, boxed and alone", () => {
      const answers = readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { answer: string }).answer);
      const refused = [...new Set(answers)].filter(
        (answer) =>
          verify(answer, `Thus $\\boxed{${answer}}$.`).kind !== "right" ||
          equal(answer, ` ${answer} `).kind !== "right",
      );
      expect(refused).toEqual([]);
    });
  });
}

test("a judgement says what was extracted, where, and how", () => {
  expect(verify("\\frac{1}{2}", "It is \\boxed{0.5}.")).toEqual({
    kind: "right",
    because: "exactly equal",
    extracted: "0.5",
    reason: "exact",
    mode: "math",
    gold: "\\frac{1}{2}",
    fuel: expect.any(Number),
    found: { text: "0.5", start: 6, end: 17, via: "boxed", boxes: 1 },
  });
});

test("the same question has the same answer and the same cost", () => {
  const once = () => verify("\\sin^2 x + \\sqrt{y}", "\\boxed{1 - \\cos^2 x + y^{1/2}}");
  expect(once()).toEqual(once());
  expect(once()).toMatchObject({ kind: "right", reason: "random" });
});

test("a reference that cannot be read is an error, not a wrong answer", () => {
  expect(verify("where $b$ is {{ any", "\\boxed{5}")).toMatchObject({
    kind: "error",
    reason: "gold-unparsed",
  });
  expect(verify("", "\\boxed{5}")).toMatchObject({ kind: "error", reason: "gold-empty" });
});

test.each([
  ["no-answer", "It may be 5."],
  ["empty-box", "\\boxed{} or 5"],
  ["unclosed-box", "\\boxed{5"],
  ["reasoning-open", "<think> \\boxed{5}"],
  ["negated", "The answer is not \\boxed{5}"],
  ["pred-unparsed", "\\boxed{5 6}"],
  ["too-long", `\\boxed{${"1+".repeat(20_000)}1}`],
  ["too-deep", `\\boxed{${"(".repeat(500)}5${")".repeat(500)}}`],
  ["different", "\\boxed{6}"],
])("a wrong answer says why: %s", (reason, completion) => {
  expect(verify("5", completion)).toMatchObject({ kind: "wrong", reason });
});

test("an answer that asks for too much work is wrong, not an error", () => {
  expect(verify("5", `\\boxed{${"x^{1/2}+".repeat(900)}5}`, { fuel: 2000 })).toMatchObject({
    kind: "wrong",
    reason: "out-of-fuel",
  });
});

test("only boxed and announced answers count in training; anything may in evaluation", () => {
  for (const completion of ["so we get $7$.", "that leaves 7"]) {
    expect(verify("7", completion).kind).toBe("wrong");
    expect(verify("7", completion, { mode: "math-lenient" }).kind).toBe("right");
  }
  for (const completion of [
    "#### 7",
    "Answer: 7",
    "**Answer:** $7$.",
    "The final answer is 7. I hope it is correct.",
  ]) {
    expect(verify("7", completion).kind).toBe("right");
  }
});

test("a closing tag that was asked for must be there", () => {
  const options = { reasoningDelimiters: ["</think>"] };
  expect(verify("7", "\\boxed{7}", options)).toMatchObject({ kind: "wrong", reason: "reasoning-open" });
  expect(verify("7", "I think </think> \\boxed{7}", options).kind).toBe("right");
});

test("options loosen what they name", () => {
  expect(equal("1/3", "0.333").kind).toBe("wrong");
  expect(equal("1/3", "0.333", { precision: 3 }).kind).toBe("right");
  expect(equal("f(x)", "f(y)").kind).toBe("wrong");
  expect(equal("f(x)", "f(y)", { strict: false }).kind).toBe("right");
  expect(equal("(-\\infty, 2)", "x < 2").kind).toBe("right");
  expect(equal("(-\\infty, 2)", "x < 2", { allowSetRelation: false }).kind).toBe("wrong");
});
