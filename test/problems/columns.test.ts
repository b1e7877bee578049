import { describe, expect, test } from "vitest";
import { load } from "./load-text.ts";

const lines = (...rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join("\n");

describe("columns of other names", () => {
  const sets = {
    "instruction, input and output": [
      { instruction: "Translate.", input: "cat", output: "Katze" },
      { instruction: "Say hi.", input: "", output: "hi" },
    ],
    "query and response": [
      { query: "1+1?", response: "2", type: "sum" },
      { query: "1+2?", response: "3", type: "sum" },
    ],
    "input and target": [
      { input: "1+1?", target: 2 },
      { input: "1+2?", target: 3 },
    ],
    "text and label": [
      { text: "good", label: true },
      { text: "bad", label: false },
    ],
    "problem and expected_answer": [
      { problem: "1+1?", expected_answer: "2" },
      { problem: "1+2?", expected_answer: "3" },
    ],
  };
  const read = {
    "instruction, input and output": [
      ["Translate.\n\ncat", "Katze"],
      ["Say hi.", "hi"],
    ],
    "query and response": [
      ["1+1?", "2"],
      ["1+2?", "3"],
    ],
    "input and target": [
      ["1+1?", "2"],
      ["1+2?", "3"],
    ],
    "text and label": [
      ["good", "true"],
      ["bad", "false"],
    ],
    "problem and expected_answer": [
      ["1+1?", "2"],
      ["1+2?", "3"],
    ],
  };
  test.each(Object.keys(sets) as (keyof typeof sets)[])("%s are known, and it is told", async (names) => {
    const { problems, notices, leftOut } = await load("a.jsonl", lines(...sets[names]));
    expect(problems.map(({ prompt, answer }) => [prompt, answer])).toEqual(read[names]);
    expect(leftOut).toEqual([]);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/^a: its columns are read as .*answer=\w+; data_fields says otherwise$/);
  });

  test("are known for a cold start, too, and keep what is beside them", async () => {
    const rows = [{ instruction: "Say hi.", response: "hi", source: "me" }];
    const { problems } = await load("a.jsonl", lines(...rows), {}, "solution");
    expect(problems).toEqual([
      { id: "row-1", prompt: "Say hi.", answer: "hi", solution: "hi", extra: { source: "me" } },
    ]);
  });

  test("are left alone where the usual names are there", async () => {
    const row = { problem: "1+1?", answer: "2", text: "not this", output: "nor this", label: 0 };
    const { problems, notices } = await load("a.jsonl", lines(row));
    expect(problems[0]).toMatchObject({ prompt: "1+1?", answer: "2", extra: { output: "nor this" } });
    expect(problems[0]).not.toHaveProperty("solution");
    expect(notices).toEqual([]);
  });

  test("that two could be meant by are refused, with a map to choose by", async () => {
    const rows = [1, 2].map((n) => ({ problem: `${n}?`, output: "long", label: n }));
    await expect(load("a.jsonl", lines(...rows))).rejects.toMatchObject({
      got: "line 1 has no answer, ground_truth, reward_model.ground_truth or solution (it has problem, output, label); the same for line 2",
      next: "Say where it is: --data-fields answer=label (a guess from the columns that are there).",
    });
  });

  test("that nobody knows are refused once, with the map that reads them", async () => {
    const tickets = [
      "id,ticket,queue",
      ...[
        "a,I was charged twice for May,billing",
        "b,Where is my parcel?,shipping",
        "c,Reset my password,account",
      ],
    ].join("\n");
    const error = await load("a.csv", tickets).catch((fault: unknown) => fault);
    expect(error).toMatchObject({
      got: "line 2 has no problem, question, prompt or messages (it has id, ticket, queue); the same for line 3, line 4",
      next: "Say where it is: --data-fields problem=ticket,answer=queue (a guess from the columns that are there).",
    });
    const { problems } = await load("a.csv", tickets, { problem: ["ticket"], answer: ["queue"] });
    expect(problems.map(({ id, answer }) => [id, answer])).toEqual([
      ["a", "billing"],
      ["b", "shipping"],
      ["c", "account"],
    ]);
    // what is mapped already stays in the map
    await expect(load("a.csv", tickets, { problem: ["ticket"] })).rejects.toMatchObject({
      next: expect.stringContaining("--data-fields problem=ticket,answer=queue"),
    });
  });

  test("of reference answers are offered to a cold start that has no solutions", async () => {
    const rows = [1, 2].map((n) => ({ problem: `${n}?`, level: "very hard indeed", answer: `${n}` }));
    await expect(load("a.jsonl", lines(...rows), {}, "solution")).rejects.toMatchObject({
      next: "Say where it is: --data-fields solution=answer (a guess from the columns that are there).",
    });
    const { problems } = await load("a.jsonl", lines(...rows), { solution: ["answer"] }, "solution");
    expect(problems.map(({ solution }) => solution)).toEqual(["1", "2"]);
  });

  test("are not guessed where rows are bad in another way", async () => {
    for (const text of ["{oops\n[1]\n", '{"problem": "a"}\n{"problem": "b"}\n'])
      await expect(load("a.jsonl", text)).rejects.toMatchObject({
        next: expect.stringMatching(/^Mend or remove those rows/),
      });
  });
});

describe("a map of fields", () => {
  test("puts the texts of columns together with a plus, the filled ones, in its order", async () => {
    const fields = { problem: ["context+q", "text"], answer: ["a"] };
    const rows = [
      { context: "It is noon.", q: { text: "Which hour?" }, a: 12 },
      { context: " ", q: { text: "Which day?" }, a: "Monday" },
    ];
    const { problems } = await load("a.jsonl", lines(...rows), fields);
    expect(problems.map(({ prompt }) => prompt)).toEqual(["It is noon.\n\nWhich hour?", "Which day?"]);
    expect(problems[0]!.extra).toEqual({ q: { text: "Which hour?" } });
    const named = await load("a.jsonl", lines({ "a+b": "whole", a: "x", b: "y", answer: 1 }), {
      problem: ["a+b"],
    });
    expect(named.problems[0]!.prompt).toBe("whole");
  });
});
