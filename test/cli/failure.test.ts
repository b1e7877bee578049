import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { exitCodes } from "../../src/app/cli/exit-codes.ts";
import { explain } from "../../src/app/cli/failure.ts";
import { DataError, InternalError, OptionError } from "../../src/index.ts";

const fault = {
  where: "problems.jsonl",
  expected: "a problem in every row",
  got: "none",
  next: "Write one.",
};

afterEach(() => vi.unstubAllEnvs());

test("a person's mistake is told in words, without a stack", () => {
  expect(explain(new DataError(fault))).toEqual({
    text: "DataError: problems.jsonl: expected a problem in every row, got none.\n  → Write one.",
    exitCode: 1,
  });
});

test("a wrong option exits with 2, all else with 1", () => {
  expect(explain(new OptionError(fault)).exitCode).toBe(2);
  expect(explain(new Error("boom")).exitCode).toBe(1);
  expect(explain("boom").text).toContain("boom");
});

test("a bug of ours says so, and how to see where it is", () => {
  const { text } = explain(new InternalError("two gradients"));
  expect(text).toContain("internal: two gradients");
  expect(text).toContain("ERRATA_DEBUG=1");
  expect(text).not.toContain("failure.test");
});

test("ERRATA_DEBUG=1 shows the stack and the cause", () => {
  vi.stubEnv("ERRATA_DEBUG", "1");
  const { text } = explain(new DataError({ ...fault, cause: new Error("ENOENT: no such file") }));
  expect(text).toContain("failure.test.ts");
  expect(text).toContain("ENOENT");
});

test("docs/command.md lists the exit codes as they are", () => {
  const page = readFileSync(new URL("../../docs/command.md", import.meta.url), "utf8");
  const source = readFileSync(new URL("../../src/app/cli/exit-codes.ts", import.meta.url), "utf8");
  const told = [...page.matchAll(/^\| (\d) \| (.+) \|$/gm)].map(([, code, when]) => [Number(code), when]);
  const meant = [...source.matchAll(/\/\*\* (.+) \*\/\n {2}\w+: (\d)/g)].map(([, when, code]) => [
    Number(code),
    when,
  ]);
  expect(told).toEqual(meant);
  expect(told.map(([code]) => code)).toEqual(Object.values(exitCodes));
});
