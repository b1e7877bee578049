import { expect, test } from "vitest";
import { generators } from "../../src/loop/problems/generators.ts";
import { loadVerifier } from "../../src/loop/verdicts/verifiers.ts";

test.each([
  ["functions", "code"],
  ["countdown", "countdown"],
])("every reference and every solution of %s passes the verifier %s", async (generator, name) => {
  const verifier = await loadVerifier(name);
  const problems = generators[generator]!({ count: 60, seed: 3, split: "train" });
  for (const problem of problems) {
    for (const answer of [problem.answer, problem.solution!]) {
      expect(await verifier.judge(problem, answer), `${problem.prompt}\n${answer}`).toMatchObject({
        kind: "right",
      });
    }
  }
});

test.each([
  ["functions", "code"],
  ["countdown", "countdown"],
])("no reference of %s answers another problem", async (generator, name) => {
  const verifier = await loadVerifier(name);
  const problems = generators[generator]!({ count: 40, seed: 5, split: "test" });
  for (const [i, problem] of problems.entries()) {
    const other = problems[(i + 1) % problems.length]!;
    expect(await verifier.judge(problem, other.answer), `${problem.prompt}\n${other.answer}`).toMatchObject({
      kind: "wrong",
    });
  }
});
