import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { loadProblems, withoutRepeats } from "../../src/loop/problems/load.ts";
import { Order } from "../../src/loop/problems/order.ts";
import { describeShared } from "../shared.ts";

const all = { size: 0, generatedSize: 32, split: "train", seed: 1, need: "answer" } as const;

function file(text: string, name = "data.jsonl"): string {
  const path = join(mkdtempSync(join(tmpdir(), "errata-")), name);
  writeFileSync(path, text);
  return path;
}

function lines(...rows: readonly unknown[]): string {
  return file(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

function fault(path: string, need: "answer" | "solution" = "answer"): DataError {
  try {
    loadProblems(path, { ...all, need });
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

describe("a row", () => {
  test("is read under any of the field's column names", () => {
    const { name, problems } = loadProblems(
      lines(
        { id: "a", problem: "1+1", answer: "2", level: 3 },
        { question: "2+2", ground_truth: 4 },
        { prompt: [{ role: "user", content: "3+3" }], reward_model: { ground_truth: "6", style: "rule" } },
        { problem: "4+4", answer: "8", solution: "4+4=8" },
      ),
      all,
    );
    expect(name).toBe("data");
    expect(problems).toEqual([
      { id: "a", prompt: "1+1", answer: "2", extra: { level: 3 } },
      { id: "row-2", prompt: "2+2", answer: "4", extra: { ground_truth: 4 } },
      {
        id: "row-3",
        prompt: [{ role: "user", content: "3+3" }],
        answer: "6",
        extra: { reward_model: { ground_truth: "6", style: "rule" } },
      },
      { id: "row-4", prompt: "4+4", answer: "8", solution: "4+4=8" },
    ]);
  });

  test("keeps its place's name when its id is another's", () => {
    const { problems } = loadProblems(
      lines({ id: 1, problem: "a", answer: "1" }, { id: 1, problem: "b", answer: "2" }),
      all,
    );
    expect(problems.map(({ id }) => id)).toEqual(["1", "1#2"]);
  });

  test("without an answer is named by its line, with what it has", () => {
    const error = fault(
      lines({ problem: "1+1", answer: "2" }, { problem: "2+2" }, { problem: "3", answer: " " }),
    );
    expect(error.got).toBe(
      "line 2 has no answer, ground_truth or reward_model.ground_truth (it has problem); " +
        "line 3 has no answer, ground_truth or reward_model.ground_truth (it has problem, answer)",
    );
    expect(error.next).toMatch(/^Mend or remove those lines/);
  });

  test("that is no problem at all is named by its line", () => {
    expect(fault(file('{"problem":"a","answer":"1"}\n\n{oops\n')).got).toBe("line 3 is not JSON");
    expect(fault(lines([1])).got).toBe("line 1 is a list, not an object");
    expect(fault(lines({ text: "a" })).got).toMatch(
      /^line 1 has no problem, question, prompt \(it has text\)/,
    );
    expect(fault(lines({ prompt: [{ role: "robot", content: "a" }], answer: "1" })).got).toMatch(
      /neither text nor/,
    );
    expect(fault(lines({ prompt: [{ role: "assistant", content: "a" }], answer: "1" })).got).toMatch(
      /ends with the user/,
    );
    expect(fault(lines({ problem: "a", answer: "1" }), "solution").got).toMatch(/^line 1 has no solution/);
  });

  test("is listed with four others before the rest are counted", () => {
    const error = fault(lines(...Array.from({ length: 9 }, () => ({ problem: "a" }))));
    expect(error.got.match(/line \d/g)).toHaveLength(5);
    expect(error.got).toMatch(/; and 4 more$/);
  });
});

describe("a data set", () => {
  test("that is empty, missing or of another kind says what to write", () => {
    expect(fault(file("\n")).expected).toBe("at least one problem");
    expect(fault(file("[]", "data.json")).expected).toBe("at least one problem");
    expect(fault(file("{}", "data.json")).expected).toBe("a JSON list of problems");
    expect(fault(file("[", "data.json")).expected).toBe("JSON");
    expect(fault(file("a", "data.txt")).got).toBe(".txt");
    expect(fault("no/such.jsonl").got).toBe("no file of that name");
    expect(fault("no/such.jsonl").expected).toMatch(/generator \(.*pocket/);
  });

  test("comes from a generator by name, its held-out split apart", () => {
    const train = loadProblems("pocket", all).problems;
    const test = loadProblems("pocket", { ...all, split: "test" }).problems;
    expect(train).toHaveLength(32);
    expect(new Set([...train, ...test].map(({ prompt }) => prompt)).size).toBe(64);
  });

  test("is cut to its first rows where a size is given", () => {
    const path = lines({ problem: "a", answer: "1" }, { problem: "b", answer: "2" }, { problem: "c" });
    expect(loadProblems(path, { ...all, size: 2 }).problems).toHaveLength(2);
  });

  test("made for avg@k asks each thing once", () => {
    const { problems } = loadProblems(
      lines({ problem: "a", answer: "1" }, { problem: "b", answer: "1" }, { problem: "a", answer: "1" }),
      all,
    );
    expect(withoutRepeats(problems).map(({ id }) => id)).toEqual(["row-1", "row-2"]);
  });
});

describeShared("data", "the public data sets", (folder) => {
  test.each(["gsm8k-test", "wordproblems-test", "math500", "aime24", "minerva"])("%s loads", (name) => {
    expect(loadProblems(join(folder, `${name}.jsonl`), all).problems.length).toBeGreaterThan(20);
  });
});

describe("the order of draws", () => {
  test("shows every problem once a pass, in another order each pass", () => {
    const order = new Order(50, 1);
    const [first, second] = [order.range(0, 50), order.range(50, 50)];
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(new Set(second).size).toBe(50);
    expect(second).not.toEqual(first);
  });

  test("depends on the seed and the position alone", () => {
    const whole = new Order(7, 3).range(0, 100);
    expect(new Order(7, 3).range(40, 60)).toEqual(whole.slice(40));
    expect([99, 0, 50].map((position) => new Order(7, 3).at(position))).toEqual(
      [99, 0, 50].map((i) => whole[i]),
    );
    expect(new Order(50, 4).range(0, 50)).not.toEqual(new Order(50, 3).range(0, 50));
    expect(new Order(50, 2 ** 32 + 3).range(0, 50)).not.toEqual(new Order(50, 3).range(0, 50));
  });
});
