import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { refusedReferences } from "../../src/loop/verdicts/gold-answers.ts";
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
