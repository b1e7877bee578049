import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { loadProblems } from "../../src/loop/problems/load.ts";
import { ShuffledSampler } from "../../src/loop/problems/shuffled-sampler.ts";
import { describeShared } from "../shared.ts";

const all = { generatedSize: 32, split: "train", seed: 1, need: "answer" } as const;

function file(text: string, name = "data.jsonl"): string {
  const path = join(mkdtempSync(join(tmpdir(), "errata-")), name);
  writeFileSync(path, text);
  return path;
}

function lines(...rows: readonly unknown[]): string {
  return file(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

async function fault(path: string, need: "answer" | "solution" = "answer"): Promise<DataError> {
  try {
    await loadProblems(path, { ...all, need });
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

describe("a row", () => {
  test("is read under any of the field's column names", async () => {
    const { name, problems } = await loadProblems(
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
      { id: "row-2", prompt: "2+2", answer: "4" },
      {
        id: "row-3",
        prompt: [{ role: "user", content: "3+3" }],
        answer: "6",
        extra: { reward_model: { ground_truth: "6", style: "rule" } },
      },
      { id: "row-4", prompt: "4+4", answer: "8", solution: "4+4=8" },
    ]);
  });

  test("keeps its place's name when its id is another's", async () => {
    const { problems } = await loadProblems(
      lines({ id: 1, problem: "a", answer: "1" }, { id: 1, problem: "b", answer: "2" }),
      all,
    );
    expect(problems.map(({ id }) => id)).toEqual(["1", "1#2"]);
  });

  test("has an id of its own, whatever ids the others have", async () => {
    const ids = ["a", "a#3", "a", "a#4", "a", "a#5", "a"];
    const { problems } = await loadProblems(
      lines(...ids.map((id, i) => ({ id, problem: `${i}`, answer: "1" }))),
      all,
    );
    expect(new Set(problems.map(({ id }) => id)).size).toBe(7);
    expect(problems.slice(0, 3).map(({ id }) => id)).toEqual(["a", "a#3", "a#4"]);
  });

  test("without an answer is named by its line, with what it has", async () => {
    const error = await fault(
      lines({ problem: "1+1", answer: "2" }, { problem: "2+2" }, { problem: "3", answer: " " }),
    );
    expect(error.got).toBe(
      "line 2 has no answer, ground_truth, reward_model.ground_truth or solution (it has problem); " +
        "line 3 has an answer without any text",
    );
    expect(error.next).toMatch(/^Mend or remove those rows/);
  });

  test("that is no problem at all is named by its line", async () => {
    expect((await fault(file('{oops\n\n{"problem":"a","answer":"1"}\n{"problem":\n'))).got).toBe(
      "line 1 is not JSON; the same for line 4",
    );
    expect((await fault(lines([1]))).got).toBe("line 1 is a list, not an object");
    expect((await fault(lines({ text: "a" }))).got).toMatch(
      /^line 1 has no problem, question, prompt or messages \(it has text\)/,
    );
    expect((await fault(lines({ prompt: [{ role: "robot", content: "a" }], answer: "1" }))).got).toMatch(
      /neither text nor/,
    );
    expect((await fault(lines({ prompt: [{ role: "assistant", content: "a" }], answer: "1" }))).got).toMatch(
      /ends with the user/,
    );
    expect((await fault(lines({ problem: "a", answer: "1" }), "solution")).got).toMatch(
      /^line 1 has no solution/,
    );
  });

  test("is listed with four others before the rest are counted", async () => {
    const error = await fault(lines(...Array.from({ length: 9 }, () => ({ problem: "a" }))));
    expect(error.got.match(/line \d/g)).toHaveLength(5);
    expect(error.got.match(/has no answer/g)).toHaveLength(1);
    expect(error.got).toMatch(/ and 4 more$/);
  });
});

describe("a data set", () => {
  test("that is empty, missing or of another kind says what to write", async () => {
    expect((await fault(file("\n"))).expected).toBe("at least one problem");
    expect((await fault(file("[]", "data.json"))).expected).toBe("at least one problem");
    expect((await fault(file("3", "data.json"))).expected).toBe(
      "a JSON list of problems, or one problem a line",
    );
    expect((await fault(file("[{}", "data.json"))).got).toBe("an end of the file in row 1");
    expect((await fault(file("a", "data.txt"))).got).toBe(".txt");
    expect((await fault("no/such.jsonl")).got).toBe(`no file or folder ${resolve("no/such.jsonl")}`);
    expect((await fault("no/such.jsonl")).expected).toMatch(/generator \(.*pocket/);
  });

  test("comes from a generator by name, its held-out split apart", async () => {
    const train = (await loadProblems("pocket", all)).problems;
    const test = (await loadProblems("pocket", { ...all, split: "test" })).problems;
    expect(train).toHaveLength(32);
    expect(new Set([...train, ...test].map(({ prompt }) => prompt)).size).toBe(64);
  });

  test("is cut to its first rows where a size is given", async () => {
    const path = lines({ problem: "a", answer: "1" }, { problem: "b", answer: "2" }, { problem: "c" });
    expect((await loadProblems(path, { ...all, size: 2 })).problems).toHaveLength(2);
  });

  test("made for avg@k asks each thing once", async () => {
    const { problems, notices } = await loadProblems(
      lines({ problem: "a", answer: "1" }, { problem: "b", answer: "1" }, { problem: "a", answer: "1" }),
      all,
    );
    expect(problems.map(({ id }) => id)).toEqual(["row-1", "row-2"]);
    expect(notices).toEqual([
      "data: 1 of 3 rows ask the same again, with the same answer; each of the 2 different problems is used once",
    ]);
  });

  test("asks again where its tests differ, but not where only the rows' numbers do", async () => {
    const asked = { problem: "Write f.", answer: "f", entry: "f" };
    const { problems } = await loadProblems(
      lines(
        { ...asked, tests: [{ args: [1], expected: 1 }], index: 1, extra_info: { index: 1 } },
        { ...asked, tests: [{ args: [1], expected: 1 }], index: 2, extra_info: { index: 2 } },
        { ...asked, tests: [{ args: [1], expected: 2 }], index: 3 },
        { ...asked, tests: [{ args: [1], expected: 2 }], entry: "g" },
      ),
      all,
    );
    expect(problems.map(({ id }) => id)).toEqual(["row-1", "row-3", "row-4"]);
  });

  test("that gives one question two answers keeps both and says so", async () => {
    const { problems, notices } = await loadProblems(
      lines({ problem: "a", answer: "1" }, { problem: "a", answer: "2" }),
      all,
    );
    expect(problems.map(({ answer }) => answer)).toEqual(["1", "2"]);
    expect(notices).toEqual([
      "data: 1 rows give a problem another answer than the row that asked it first; both are used",
    ]);
  });

  test("with few bad rows is used without them, each listed and some named", async () => {
    const path = file(
      `${Array.from({ length: 20 }, (_, i) => `{"problem":"${i}","answer":"1"}`).join("\n")}\n${"{oops\n".repeat(7)}`,
    );
    const { problems, notices, leftOut } = await loadProblems(path, all);
    expect(problems).toHaveLength(20);
    expect(notices).toEqual([
      "data: 7 rows are left out: line 21 is not JSON; the same for line 22, line 23, line 24, line 25 and 2 more",
    ]);
    expect(leftOut).toHaveLength(7);
    expect(leftOut[6]).toEqual({ where: path, what: "line 27", because: "is not JSON" });
  });
});

describeShared("data", "the public data sets", (folder) => {
  test.each(["gsm8k-test", "wordproblems-test", "math500", "aime24", "minerva"])("%s loads", async (name) => {
    expect((await loadProblems(join(folder, `${name}.jsonl`), all)).problems.length).toBeGreaterThan(20);
  });
});

describe("the order of draws", () => {
  test("shows every problem once a pass, in another order each pass", async () => {
    const order = new ShuffledSampler(50, 1);
    const [first, second] = [order.range(0, 50), order.range(50, 50)];
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(new Set(second).size).toBe(50);
    expect(second).not.toEqual(first);
  });

  test("depends on the seed and the position alone", async () => {
    const whole = new ShuffledSampler(7, 3).range(0, 100);
    expect(new ShuffledSampler(7, 3).range(40, 60)).toEqual(whole.slice(40));
    expect([99, 0, 50].map((position) => new ShuffledSampler(7, 3).at(position))).toEqual(
      [99, 0, 50].map((i) => whole[i]),
    );
    expect(new ShuffledSampler(50, 4).range(0, 50)).not.toEqual(new ShuffledSampler(50, 3).range(0, 50));
    expect(new ShuffledSampler(50, 2 ** 32 + 3).range(0, 50)).not.toEqual(
      new ShuffledSampler(50, 3).range(0, 50),
    );
  });
});
