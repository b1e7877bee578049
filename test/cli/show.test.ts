import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type RolloutRecord, readRun } from "../../src/index.ts";
import { compiled } from "../compile.ts";

const main = compiled("app/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "errata-show-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Answers of a step: `problems` problems, `each` answers, every second one right where the problem is even. */
function step(number: number, problems: number, each: number): RolloutRecord[] {
  return Array.from({ length: problems * each }, (_, i) => {
    const problem = Math.floor(i / each);
    const right = problem % 2 === 0 && i % 2 === 0;
    return {
      step: number,
      problem: `p-${problem}`,
      draw: (number - 1) * problems + problem,
      index: i % each,
      prompt: `${problem}+1=?`,
      answer: String(problem + 1),
      text: right ? `It is ${problem + 1}.` : `No idea.\u001b[2J${" word".repeat(200)}`,
      stop: "eos",
      verdict: right ? "right" : "wrong",
      ...(right ? {} : { because: "no answer in the text" }),
      solveRate: problem % 2 === 0 ? 0.5 : 0,
      kept: false,
    };
  });
}

function runOf(name: string, records: readonly object[], rest = ""): string {
  const run = join(folder, name);
  mkdirSync(run);
  writeFileSync(join(run, "options.yaml"), "# errata train\nmodel: models/pocket\n");
  writeFileSync(join(run, "steps.jsonl"), '{"step":1,"metrics":{}}\n');
  writeFileSync(
    join(run, "rollouts.jsonl"),
    records.map((record) => `${JSON.stringify(record)}\n`).join("") + rest,
  );
  return run;
}

const steps = [step(1, 3, 4), step(2, 6, 4), step(4, 1, 2)];
const run = runOf("run", steps.flat(), '{"step":4,"problem":"cut o');

function show(...words: string[]) {
  return spawnSync(process.execPath, [main, "show", ...words], { encoding: "utf8" });
}

async function all(step?: number): Promise<RolloutRecord[]> {
  const read: RolloutRecord[] = [];
  for await (const record of readRun(run).rollouts(step)) read.push(record);
  return read;
}

describe("readRun", () => {
  test("reads one step's rollouts, every step's, and none of a step that has none", async () => {
    expect(await all(1)).toEqual(steps[0]);
    expect(await all(2)).toEqual(steps[1]);
    expect(await all(4)).toEqual(steps[2]);
    expect(await all(3)).toEqual([]);
    expect(await all(9)).toEqual([]);
    expect(await all()).toEqual(steps.flat());
  });

  test("knows the last step, past a line that is still being written", async () => {
    expect(await readRun(run).lastRollouts()).toBe(4);
    expect(await readRun(run).steps()).toEqual([{ step: 1, metrics: {} }]);
    expect(await readRun(run).evals()).toEqual([]);
  });

  test("finds a step among lines of every length, the first and the last too", async () => {
    const lengths = [10, 200_000, 5, 70_000, 65_536, 1];
    const records = lengths.flatMap((length, i) =>
      [0, 1].map((index) => ({ ...step(i + 1, 1, 1)[0]!, index, text: "é".repeat(length) })),
    );
    const reader = readRun(runOf("lengths", records));
    expect(await reader.lastRollouts()).toBe(6);
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const found: RolloutRecord[] = [];
      for await (const record of reader.rollouts(number)) found.push(record);
      expect(found).toEqual(records.filter((record) => record.step === number));
    }
  });

  test("refuses a folder that is no run", () => {
    expect(() => readRun(folder)).toThrow(/expected the folder of a run/);
  });
});

describe("errata show", () => {
  test("shows a right and a wrong answer to a few problems of the last step, cut, at the screen's width", () => {
    const { stdout, status } = show(run, "--step", "2");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^step 2 {3}problem p-0 {3}2 of 4 right {3}reference 1$/m);
    expect(stdout).toMatch(/^right {3}It is 1\.$/m);
    expect(stdout).toContain("\\u001b[2J");
    expect(stdout).not.toContain("\u001b[2J");
    expect(stdout).toMatch(/^ {8}\(no answer in the text\)$/m);
    expect(stdout.match(/ problem p-/g)).toHaveLength(4);
    expect(stdout).toContain("and 2 more problems");
    // those that are learnt from come first
    expect(stdout.indexOf("p-4")).toBeLessThan(stdout.indexOf("p-1"));
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(show(run).stdout).toMatch(/^step 4 /);
  });

  test("shows all answers to one problem, in every step", () => {
    const { stdout } = show(run, "--problem", "p-0");
    expect(stdout.match(/^(right|wrong) /gm)).toHaveLength(10);
    expect(stdout.match(/^step /gm)).toHaveLength(3);
  });

  test("--all shows all of them, whole", () => {
    const { stdout } = show(run, "--step=2", "--all");
    expect(stdout.match(/^(right|wrong) /gm)).toHaveLength(24);
    expect(stdout).toContain("word".concat(" word".repeat(199)));
  });

  test("--json prints the records as they are", () => {
    const { stdout } = show(run, "--json", "--step", "1");
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(steps[0]);
  });

  test.each([
    [[folder], 1, "expected the folder of a run"],
    [[run, "--step", "7"], 2, "from 1 to 4"],
    [[run, "--problem", "p-99"], 1, "answers to problem p-99"],
    [[], 2, "expected RUN"],
  ])("says what is wrong with %j", (words, code, said) => {
    const { stderr, status } = show(...words);
    expect(status).toBe(code);
    expect(stderr).toContain(said);
  });
});
