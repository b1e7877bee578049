/**
 * Code: a JavaScript function, judged by the problem's tests.
 *
 *   extra.entry   the function's name
 *   extra.tests   [{ args: […], expected: … }], compared as JSON
 *
 * The last fenced block that defines the function counts, or else the last one, or the whole answer where there is none.
 */
import type { Problem, Verdict } from "../types.ts";
import { runTests, type Suite } from "./code-thread.ts";

/** Longest program that is run, in characters. */
const LONGEST = 50_000;

/** @returns error where the problem has no tests; wrong where the code fails one, throws, or runs out of anything */
export async function code(problem: Problem, answer: string): Promise<Verdict> {
  const suite = readSuite(problem);
  if (typeof suite === "string") return { kind: "error", because: suite };
  const program = programIn(answer, suite.entry);
  if (program.trim() === "") return { kind: "wrong", because: "there is no code" };
  if (program.length > LONGEST)
    return { kind: "wrong", because: `the code has more than ${LONGEST} characters` };
  const failure = await runTests(program, suite);
  return failure === undefined
    ? { kind: "right", because: `passes ${suite.tests.length} tests`, extracted: program }
    : { kind: "wrong", because: failure, extracted: program };
}

/** The block that defines the function: blocks after it may use it or show what it prints. An unclosed one runs to the end. */
function programIn(answer: string, entry: string): string {
  const blocks = [...answer.matchAll(/^[ \t]*(```+|~~~+)[^\n]*\n([\s\S]*?)(?:^[ \t]*\1|(?![\s\S]))/gm)].map(
    ([, , content]) => content!,
  );
  const name = entry.replaceAll("$", "\\$");
  const defines = new RegExp(
    `(?:function\\s*\\*?\\s*|(?:const|let|var)\\s+)${name}(?![\\w$])|(?<![\\w$.])${name}\\s*=[^=]`,
  );
  return blocks.findLast((block) => defines.test(block)) ?? blocks.at(-1) ?? answer;
}

/** @returns the problem's tests, or what is wrong with them */
function readSuite(problem: Problem): Suite | string {
  const { entry, tests } = problem.extra ?? {};
  if (typeof entry !== "string" || !/^[A-Za-z_$][\w$]*$/.test(entry))
    return "the problem's `entry` is no function's name";
  if (!Array.isArray(tests) || tests.length === 0) return "the problem has no `tests`";
  const read: Suite["tests"][number][] = [];
  for (const test of tests as readonly unknown[]) {
    const { args, expected } = (typeof test === "object" && test !== null ? test : {}) as Record<
      string,
      unknown
    >;
    if (!Array.isArray(args) || expected === undefined)
      return "a test has no `args`, a list, or no `expected`";
    read.push({ args, expected });
  }
  return { entry, tests: read };
}
