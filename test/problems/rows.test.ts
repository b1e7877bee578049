import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { type Fields, readFields } from "../../src/loop/problems/fields.ts";
import { type DataSet, loadProblems } from "../../src/loop/problems/load.ts";

const all = { size: 0, generatedSize: 32, split: "train", seed: 1, need: "answer" } as const;

function file(name: string, content: string | Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), "errata-")), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function load(
  name: string,
  content: string | Buffer,
  fields: Fields = {},
  need: "answer" | "solution" = "answer",
): Promise<DataSet> {
  return loadProblems(file(name, content), { ...all, fields, need });
}

describe("CSV", () => {
  test("has its columns named by its first line, its cells kept as they were typed", async () => {
    const { problems } = await load(
      "a.csv",
      'id,problem,answer,note\r\n7,"What is ""1,000"" + 1?",007,\r\nx,"two\r\nlines","[1,2]","{""a"": 1}"\r\n',
    );
    expect(problems).toEqual([
      { id: "7", prompt: 'What is "1,000" + 1?', answer: "007" },
      { id: "x", prompt: "two\r\nlines", answer: "[1,2]", extra: { note: { a: 1 } } },
    ]);
  });

  test("of a spreadsheet, with a byte order mark and quotes around every cell, is read", async () => {
    const { problems } = await load("a.csv", '\ufeff"problem","answer"\n"2·3=?","6"\n');
    expect(problems).toEqual([{ id: "row-2", prompt: "2·3=?", answer: "6" }]);
  });

  test("holds a conversation as JSON in a cell", async () => {
    const turns = JSON.stringify([{ role: "user", content: "1+1?" }]).replaceAll('"', '""');
    const reward = JSON.stringify({ ground_truth: "2" }).replaceAll('"', '""');
    const { problems } = await load("a.csv", `prompt,reward_model\n"${turns}","${reward}"\n`);
    expect(problems[0]).toMatchObject({ prompt: [{ role: "user", content: "1+1?" }], answer: "2" });
  });

  test("has rows of the wrong width, or not in UTF-8, left out by their line", async () => {
    const rows = Buffer.concat([
      Buffer.from("problem,answer\na,1\nb\nc,3,4\n"),
      Buffer.from([0x64, 0xff, 0x2c, 0x31, 0x0a]),
      Buffer.from("e,5\nf,6\n"),
    ]);
    const { problems, leftOut } = await load("a.csv", rows);
    expect(problems.map(({ prompt }) => prompt)).toEqual(["a", "e", "f"]);
    expect(leftOut.map(({ what, because }) => `${what} ${because}`)).toEqual([
      "line 3 has 1 columns where the header has 2",
      "line 4 has 3 columns where the header has 2",
      "line 5 is not UTF-8 text",
    ]);
  });

  test("with line ends of several kinds has every row, and each under its line", async () => {
    const text = 'problem,answer\r\na,1\nb,2\r\n"two\r\nlines",3\rc,4\r\n\n\r\nd\ne,5';
    const { problems, leftOut } = await load("a.csv", text);
    expect(problems.map(({ id, prompt, answer }) => [id, prompt, answer])).toEqual([
      ["row-2", "a", "1"],
      ["row-3", "b", "2"],
      ["row-5", "two\r\nlines", "3"],
      ["row-6", "c", "4"],
      ["row-10", "e", "5"],
    ]);
    expect(leftOut.map(({ what }) => what)).toEqual(["line 9"]);
    // a \r\n that two chunks share
    const pad = "x".repeat(2 ** 16 - "problem,answer\n,1\r".length);
    const long = await load("a.csv", `problem,answer\n${pad},1\r\nb,2\n`);
    expect(long.problems.map(({ id, answer }) => [id, answer])).toEqual([
      ["row-2", "1"],
      ["row-3", "2"],
    ]);
  });

  test("has a quote within a cell as text", async () => {
    const text = 'problem,answer\na 5" pipe,1\n"a 6"" pipe, and a 7"" one","8"" one"\n"""Yes"", he said",2\n';
    const { problems, leftOut } = await load("a.csv", text);
    expect(problems.map(({ prompt, answer }) => [prompt, answer])).toEqual([
      ['a 5" pipe', "1"],
      ['a 6" pipe, and a 7" one', '8" one'],
      ['"Yes", he said', "2"],
    ]);
    expect(leftOut).toEqual([]);
  });

  test("has rows left out whose quotes may be around a cell or in it", async () => {
    const bad = ['"Yes" he said,1,n', 'a, "1",n', 'he said "yes, no",1'];
    const { problems, leftOut } = await load(
      "a.csv",
      `problem,answer,note\n${bad.join("\n")}\na,1,\nb,2,\nc,3,\n`,
    );
    expect(problems.map(({ prompt }) => prompt)).toEqual(["a", "b", "c"]);
    expect(leftOut.map(({ what, because }) => `${what} ${because}`)).toEqual([
      "line 2 has a cell that begins with a quote and is not in quotes as a whole",
      "line 3 has a cell that begins with a quote and is not in quotes as a whole",
      "line 4 has quotes in cells that are not in quotes",
    ]);
    await expect(load("a.csv", 'problem, "answer"\na,1\n')).rejects.toMatchObject({
      got: "a line that has a cell that begins with a quote and is not in quotes as a whole",
    });
  });

  test("with one name for two columns, or a quote left open, is refused", async () => {
    await expect(load("a.csv", "problem,answer,answer\na,1,2\n")).rejects.toMatchObject({
      got: '"answer" twice',
    });
    await expect(load("a.csv", 'problem,answer\n"a,1\n')).rejects.toMatchObject({
      expected: "quotes that close",
    });
  });

  test("with tabs between its cells needs no quotes", async () => {
    const { problems } = await load("a.tsv", 'question\tground_truth\nsay "x", please\tx\n');
    expect(problems[0]).toMatchObject({ prompt: 'say "x", please', answer: "x" });
  });
});

describe("JSON", () => {
  test("is one list, with rows of any layout", async () => {
    const text = '\ufeff [\n {"problem": "a]\\"[,", "answer": 1},\n\n{"problem":"b","answer":"2"}\n]\n';
    const { problems } = await load("a.json", text);
    expect(problems.map(({ id, prompt, answer }) => [id, prompt, answer])).toEqual([
      ["row-1", 'a]"[,', "1"],
      ["row-2", "b", "2"],
    ]);
  });

  test("is as well one row a line, as many tools write under that name", async () => {
    const { problems } = await load("a.json", '{"problem":"a","answer":"1"}\n{"problem":"b","answer":"2"}\n');
    expect(problems).toHaveLength(2);
  });

  test("is as well a list in an object, however it is laid out", async () => {
    const rows = [
      { problem: "a, b]", answer: "1", tests: [{ args: [1, "]"] }] },
      { problem: "b", answer: "2" },
    ];
    for (const indent of [undefined, 2]) {
      const text = JSON.stringify({ data: rows, about: { made: [1, 2] }, name: "set, [" }, null, indent);
      const { problems } = await load("a.json", text);
      expect(problems.map(({ id, prompt }) => [id, prompt])).toEqual([
        ["row-1", "a, b]"],
        ["row-2", "b"],
      ]);
      expect(problems[0]!.extra).toEqual({ tests: rows[0]!.tests });
    }
    await expect(load("a.json", JSON.stringify({ train: rows, test: rows }))).rejects.toMatchObject({
      got: "an object with several lists",
    });
    await expect(load("a.json", '{"data": [{"problem": "a", "answer": "1"}')).rejects.toMatchObject({
      got: "an end of the file in row 1",
    });
  });

  test("has its numbers as answers to their last digit, without an exponent", async () => {
    const written = {
      "12345678901234567890": "12345678901234567890",
      "9007199254740993": "9007199254740993",
      "3.141592653589793238462643": "3.141592653589793238462643",
      "1e21": "1000000000000000000000",
      "-2.5E-7": "-0.00000025",
      "1.0": "1",
      "0.1": "0.1",
      "0.30000000000000004": "0.30000000000000004",
      "[12345678901234567891]": "12345678901234567891",
    };
    const rows = Object.keys(written).map(
      (number, i) => `{"id": 1234567890123456${i}, "problem": "\\"1e9\\\\", "answer": ${number}}`,
    );
    const expected = Object.values(written).map((answer, i) => [`1234567890123456${i}`, answer]);
    for (const [name, text] of [
      ["a.jsonl", rows.join("\n")],
      ["a.json", `[${rows.join(",")}]`],
    ] as const) {
      const { problems } = await load(name, text);
      expect(problems.map(({ id, answer }) => [id, answer])).toEqual(expected);
      expect(problems[0]!.prompt).toBe('"1e9\\');
    }
    const cell = await load("a.csv", 'problem,reward_model\na,"{""ground_truth"": 9007199254740993}"\n');
    expect(cell.problems[0]!.answer).toBe("9007199254740993");
  });

  test("keeps numbers that a verifier reads as what they are to a program", async () => {
    const { problems } = await load(
      "a.jsonl",
      '{"problem":"a","answer":1e400,"tests":[{"args":[],"expected":3.14159265358979323846}]}',
    );
    expect(problems[0]).toMatchObject({
      answer: `1${"0".repeat(400)}`,
      extra: { tests: [{ expected: Math.PI }] },
    });
  });

  test("of one object over several lines is refused as that", async () => {
    for (const name of ["a.json", "a.jsonl"])
      await expect(load(name, '{\r\n  "problem": "a",\r\n  "answer": "1"\r\n}')).rejects.toMatchObject({
        expected: "a JSON list of problems, or one problem a line",
        got: "one object over several lines",
      });
  });

  test("with a damaged row in the middle says which", async () => {
    const { problems, leftOut } = await load(
      "a.json",
      '[{"problem":"a","answer":"1"},{"problem":},{"problem":"c","answer":"3"}]',
    );
    expect(problems).toHaveLength(2);
    expect(leftOut.map(({ what, because }) => `${what} ${because}`)).toEqual(["row 2 is not JSON"]);
  });

  test("that is cut off, or goes on after its end, is refused", async () => {
    await expect(load("a.json", '[{"problem":"a","answer":"1"}')).rejects.toMatchObject({
      got: "an end of the file in row 1",
    });
    await expect(load("a.json", "[{}] []")).rejects.toMatchObject({ got: "more after the list's end" });
  });

  test("rows are whole wherever the file is cut into chunks", async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      problem: `${"é".repeat(60_000)}${i}`,
      answer: `${i}`,
    }));
    const lines = await load("a.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    const list = await load("a.json", JSON.stringify(rows));
    expect(lines.problems.map(({ prompt }) => prompt)).toEqual(rows.map(({ problem }) => problem));
    expect(list.problems.map(({ prompt }) => prompt)).toEqual(rows.map(({ problem }) => problem));
  });
});

describe("a row", () => {
  const row = (value: object) => JSON.stringify(value);

  test("of GSM8K has its answer after four hashes, and the whole as its solution", async () => {
    const answer = "She sold 48/2 = <<48/2=24>>24.\n#### 1,024";
    const { problems } = await load("a.jsonl", row({ question: "How many?", answer }));
    expect(problems[0]).toEqual({ id: "row-1", prompt: "How many?", answer: "1,024", solution: answer });
  });

  test("has hashes within a line as text", async () => {
    const { problems } = await load("a.jsonl", row({ question: "q", answer: "C#### is no note" }));
    expect(problems[0]!.answer).toBe("C#### is no note");
  });

  test("with a solution alone is judged by it", async () => {
    const { problems } = await load("a.jsonl", row({ problem: "q", solution: "So \\boxed{3}." }));
    expect(problems[0]).toMatchObject({ answer: "So \\boxed{3}.", solution: "So \\boxed{3}." });
  });

  test("that is a conversation ends with its worked solution, for a cold start", async () => {
    const user = { role: "user", content: "1+1?" };
    const { problems } = await load(
      "a.jsonl",
      `${row({ messages: [user, { role: "assistant", content: "2" }] })}\n${row({ prompt: [user], completion: "two" })}`,
      {},
      "solution",
    );
    expect(problems.map(({ prompt, solution }) => [prompt, solution])).toEqual([
      [[user], "2"],
      [[user], "two"],
    ]);
  });

  test("with a list of one answer has that answer, with a list of two none", async () => {
    const { problems, leftOut } = await load(
      "a.jsonl",
      `${row({ question: "q", answer: ["5"] })}\n${row({ question: "r", answer: ["5", "6"] })}`,
    );
    expect(problems.map(({ answer }) => answer)).toEqual(["5"]);
    expect(leftOut[0]!.because).toBe('has an answer that is neither text nor a number: ["5","6"]');
  });

  test("with something else where a field is looked for is told what it has there", async () => {
    const bad = [
      { problem: "a", answer: true },
      { problem: "a", answer: null },
      { problem: "a", answer: "" },
      { problem: "a", reward_model: { ground_truth: {} } },
      { question: 5, answer: "1" },
    ];
    await expect(load("a.jsonl", bad.map(row).join("\n"))).rejects.toMatchObject({
      got: [
        "line 1 has an answer that is neither text nor a number: true",
        "line 2 has an answer that is neither text nor a number: null",
        "line 3 has an answer without any text",
        "line 4 has an answer (reward_model.ground_truth) that is neither text nor a number: {}",
        "line 5 has a problem (question) that is neither text nor a list of {role, content}: 5",
      ].join("; "),
    });
    await expect(load("a.jsonl", row({ problem: "a", solution: 3 }), {}, "solution")).rejects.toMatchObject({
      got: "line 1 has a solution that is not text: 3",
    });
  });

  test("has its fields where a map says, in columns of columns too", async () => {
    const fields = readFields("problem=q.text, answer=solution.final,id=meta.0.key", "data_fields");
    const { problems } = await load(
      "a.jsonl",
      row({ q: { text: "1+1" }, solution: { final: 2 }, meta: [{ key: "k1" }], answer: "not this" }),
      fields,
    );
    expect(problems[0]).toMatchObject({ id: "k1", prompt: "1+1", answer: "2" });
    const flat = await load("a.csv", 'q.text,solution\n1+1,"{""final"": 2}"\n', fields);
    expect(flat.problems[0]).toMatchObject({ prompt: "1+1", answer: "2" });
  });

  test("keeps every column that was not read whole, for its verifier", async () => {
    const extra_info = { question: "1+1", entry: "add", tests: [1] };
    const { problems } = await load(
      "a.jsonl",
      row({ problem: "not this", extra_info, answer: "nor this", final: "2", solution: { final: 3 } }),
      readFields("problem=extra_info.question,answer=final", "data_fields"),
    );
    expect(problems[0]).toEqual({
      id: "row-1",
      prompt: "1+1",
      answer: "2",
      extra: { problem: "not this", extra_info, answer: "nor this", solution: { final: 3 } },
    });
  });

  test("has the usual names in any case, exact ones first", async () => {
    const { problems } = await load(
      "a.jsonl",
      [
        row({ ID: "2024-I-1", Problem: "1+1", Solution: "It is 2.", Answer: 2, Answer_kind: "int" }),
        row({ ANSWER: "no", ground_truth: "4", Problem: "no", question: "2+2" }),
        row({ Prompt: "3+3", Reward_Model: { ground_truth: "6" } }),
      ].join("\n"),
    );
    expect(problems.slice(0, 2)).toEqual([
      { id: "2024-I-1", prompt: "1+1", answer: "2", solution: "It is 2.", extra: { Answer_kind: "int" } },
      { id: "row-2", prompt: "2+2", answer: "4", extra: { ANSWER: "no", Problem: "no" } },
    ]);
    expect(problems[2]).toMatchObject({ prompt: "3+3", answer: "6" });
    await expect(
      load("a.jsonl", row({ Problem: "a", Final: 1 }), { answer: ["final"] }),
    ).rejects.toMatchObject({ got: "line 1 has no final (it has Problem, Final)" });
  });

  test("without what a map names is left out by that name", async () => {
    await expect(
      load("a.jsonl", row({ problem: "q", answer: "1" }), { answer: ["a", "b"] }),
    ).rejects.toMatchObject({
      got: "line 1 has no a.b (it has problem, answer)",
    });
  });

  test("reads nothing from what every object inherits", async () => {
    await expect(
      load("a.jsonl", row({ problem: "q" }), { answer: ["constructor", "name"] }),
    ).rejects.toMatchObject({ got: "line 1 has no constructor.name (it has problem)" });
  });
});

describe("a map of fields", () => {
  test("that names no field, or one twice, is refused", () => {
    for (const text of ["answer", "question=problem", "answer=a,answer=b", "=a"])
      expect(() => readFields(text, "data_fields"), text).toThrow(OptionError);
    expect(readFields(" ", "data_fields")).toEqual({});
    expect(readFields("prompt: q", "data_fields")).toEqual({ problem: ["q"] });
  });
});
