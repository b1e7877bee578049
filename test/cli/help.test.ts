import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/app/cli/commands.ts";
import { commandHelp, overview } from "../../src/app/cli/help.ts";
import { flagOf, rowsOf } from "../../src/index.ts";

const loaded = await Promise.all(
  commands.map(async (entry) => ({ name: entry.name, entry, command: (await entry.load()).command })),
);

describe.each(loaded)("the help of $name", ({ entry, command }) => {
  const help = (width: number) => stripVTControlCharacters(commandHelp(entry, command, width));

  test("lists every option and flag it takes, once", () => {
    const listed = [...help(100).matchAll(/^ {2}--(\S+)/gm)].map(([, flag]) => flag);
    const rows = command.options === undefined ? [] : rowsOf(command.options);
    const flags = [
      ...rows.map((row) => flagOf(row, command.options!)),
      ...command.flags.map((flag) => flag.name),
      ...(command.options === undefined ? [] : ["config"]),
      "json",
      "help",
    ];
    expect([...listed].sort()).toEqual([...flags].sort());
  });

  test.each([60, 80, 120])("fits %i columns", (width) => {
    const body = help(width)
      .split("\n")
      .filter((line) => !line.startsWith("  errata"));
    expect(Math.max(...body.map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 64));
  });
});

test.each([40, 60, 80, 120])("the list of commands fits %i columns and is cut between words", (width) => {
  const text = overview(commands, width);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 41));
  const words = text.split(/\s+/);
  for (const { name, summary } of commands) {
    expect(words).toContain(name);
    expect(words.join(" ")).toContain(summary);
  }
});

test("help comes in the order of the flow", () => {
  const { entry, command } = loaded[0]!;
  const help = stripVTControlCharacters(commandHelp(entry, command, 100));
  const headings = [...help.matchAll(/^([a-z][a-z ]*)$/gm)].map(([heading]) => heading);
  expect(headings).toEqual([
    "command",
    "most used",
    "policy",
    "problems",
    "rollouts",
    "verdicts",
    "groups",
    "objective",
    "update",
    "evaluation",
    "checkpoint",
    "run",
  ]);
});
