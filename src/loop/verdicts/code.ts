/**
 * Code: a JavaScript function, judged by the problem's tests.
 *
 *   extra.entry   the function's name
 *   extra.tests   [{ args: […], expected: … }], compared as JSON
 *
 * The answer's last fenced block counts, or the whole answer where there is none.
 */
import type { Problem, Verdict } from "../types.ts";
import { inSandbox, type Sandbox } from "./sandbox.ts";

interface Test {
  readonly args: readonly unknown[];
  readonly expected: unknown;
}

/** Longest program that is run, in characters. */
const longest = 50_000;

/** @returns error where the problem has no tests; wrong where the code fails one, throws, or runs out of anything */
export async function code(problem: Problem, answer: string): Promise<Verdict> {
  const suite = readSuite(problem);
  if (typeof suite === "string") return { kind: "error", because: suite };
  const program = programIn(answer);
  if (program.trim() === "") return { kind: "wrong", because: "there is no code" };
  if (program.length > longest)
    return { kind: "wrong", because: `the code has more than ${longest} characters` };
  const outcome = await inSandbox(program, (sandbox) => firstFailure(sandbox, suite.entry, suite.tests));
  const failure = outcome !== undefined && typeof outcome === "object" ? outcome.fault : outcome;
  return failure === undefined
    ? { kind: "right", because: `passes ${suite.tests.length} tests`, extracted: program }
    : { kind: "wrong", because: failure, extracted: program };
}

function firstFailure(sandbox: Sandbox, entry: string, tests: readonly Test[]): string | undefined {
  for (const { args, expected } of tests) {
    const given = JSON.stringify(args);
    const outcome = sandbox.call(entry, given);
    const call = `${entry}(${given.slice(1, -1).slice(0, 200)})`;
    if ("fault" in outcome) return `${call}: ${outcome.fault}`;
    if (canonical(outcome.json) !== canonical(JSON.stringify(expected))) {
      return `${call} gives ${(outcome.json ?? "undefined").slice(0, 200)}, not ${JSON.stringify(expected).slice(0, 200)}`;
    }
  }
  return undefined;
}

/** JSON with the keys of objects in order, since the order of keys is no difference. */
function canonical(json: string | undefined): string | undefined {
  if (json === undefined || !json.includes("{")) return json;
  const sorted = (_: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(JSON.parse(json), sorted);
}

/** The content of the last ``` block; an unclosed one runs to the end. */
function programIn(answer: string): string {
  const parts = answer.split("```");
  if (parts.length === 1) return answer;
  const last = parts.length % 2 === 1 ? parts[parts.length - 2]! : parts.at(-1)!;
  return last.replace(/^[ \t]*(?:javascript|js|typescript|ts)?[ \t]*\r?\n/i, "");
}

/** @returns the problem's tests, or what is wrong with them */
function readSuite(problem: Problem): { readonly entry: string; readonly tests: readonly Test[] } | string {
  const { entry, tests } = problem.extra ?? {};
  if (typeof entry !== "string" || !/^[A-Za-z_$][\w$]*$/.test(entry))
    return "the problem's `entry` is no function's name";
  if (!Array.isArray(tests) || tests.length === 0) return "the problem has no `tests`";
  const read: Test[] = [];
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
