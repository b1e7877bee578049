import { describe, expect, test } from "vitest";
import { load } from "./load-text.ts";

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

describe("CSV as spreadsheets write it", () => {
  const expected = [
    ["Where; when?", "here, now"],
    ['A 5" pipe', "2,5"],
  ];
  const pairs = async (name: string, content: string | Buffer) =>
    (await load(name, content)).problems.map(({ prompt, answer }) => [prompt, answer]);
  const semicolons = 'problem;answer;note, free\r\n"Where; when?";here, now;\r\nA 5" pipe;2,5;\r\n';

  test("has semicolons between its cells where its header has", async () => {
    expect(await pairs("a.csv", semicolons)).toEqual(expected);
    const { leftOut } = await load("a.csv", 'problem;answer\n"Yes" he said;1\na;1\nb;2\n');
    expect(leftOut[0]!.because).toMatch(/begins with a quote/);
  });

  test("has tabs between its cells where its header has", async () => {
    const text = 'problem\tanswer\nWhere; when?\there, now\nA 5" pipe\t2,5\n';
    expect(await pairs("a.csv", text)).toEqual(expected);
  });

  test("has commas where its header has as many of them, and in quotes none counts", async () => {
    expect(await pairs("a.csv", '"problem","a;b;c",answer\na,x,1\n')).toEqual([["a", "1"]]);
  });

  test("is read in UTF-16 of either order, with a byte order mark and without", async () => {
    const long = `${semicolons}${"é".repeat(70_000)};x;\r\n`;
    const little = Buffer.from(long, "utf16le");
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big]) {
      const mark = bytes === little ? [0xff, 0xfe] : [0xfe, 0xff];
      for (const content of [bytes, Buffer.concat([Buffer.from(mark), bytes])])
        expect(await pairs("a.csv", content)).toEqual([...expected, ["é".repeat(70_000), "x"]]);
    }
    const rows = '[{"problem":"é","answer":"1"}]';
    expect(await pairs("a.json", Buffer.from(`\ufeff${rows}`, "utf16le"))).toEqual([["é", "1"]]);
    expect(await pairs("a.jsonl", Buffer.from(rows.slice(1, -1), "utf16le"))).toEqual([["é", "1"]]);
  });

  test("in UTF-16 that is damaged, or in another encoding, is refused by that", async () => {
    const half = Buffer.concat([Buffer.from("\ufeffproblem", "utf16le"), Buffer.from([0])]);
    await expect(load("a.csv", half)).rejects.toMatchObject({ got: "bytes that are none" });
    const latin = Buffer.from("probl\xe8me,answer\na,1\n", "latin1");
    await expect(load("a.csv", latin)).rejects.toMatchObject({
      got: "a line that is not UTF-8 text",
      next: expect.stringContaining("Save it as UTF-8"),
    });
  });
});
