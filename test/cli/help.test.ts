import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { chatVerb } from "../../src/app/cli/chat.ts";
import { evalVerb } from "../../src/app/cli/eval.ts";
import { exportVerb } from "../../src/app/cli/export.ts";
import { verbHelp } from "../../src/app/cli/help.ts";
import { serveVerb } from "../../src/app/cli/serve.ts";
import { sftVerb } from "../../src/app/cli/sft.ts";
import { trainVerb } from "../../src/app/cli/train.ts";
import { flagOf, rowsOf } from "../../src/index.ts";

const verbs = [trainVerb, sftVerb, evalVerb, chatVerb, exportVerb, serveVerb];

test.each(verbs)("the help of $name lists every option it takes, once", (verb) => {
  const help = stripVTControlCharacters(verbHelp(verb, 100));
  const listed = [...help.matchAll(/^ {2}--(\S+) (?:N|X|TEXT|WORD)?/gm)].map(([, flag]) => flag);
  const flags = rowsOf(verb.name).map((row) => flagOf(row, verb.name));
  expect(listed.filter((flag) => flags.includes(flag!)).sort()).toEqual([...flags].sort());
});

test.each([60, 80, 120])("help fits %i columns", (width) => {
  for (const verb of verbs) {
    const body = verbHelp(verb, width)
      .split("\n")
      .filter((line) => !line.startsWith("  errata"));
    expect(Math.max(...body.map((line) => stripVTControlCharacters(line).length))).toBeLessThanOrEqual(
      Math.max(width, 64),
    );
  }
});

test("help comes in the order of the flow", () => {
  const help = stripVTControlCharacters(verbHelp(trainVerb, 100));
  const headings = [...help.matchAll(/^([a-z]+)$/gm)].map(([heading]) => heading);
  expect(headings).toEqual([
    "command",
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
