/** How alike right answers are to different references: what smells of a trick, and what does not. */
import { describe, expect, test } from "vitest";
import { SelfChecks } from "../../src/loop/session/self-checks.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { type AlikeAnswer, alikeness, isSuspicious } from "../../src/statistics/alike.ts";

const labels = ["billing", "refund", "delivery", "account"];
/** 24 problems of four labels, eight answers each: right where `isRight` takes what `say` says. */
function answers(
  say: (label: string, i: number) => string,
  isRight: (label: string, text: string) => boolean,
) {
  return Array.from({ length: 24 * 8 }, (_, i): AlikeAnswer => {
    const reference = labels[i % 4]!;
    const text = say(reference, i);
    const verdict = isRight(reference, text) ? "right" : "wrong";
    return { problem: `p${i % 24}`, reference, text, verdict };
  });
}
const contains = (label: string, text: string) => text.includes(label);

describe("right answers that", () => {
  test("name every label, in any order, are alike: suspicious", () => {
    const trick = answers(
      (_, i) => (i % 3 === 0 ? "billing" : i % 2 ? labels.join(" ") : [...labels].reverse().join(", ")),
      contains,
    );
    const alike = alikeness(trick);
    expect(alike.right!.mean).toBeGreaterThan(0.6);
    expect(isSuspicious(alike)).toBe(true);
  });

  test("name the label that is asked for are not, though wrong ones are alike", () => {
    const alike = alikeness(
      answers(
        (label, i) => (i % 2 ? label : labels[(i + 1 + (i % 3)) % 4]!),
        (label, text) => label === text,
      ),
    );
    expect(alike.right!.mean).toBe(0);
    expect(alike.wrong!.mean).toBeGreaterThan(0.5);
    expect(isSuspicious(alike)).toBe(false);
  });

  test("differ in the number alone are not alike", () => {
    const numbers = Array.from({ length: 40 }, (_, i): AlikeAnswer => {
      const verdict = i % 2 ? "right" : "wrong";
      return { problem: `p${i}`, reference: `${i}`, text: `So the answer is \\boxed{${i}}.`, verdict };
    });
    expect(isSuspicious(alikeness(numbers))).toBe(false);
  });

  test("say the same to the same reference, or to none, are compared with nothing", () => {
    const one = answers(
      () => "yes",
      () => true,
    ).map((answer) => ({ ...answer, reference: "yes" }));
    expect(alikeness(one)).toEqual({ right: undefined, wrong: undefined });
    expect(alikeness(one.map((answer) => ({ ...answer, reference: "" }))).right).toBeUndefined();
  });

  test("are two of a few are no sign: the interval is wide", () => {
    const few = answers(() => "billing refund", contains).slice(0, 2);
    expect(alikeness(few).right!.mean).toBe(1);
    expect(isSuspicious(alikeness(few))).toBe(false);
  });
});

test("a run warns of it once, with both shares and lengths, and not of a verifier that reads no reference", () => {
  const told: string[] = [];
  const tell = Object.assign((event: RunEvent) => event.kind === "warning" && told.push(event.text), {});
  const trick = alikeness(answers((_, i) => (i % 3 ? labels.join(" ") : `none, ${i}`), contains));
  const metrics = { "response_length/right": 31.25, "response_length/wrong": 12 };
  const checks = () => new SelfChecks({} as never, tell as never);
  checks().afterJudging(trick, metrics, false);
  expect(told).toEqual([]);
  const own = checks();
  own.afterJudging(trick, metrics, true);
  own.afterJudging(trick, metrics, true);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(
    /^100% of the right answers .*\(0% of the wrong ones\); they take 31\.3 tokens, wrong ones 12\.0/,
  );
});
