import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadVerifier, objectiveNames, verifierNames } from "../src/index.ts";
import { columnMeanings } from "../src/loop/groups/columns.ts";
import { objectiveOps } from "../src/loop/objectives/objective-ops.ts";
import { judge } from "../src/loop/verdicts/judge.ts";

const page = (name: string) => readFileSync(new URL(`../docs/${name}.md`, import.meta.url), "utf8");

/** The cells of the table under a heading; what stands in back quotes is taken as it is. */
function cells(text: string, header: string): string[][] {
  const [, table = ""] = text.split(`${header}\n`);
  return table
    .split("\n\n")[0]!
    .split("\n")
    .slice(1)
    .map((row) => row.slice(1, -1).split(" | "))
    .map((row) =>
      row.map((cell) =>
        cell
          .trim()
          .replace(/^`(.+)`$/, "$1")
          .replaceAll("\\|", "|"),
      ),
    );
}

describe("docs/verifiers.md", () => {
  const text = page("verifiers");
  const rows = cells(text, "| verifier | reference | answer | verdict |");

  test("has rows", () => expect(rows.length).toBeGreaterThan(20));

  test.each(rows)("%s: %s, answered %s, is %s", async (verifier, gold, answer, verdict) => {
    const opened = await loadVerifier(verifier!);
    const kind = /^\w+/.exec(verdict!)![0];
    expect(await judge(opened, { id: "row", prompt: "", answer: gold! }, answer!)).toMatchObject({ kind });
  });

  const programs = cells(text, "| tests of the row | answer | verdict |");
  test.each(programs)("code, %s: %s is %s", async (_, answer, verdict) => {
    const own = programs.slice(0, programs.findIndex((row) => row[1] === answer) + 1);
    const [tests] = own.findLast(([cell]) => cell!.startsWith("{"))!;
    const { judge } = await loadVerifier("code");
    const problem = { id: "row", prompt: "", answer: "", extra: JSON.parse(tests!) };
    const completion = `Here:\n\`\`\`js\n${answer!.replaceAll("⏎", "\n")}\n\`\`\``;
    const kind = /^\w+/.exec(verdict!)![0];
    expect(await judge(problem, completion)).toMatchObject({ kind });
  });

  test("names every verifier", () => {
    expect(verifierNames.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("docs/objectives.md", () => {
  const text = page("objectives");

  test("names every objective", () => {
    expect(cells(text, "| name | right answers | wrong answers | in short |").map(([name]) => name)).toEqual(
      objectiveNames,
    );
  });

  test("has the columns as they are", () => {
    expect(cells(text, "| columns | |")).toEqual(Object.entries(columnMeanings));
  });

  test("names every operation", () => {
    const listed = /second argument: ([^.]+)\./.exec(text)![1]!;
    expect([...listed.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(Object.keys(objectiveOps));
  });
});
