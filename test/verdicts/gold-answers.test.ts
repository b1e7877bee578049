import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Problem } from "../../src/loop/types.ts";
import type { UserVerifier } from "../../src/loop/verdicts/as-verifier.ts";
import { goldOutcome, refusedReferences } from "../../src/loop/verdicts/gold-answers.ts";
import { openVerifier } from "../../src/loop/verdicts/open-verifier.ts";

const folder = mkdtempSync(join(tmpdir(), "errata-gold-"));
afterAll(() => rmSync(folder, { recursive: true }));

const problems = Array.from({ length: 150 }, (_, i) => ({ id: `p${i}`, prompt: `${i}?`, answer: `${i}` }));

describe("reference answers", () => {
  test("are all tried, and how many have been is told as it goes", async () => {
    const verifier = await openVerifier(
      (problem, answer) => answer === problem.answer && problem.id !== "p77",
    );
    const told: number[] = [];
    const { tried, refused } = await refusedReferences(verifier, problems, (done, total) => {
      expect(total).toBe(150);
      told.push(done);
    });
    expect(refused.map(({ problem }) => problem.id)).toEqual(["p77"]);
    expect(tried).toBe(150);
    expect([told[0], told.at(-1)]).toEqual([0, 150]);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.length).toBeGreaterThan(4);
  });

  test.each([
    ["in a thread", () => hanging],
    ["in the caller's process", () => () => new Promise<boolean>(() => {})],
  ])(
    "are not waited for again and again where the verifier hangs, %s",
    async (_, make) => {
      const verifier = await openVerifier(make(), { timeoutMs: 300 });
      const began = performance.now();
      await expect(refusedReferences(verifier, problems)).rejects.toMatchObject({
        name: "VerifierError",
        got: "4 of 4 answers without one, such as that of p0 (the verifier gave no verdict: no verdict within 300 ms)",
      });
      // 150 answers of two at a time would be over 20 s, each in five forms
      expect(performance.now() - began).toBeLessThan(15_000);
      await verifier.close();
    },
    60_000,
  );

  test("that a verifier is late with now and then are refused, and the others tried", async () => {
    const late = (_: unknown, answer: string) =>
      answer.includes("13") ? new Promise<boolean>(() => {}) : Promise.resolve(true);
    const verifier = await openVerifier(late, { timeoutMs: 100 });
    const { refused } = await refusedReferences(verifier, problems.slice(0, 20));
    expect(refused).toMatchObject([{ problem: { id: "p13" }, verdict: { kind: "error", isLate: true } }]);
  });
});

describe("a verifier's own forms", () => {
  const source = `{
    judge: (problem, answer) => answer === "Label: " + problem.answer,
    goldForms: ({ answer }) => (answer === "7" ? [] : answer === "9" ? 9 : ["Label: " + answer]),
  }`;
  test.each([
    ["in a thread", () => own],
    ["in the caller's process", () => new Function(`return (${source});`)()],
  ])("are tried in place of the usual ones, %s", async (_, make) => {
    writeFileSync(own, `export default ${source};`);
    const verifier = await openVerifier(make());
    const { tried, refused } = await refusedReferences(verifier, problems.slice(0, 12));
    // of 7 there is none to try; those of 9 are no texts, and the usual ones do not pass
    expect([tried, refused.map(({ problem }) => problem.id)]).toEqual([11, ["p9"]]);
    await verifier.close();
  });
});

const own = join(folder, "own.mjs");
const hanging = join(folder, "hanging.mjs");
writeFileSync(hanging, "export default () => { for (;;); };");

describe("what references say of a verifier", () => {
  const outcome = async (given: string | UserVerifier, rows: readonly Partial<Problem>[]) => {
    const verifier = await openVerifier(given, { workers: 1 });
    const own = rows.map((row, i) => ({ id: `p${i}`, prompt: `${i}?`, answer: "", ...row }));
    const found = goldOutcome(verifier, await refusedReferences(verifier, own));
    await verifier.close();
    return found;
  };
  const answers = (...list: string[]) => list.map((answer) => ({ answer }));
  const readsJson: UserVerifier = (_, answer) => typeof JSON.parse(answer) === "object";
  const isShort = { judge: (_: Problem, answer: string) => answer.length < 3, readsReference: false };

  test.each<[string, string | UserVerifier, readonly Partial<Problem>[], string]>([
    ["reads them, and takes most", "number", answers("1", "2", "many"), "good"],
    ["reads them, and takes few", "number", answers("1", "many", "few"), "hopeless"],
    ["reads none, and has none to try", "format:all=json", answers("a", "b"), "untried"],
    ["reads none, of solutions in another form", "format:all=json", [{ solution: "a" }], "unsure"],
    ["asks for a form", "regex:pattern=^L: (?<answer>.*)$", [{ answer: "a", solution: "a" }], "unsure"],
    ["asks for a form beside", "all:math;regex:pattern=^So ", answers("1", "2"), "unsure"],
    ["is one's own, and asks for a form", (_, answer) => answer.startsWith("L: "), answers("a"), "unsure"],
    ["is one's own, and cannot parse them", readsJson, answers("a", "b"), "unsure"],
    ["is one's own, and cannot judge them", () => 5, answers("a", "b"), "hopeless"],
    ["is one's own, and says that it reads none", isShort, answers("long answers"), "unsure"],
    ["is one's own, and has rows without any", readsJson, [{}, {}], "untried"],
    ["lacks what it reads of the rows", "countdown", answers("1+2"), "hopeless"],
  ])("that %s", async (_, verifier, rows, expected) => {
    expect(await outcome(verifier, rows)).toBe(expected);
  });
});
