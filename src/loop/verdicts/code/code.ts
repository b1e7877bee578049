/**
 * Code: a JavaScript or TypeScript program, judged by the problem's tests (tests.ts): by what its function returns, or by
 * what it prints for what it reads.
 *
 *   fuel     what a test may take, in thousands of millions of counted instructions; all together take 4 times as much
 *   memory   what a test may hold, in MiB
 */
import { type JudgeByName, readSettings } from "../judges/settings.ts";
import { programIn } from "./program.ts";
import { firstFailure } from "./run-tests.ts";
import { readTests } from "./tests.ts";

/** Longest program that is run, in characters. */
const LONGEST = 50_000;
const [USUAL_FUEL, USUAL_MEMORY] = [2, 64];

/** @returns error where the problem has no tests; wrong where the code fails one, throws, or runs out of anything */
export function code(given: string): JudgeByName {
  const { of } = readSettings("code", { fuel: "number", memory: "number" }, given);
  return {
    async judge(problem, answer) {
      const tests = readTests(problem);
      if (typeof tests === "string") return { kind: "error", because: tests };
      const { fuel = USUAL_FUEL, memory = USUAL_MEMORY } = of(problem);
      const program = programIn(answer, tests.kind === "calls" ? tests.entry : undefined);
      const extracted = program.text;
      if (extracted.trim() === "") return { kind: "wrong", because: "there is no code" };
      if (extracted.length > LONGEST)
        return { kind: "wrong", because: `the code has more than ${LONGEST} characters` };
      const limits = { fuel: Math.round(fuel * 1e9), memoryBytes: Math.max(16, Math.ceil(memory)) << 20 };
      const failure = await firstFailure(program, tests, limits);
      const count = tests.kind === "calls" ? tests.calls.length : tests.runs.length;
      return failure === undefined
        ? { kind: "right", because: `passes ${count} tests`, extracted }
        : { kind: "wrong", because: failure, extracted };
    },
  };
}
