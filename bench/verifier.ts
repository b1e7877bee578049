/**
 * Verdicts per second through the pool: every reference answer of the data sets, boxed at the end of a worked
 * answer, judged against its own problem and against the next one's.
 *
 *   npx tsx bench/verifier.ts DATASET.jsonl...
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Problem } from "../src/loop/types.ts";
import { VerifierPool } from "../src/loop/verdicts/verifier-pool.ts";

const problems = process.argv.slice(2).flatMap((file): Problem[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line)),
);
const working = "We set up the equation and solve it step by step, checking each line. ".repeat(8);
const items = problems.flatMap((problem, i) =>
  [problem, problems[(i + 1) % problems.length]].map(({ answer }) => ({
    problem,
    answer: `${working}The answer is $\\boxed{${answer}}$.`,
  })),
);
const pool = await VerifierPool.open("math", { workers: availableParallelism() });
for (const pass of ["first", "second", "third"]) {
  const begin = performance.now();
  const verdicts = await pool.verify(items);
  const seconds = (performance.now() - begin) / 1000;
  const right = verdicts.filter(({ kind }) => kind === "right").length;
  const errors = verdicts.filter(({ kind }) => kind === "error").length;
  console.log(
    `${pass} pass: ${items.length} verdicts, ${right} right, ${errors} without a verdict, ${Math.round(items.length / seconds)}/s`,
  );
}
await pool.close();
