import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { judgeOne, openVerifier, type UserVerifier } from "../../src/index.ts";
import { type RewardFunction, rewardFunctions } from "../../src/loop/verdicts/reward-functions.ts";

const folder = mkdtempSync(join(tmpdir(), "errata-own-"));
afterAll(() => rmSync(folder, { recursive: true }));

const problem = { id: "p", prompt: "What is 2 + 2?", answer: "4" };
const moduleWith = (name: string, source: string): string => {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
};

const words = "(one, other) => one.toLowerCase() === other.toLowerCase()";

/** The same verifier as a module's path and as a value. */
const both = (source: string): readonly [string, string | UserVerifier][] => [
  ["a module", moduleWith(`m${Math.random()}.mjs`, `export default ${source};`)],
  ["a value", new Function(`return (${source});`)() as UserVerifier],
];

describe.each(
  both(`{ name: "labels", readsReference: false, sameAnswer: ${words},
  judge(problem, answer) { return { kind: this.name === "labels" ? "right" : "wrong", score: 0.25 }; } }`),
)("an object as %s", (how, verifier) => {
  test("judges as its own method, says what it reads and keeps its score", async () => {
    const opened = await openVerifier(verifier);
    expect(opened).toMatchObject({ isBuiltIn: false, readsReference: false });
    if (how === "a value") expect(opened.name).toBe("labels");
    expect(await opened.verify([{ problem, answer: "x" }])).toEqual([{ kind: "right", score: 0.25 }]);
    await opened.close();
  });

  test("compares answers by its own equality", async () => {
    const opened = await openVerifier(verifier);
    expect(await opened.compare(["Refund", "sale", "REFUND", "Refund", "Sale"])).toEqual([0, 1, 0, 0, 1]);
    await opened.close();
  });
});

describe.each(both(`{ judge: () => true, sameAnswer() { throw new Error("no"); } }`))("%s", (_, verifier) => {
  test("whose equality fails compares answers by their text", async () => {
    const opened = await openVerifier(verifier);
    expect(await opened.compare(["a", "b", "a ", "b"])).toEqual([0, 1, 0, 1]);
    await opened.close();
  });
});

describe.each(
  both(
    "(problem, answer) => ({ much: 1.5, two: { kind: 'right', score: 2 }, word: 'right', none: undefined })[answer]",
  ),
)("%s", (_, verifier) => {
  test.each([
    ["much", /a score that is not in \[0, 1\]: 1\.5/],
    ["two", /a score that is not in \[0, 1\]: 2/],
    ["word", /returned "right", not true, false, a score from 0 to 1 or/],
    ["none", /returned undefined, not true/],
  ])("that gives no verdict but %s is told what it may give", async (answer, reason) => {
    const verdict = await judgeOne(verifier, problem, answer);
    expect(verdict).toMatchObject({ kind: "error", because: expect.stringMatching(reason) });
  });
});

describe.each(both("(problem, answer) => (answer === 'whole' ? { score: 0.7 } : 0.3)"))(
  "%s",
  (_, verifier) => {
    test("that gives a score alone is right from the threshold on", async () => {
      expect(await judgeOne(verifier, problem, "whole")).toEqual({
        kind: "right",
        score: 0.7,
        because: "a score of 0.7, where 0.5 is right",
      });
      expect(await judgeOne(verifier, problem, "half")).toMatchObject({ kind: "wrong", score: 0.3 });
      const strict = { scoreThreshold: 0.8 };
      expect(await judgeOne(verifier, problem, "whole", strict)).toMatchObject({ kind: "wrong", score: 0.7 });
      expect(await judgeOne(verifier, problem, "half", { scoreThreshold: 0.3 })).toMatchObject({
        kind: "right",
      });
    });
  },
);

describe("reward functions of TRL's shape", () => {
  const near: RewardFunction = (_, completions, { answer }) =>
    completions.map((text, i) => (text === answer[i] ? 1 : 0));
  const brief: RewardFunction = async (_, completions) =>
    completions.map((text) => (text.length < 4 ? 1 : 0));
  const silent: RewardFunction = (_, completions) => completions.map(() => null);

  test("are one score, their weighted mean, and one that gives null is left out", async () => {
    const verifier = rewardFunctions([near, brief, silent], [3, 1, 9]);
    expect(await judgeOne(verifier, problem, problem.answer)).toMatchObject({ kind: "right", score: 1 });
    expect(await judgeOne(verifier, problem, "no")).toMatchObject({ kind: "wrong", score: 0.25 });
    expect(await judgeOne(rewardFunctions([silent]), problem, "no")).toMatchObject({ kind: "error" });
  });

  test("are refused where weights are not theirs", () => {
    expect(() => rewardFunctions([near], [1, 2])).toThrow(/1 functions and the weights \[1, 2\]/);
    expect(() => rewardFunctions([])).toThrow(/expected functions/);
  });
});

describe("a verifier that is", () => {
  test.each([
    [
      "an object without judge",
      "{ check: () => true }",
      /an object with keys \[check\] and no function judge/,
    ],
    ["a text", '"right"', /a string/],
    [
      "an object whose readsReference is text",
      '{ judge() {}, readsReference: "no" }',
      /readsReference that is a string/,
    ],
  ])("%s is refused, as a module and as a value", async (_, source, reason) => {
    for (const [how, verifier] of both(source)) {
      if (typeof verifier === "string" && how === "a value") continue;
      await expect(openVerifier(verifier)).rejects.toThrow(reason);
    }
  });

  test("built in is known by what it is: what it reads and how it compares", async () => {
    const known = async (name: string) => {
      const opened = await openVerifier(name, { workers: 1 });
      const classes = await opened.compare(["0.5", "1/2", "x"]);
      await opened.close();
      return { isBuiltIn: opened.isBuiltIn, reads: opened.readsReference, classes };
    };
    const isBuiltIn = true;
    expect(await known("math")).toEqual({ isBuiltIn, reads: true, classes: [0, 0, 2] });
    expect(await known("gsm8k")).toEqual({ isBuiltIn, reads: true, classes: [0, 0, 2] });
    expect(await known("exact")).toEqual({ isBuiltIn, reads: true, classes: [0, 1, 2] });
    expect(await known("code")).toEqual({ isBuiltIn, reads: false, classes: [0, 1, 2] });
  });
});

describe("a verifier given as a value", () => {
  test("costs only its own answer what it throws, and a promise that takes too long", async () => {
    const moody: UserVerifier = async (_, answer) => {
      if (answer === "throw") throw new RangeError("no such answer");
      if (answer === "wait") return new Promise<boolean>(() => {});
      return answer === "4";
    };
    const opened = await openVerifier(moody, { timeoutMs: 100 });
    expect(opened.name).toBe("moody");
    const answers = ["4", "throw", "wait", "5", "4"];
    const verdicts = await opened.verify(answers.map((answer) => ({ problem, answer })));
    expect(verdicts.map(({ kind }) => kind)).toEqual(["right", "error", "error", "wrong", "right"]);
    expect(verdicts[1].because).toContain("RangeError: no such answer");
    expect(verdicts[2].because).toContain("within 100 ms");
    await opened.close();
  });

  test("judges as many at a time as it has workers", async () => {
    let now = 0;
    let most = 0;
    const slow: UserVerifier = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      now--;
      return true;
    };
    const opened = await openVerifier(slow, { workers: 3 });
    await opened.verify(Array.from({ length: 12 }, () => ({ problem, answer: "4" })));
    expect(most).toBe(3);
    await opened.close();
  });

  test("turns what still waits into errors when it is closed", async () => {
    const opened = await openVerifier(() => new Promise<boolean>(() => {}), { timeoutMs: 60_000 });
    const verdicts = opened.verify([{ problem, answer: "4" }]);
    await opened.close();
    expect(await verdicts).toMatchObject([{ kind: "error", because: expect.stringContaining("closed") }]);
  });
});

test("what a verifier's module prints goes to stderr", () => {
  const loud = moduleWith(
    "loud.mjs",
    'console.log("loading"); export default () => (console.log("judging"), true);',
  );
  const script = moduleWith(
    "judge.mts",
    `import { judgeOne } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
     console.log((await judgeOne(${JSON.stringify(loud)}, { answer: "4" }, "4")).kind);`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  expect(stdout).toBe("right\n");
  expect(stderr).toBe("loading\njudging\n");
});
