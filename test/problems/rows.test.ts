import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { readFields } from "../../src/loop/problems/fields.ts";
import { load } from "./load-text.ts";

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

  test("has any JSON value as its answer, and keeps what is not text for its verifier", async () => {
    const written = [
      { problem: "a", answer: { name: "Bo", age: 7 } },
      { problem: "b", answer: ["x", "y"] },
      { problem: "c", answer: true },
      { problem: "d", answer: ["5"] },
      { problem: "e", reward_model: { ground_truth: {} } },
      { problem: "f", answer: 0.5 },
      { problem: "g", ground_truth: [] },
    ];
    const { problems } = await load("a.jsonl", written.map(row).join("\n"));
    expect(problems.map(({ answer, extra }) => [answer, extra])).toEqual([
      ['{"name":"Bo","age":7}', { answer: { name: "Bo", age: 7 } }],
      ['["x","y"]', { answer: ["x", "y"] }],
      ["true", { answer: true }],
      ["5", undefined],
      ["{}", { reward_model: { ground_truth: {} } }],
      ["0.5", undefined],
      ["[]", { ground_truth: [] }],
    ]);
    const cell = await load("a.csv", 'problem,reward_model\na,"{""ground_truth"": [1, 2]}"\n');
    expect(cell.problems[0]!.answer).toBe("[1,2]");
  });

  test("with something else where a field is looked for is told what it has there", async () => {
    const bad = [
      { problem: "a", answer: null },
      { problem: "a", answer: "" },
      { question: 5, answer: "1" },
    ];
    await expect(load("a.jsonl", bad.map(row).join("\n"))).rejects.toMatchObject({
      got: [
        "line 1 has an answer that is null",
        "line 2 has an answer without any text",
        "line 3 has a problem (question) that is neither text nor a list of {role, content}: 5",
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
