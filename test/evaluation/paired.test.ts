import { describe, expect, test } from "vitest";
import { compareResults } from "../../src/commands/evaluation/paired.ts";
import type { JudgedAnswer, ResultRecord } from "../../src/run/records.ts";

/** Answers to a problem, `+` for each that is right and `-` for each that is wrong. */
function result(dataset: string, key: string, verdicts: string): ResultRecord {
  const answers = [...verdicts].map((sign): JudgedAnswer => {
    const verdict = sign === "+" ? "right" : "wrong";
    return { text: sign, stop: "eos", tokens: 1, entropy: 0, verdict };
  });
  return { dataset, problem: key, key, reference: "1", answers };
}

describe("a comparison", () => {
  test("of a model with itself finds no difference where two data sets share problems", () => {
    const results = [
      ...[result("few", "a", "+"), result("few", "b", "-")],
      ...[result("all", "a", "+---"), result("all", "b", "+-+-"), result("all", "c", "++++")],
    ];
    const { sets, mean } = compareResults("itself", ["few", "all"], results, results);
    expect(sets.map(({ dataset, problems }) => [dataset, problems])).toEqual([
      ["few", 2],
      ["all", 3],
    ]);
    for (const { difference } of sets) expect(difference.mean).toBe(0);
    expect(mean!.mean).toBe(0);
  });

  test("of a model with itself finds none where a data set asks one thing twice", () => {
    const results = [result("set", "a", "+"), result("set", "a", "-"), result("set", "b", "+")];
    expect(compareResults("itself", ["set"], results, results).sets[0]!.difference.mean).toBe(0);
    const own = [result("set", "a", "+"), result("set", "a", "-")];
    const once = compareResults("another", ["set"], own, [result("set", "a", "+")]);
    expect(once.sets[0]).toMatchObject({ problems: 2, difference: { mean: -0.5 } });
  });

  test("takes a problem from a data set of another name where its own has it not, with the most answers", () => {
    const own = [result("renamed", "a", "++++"), result("renamed", "b", "++++")];
    const other = [
      ...[result("few", "a", "-"), result("all", "a", "+++-"), result("few", "b", "-")],
      ...[result("all", "b", "++--"), result("renamed", "c", "-")],
    ];
    const { sets } = compareResults("another", ["renamed"], own, other);
    expect(sets[0]).toMatchObject({ problems: 2, other: { mean: 5 / 8 }, difference: { mean: 3 / 8 } });
  });
});
