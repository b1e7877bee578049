import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { refusedReferences } from "../../src/loop/verdicts/gold-answers.ts";
import { VerifierPool } from "../../src/loop/verdicts/verifier-pool.ts";

const folder = mkdtempSync(join(tmpdir(), "errata-verdicts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const problem = { id: "p", prompt: "What is 2 + 2?", answer: "4" };
const item = (answer: string) => ({ problem, answer });
const moduleWith = (name: string, source: string): string => {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
};

const moody = moduleWith(
  "moody.ts",
  `interface Problem { answer: string }
  export default async (problem: Problem, answer: string): Promise<unknown> => {
    if (answer === "hang") for (;;);
    if (answer === "wait") return new Promise(() => {});
    if (answer === "die") process.exit(3);
    if (answer === "throw") throw new RangeError("no such answer");
    if (answer === "odd") return { points: 1 };
    if (answer === "eat") { const all: unknown[] = []; for (;;) all.push(new Array(1e5).fill({})); }
    if (answer === "verdict") return { kind: "wrong", because: "said so", extracted: "x", more: () => 1 };
    return answer === problem.answer;
  };`,
);

describe("verifier pool", () => {
  test("keeps verdicts in the order of their answers", async () => {
    const pool = await VerifierPool.open("exact");
    const verdicts = await pool.verify(Array.from({ length: 500 }, (_, i) => item(`\\boxed{${i % 8}}`)));
    expect(verdicts.map((v) => v.kind)).toEqual(
      Array.from({ length: 500 }, (_, i) => (i % 8 === 4 ? "right" : "wrong")),
    );
    await pool.close();
  });

  test("loses to a hung, dead or greedy thread only the answer it was judging", async () => {
    const pool = await VerifierPool.open(moody, { workers: 2, timeoutMs: 400, memoryMb: 64 });
    const answers = [
      "4",
      "hang",
      "5",
      "4",
      "wait",
      "4",
      "die",
      "4",
      "eat",
      "4",
      "throw",
      "4",
      "odd",
      "verdict",
      "4",
    ];
    const verdicts = await pool.verify(answers.map(item));
    expect(Object.fromEntries(answers.map((answer, i) => [answer, verdicts[i]!.kind]))).toEqual({
      "4": "right",
      "5": "wrong",
      hang: "error",
      wait: "error",
      die: "error",
      eat: "error",
      throw: "error",
      odd: "error",
      verdict: "wrong",
    });
    expect(answers.flatMap((answer, i) => (answer === "4" ? [verdicts[i]!.kind] : []))).toEqual(
      Array(7).fill("right"),
    );
    expect(verdicts[1]).toMatchObject({ because: expect.stringContaining("within 400 ms") });
    expect(verdicts[10]).toMatchObject({ because: expect.stringContaining("RangeError: no such answer") });
    expect(verdicts[13]).toEqual({ kind: "wrong", because: "said so", extracted: "x" });
    // and the pool lives on
    expect((await pool.verify([item("4")]))[0]).toEqual({ kind: "right" });
    await pool.close();
  });

  test("finds a verifier as Node writes its path, and says of one in another language what it takes", async () => {
    const even = pathToFileURL(moduleWith("even.mjs", "export default (_, answer) => answer === '4';")).href;
    const pool = await VerifierPool.open(even);
    expect(await pool.verify([item("4")])).toEqual([{ kind: "right" }]);
    await pool.close();
    await expect(VerifierPool.open("./reward.py")).rejects.toMatchObject({
      got: "a file that ends in .py",
      next: expect.stringContaining("Verifiers are written in JavaScript or TypeScript"),
    });
  });

  test("runs a verifier of the user's own, which may answer true or false", async () => {
    const own = fileURLToPath(new URL("../../examples/own-verifier.ts", import.meta.url));
    const pool = await VerifierPool.open(own);
    const verdicts = await pool.verify(
      ["\\boxed{4}", "\\boxed{8/2}", "\\boxed{5}", "4", `${"so ".repeat(200)}\\boxed{4}`].map(item),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(["right", "right", "wrong", "wrong", "wrong"]);
    await pool.close();
  });

  test("finds the reference answers their own verifier refuses", async () => {
    const problems = ["4", "\\frac12", "{{", "x where y is"].map((answer) => ({ ...problem, answer }));
    const pool = await VerifierPool.open("math");
    expect((await refusedReferences(pool, problems)).refused.map(({ problem }) => problem.answer)).toEqual(
      [],
    );
    await pool.close();
    const gsm = await VerifierPool.open("gsm8k");
    const { refused } = await refusedReferences(gsm, problems);
    expect(refused.map(({ problem }) => problem.answer)).toEqual(["\\frac12", "{{", "x where y is"]);
    await gsm.close();
  });

  test("ends a module that never ends loading, and says so", async () => {
    const endless = moduleWith("endless.mjs", "for (;;);");
    const opening = VerifierPool.open(endless, { timeoutMs: 50, loadTimeoutMs: 300 });
    await expect(opening).rejects.toThrow(/verifier .*endless.*got not loaded within 300 ms/);
  });

  test("goes on with a verifier that closes the port to its parent, and replaces one that falls silent", async () => {
    const source = `import { MessagePort, parentPort } from "node:worker_threads";
      export default (problem, answer) => {
        if (answer === "close") parentPort.close();
        if (answer === "mute") MessagePort.prototype.postMessage = () => {};
        return answer !== "5";
      };`;
    const pool = await VerifierPool.open(moduleWith("silent.mjs", source), { workers: 1, timeoutMs: 300 });
    const verdicts = await pool.verify(["close", "4", "mute", "4", "5"].map(item));
    expect(verdicts.map(({ kind }) => kind)).toEqual(["right", "right", "error", "right", "wrong"]);
    expect(verdicts[2].because).toMatch(/its thread fell silent/);
    await pool.close();
  });

  test("says why a verifier cannot be loaded", async () => {
    await expect(VerifierPool.open("maths")).rejects.toThrow(/one of .*exact/);
    await expect(VerifierPool.open(join(folder, "absent.ts"))).rejects.toThrow(/absent/);
    await expect(VerifierPool.open(moduleWith("empty.mjs", "export const x = 1;"))).rejects.toThrow(
      /no default export/,
    );
    await expect(VerifierPool.open(moduleWith("broken.mjs", "export default (;"))).rejects.toThrow(
      /verifier/,
    );
  });

  test("gives up on a verifier that dies before judging anything", async () => {
    const dying = moduleWith(
      "dying.mjs",
      "setTimeout(() => process.exit(1), 20); export default () => new Promise(() => {});",
    );
    const pool = await VerifierPool.open(dying, { workers: 1, timeoutMs: 60_000 });
    const verdicts = await pool.verify([item("a"), item("b")]);
    expect(verdicts.map((v) => v.kind)).toEqual(["error", "error"]);
    await pool.close();
  });

  test("turns what still waits into errors when it is closed", async () => {
    const pool = await VerifierPool.open(moody, { workers: 1, timeoutMs: 60_000 });
    const verdicts = pool.verify([item("wait"), item("4")]);
    await pool.close();
    expect((await verdicts).map((v) => v.kind)).toEqual(["error", "error"]);
    await expect(pool.verify([item("4")])).rejects.toThrow(/closed/);
  });
});
