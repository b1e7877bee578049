import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  evaluate,
  type RolloutRecord,
  type RunEvent,
  sft,
  type TrainOptions,
  train,
  type UserVerifier,
} from "../../src/index.ts";
import { type TinyOptions, tinyRun, verifier } from "../loop/tiny.ts";

// several short runs, on a machine that may be busy with others
vi.setConfig({ testTimeout: 240_000 });

let folder: string;
let options: TinyOptions;
let rows: { problem: string; answer: string; solution: string }[];

const at = (name: string) => join(folder, name);
const text = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");
const linesOf = <T>(...path: string[]) =>
  text(...path)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

/** Of a run's last checkpoint. */
function weights(run: string): Buffer {
  const last = readdirSync(join(folder, run, "checkpoints"))
    .sort()
    .at(-1)!;
  return readFileSync(join(folder, run, "checkpoints", last, "model.safetensors"));
}

beforeAll(async () => {
  ({ folder, options } = await tinyRun());
  rows = linesOf("problems.jsonl");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As `verifiers/finished.mjs`. */
const finished: UserVerifier = async (problem, answer) =>
  (await import(verifier("finished"))).default(problem, answer);

describe("values in place of files", () => {
  test("train to the same weights and rollouts as the files do", async () => {
    const short = { ...options, maxSteps: 2, evalSteps: 2 };
    const { dataset: file, verifier: module } = options;
    await train({ ...short, evalDataset: file, verifier: module!, outputDir: at("files") });
    const result = await train({
      ...{ ...short, dataset: rows, evalDataset: rows.map((row) => ({ ...row })) },
      ...{ verifier: finished, outputDir: at("values") },
    });
    expect(result.evals.map(({ avgAtK }) => avgAtK.mean)).toHaveLength(2);
    const texts = (run: string) => linesOf<RolloutRecord>(run, "rollouts.jsonl");
    expect(texts("values")).toEqual(texts("files"));
    expect(weights("values")).toEqual(weights("files"));
    expect(text("values", "options.yaml")).toContain("verifier: <function finished>");
    expect(text("values", "options.yaml")).toContain("dataset: <12 rows>");
  });

  test("are needed again to go on", async () => {
    const resumeFromCheckpoint = at("values");
    const longer = { resumeFromCheckpoint, maxSteps: 3 };
    await expect(train(longer)).rejects.toThrow(
      /dataset: expected the value that this was begun with.*<12 rows>.*\n.*train\({ resumeFromCheckpoint/,
    );
    const data = { dataset: rows, evalDataset: rows };
    await expect(train({ ...longer, ...data })).rejects.toThrow(/verifier: .*<function finished>/);
    const other = rows.map((row) => ({ ...row, answer: "7" }));
    await expect(train({ ...longer, ...data, dataset: other, verifier: finished })).rejects.toThrow(
      /the problems that the run in .* began with/,
    );
    const result = await train({ ...longer, ...data, verifier: finished });
    expect(result).toMatchObject({ reason: "finished", steps: 3 });
  });

  test("of an objective are a loss alone, or an objective", async () => {
    const { outputDir: _, ...rest } = { ...options, maxSteps: 1 };
    const rewarded: TrainOptions = {
      ...rest,
      outputDir: at("rewarded"),
      objective: function rewarded({ logp, columns }, { mul, neg }) {
        return { loss: neg(mul(logp, columns.advantage)) };
      },
    };
    await train(rewarded);
    expect(text("rewarded", "options.yaml")).toContain("objective: <function rewarded>");
    const whole: TrainOptions = {
      ...rest,
      outputDir: at("whole"),
      objective: {
        name: "mine",
        columns: ["advantage"],
        loss: ({ logp, columns }, { mul, neg }) => ({ loss: neg(mul(logp, columns.advantage)) }),
      },
    };
    await train(whole);
    expect(weights("whole")).toEqual(weights("rewarded"));
    const wrong = { ...rest, outputDir: at("wrong"), objective: { columns: ["luck"], loss: () => ({}) } };
    await expect(train(wrong as unknown as TrainOptions)).rejects.toThrow(
      /the objective that was given.*luck/,
    );
  });

  test("of rows are fine-tuned on and evaluated", async () => {
    const { model, threads } = options as { model: string; threads: number };
    const learnt = await sft({
      ...{ model, threads, dataset: rows, evalDataset: rows.slice(0, 3) },
      ...{ maxSteps: 1, miniBatchSize: 4, outputDir: at("sft") },
    });
    expect(learnt.evals.map(({ loss }) => loss > 0)).toEqual([true, true]);
    const given = { model, threads, maxCompletionLength: 20, evalNumGenerations: 2 };
    const one = await evaluate({
      ...{ ...given, evalDataset: rows.slice(0, 4), outputDir: at("eval") },
      verifier: (_, answer) => answer.length % 2 === 0,
    });
    expect(one.sets[0]).toMatchObject({ dataset: "rows", problems: 4, k: 2 });
    // the same name with another body is another verifier
    await expect(
      evaluate({
        ...{ ...given, dataset: rows.slice(0, 4), outputDir: at("eval") },
        verifier: (_, answer) => answer.length % 2 === 1,
      }),
    ).rejects.toThrow(/a verifier .* that is not what it was/);
  });

  test("of a verifier that is late now and then go on where they stopped", async () => {
    const { model, threads } = options as { model: string; threads: number };
    const late: UserVerifier = ({ answer }, text) =>
      text.includes(answer) ? { kind: "right", score: 1 } : new Promise<boolean>(() => {});
    const given = {
      ...{ model, threads, evalDataset: rows.slice(0, 4), maxCompletionLength: 48, verifier: late },
      ...{ verifierTimeoutMs: 20, maxVerifierErrorRate: 1, outputDir: at("late") },
    };
    const first = await evaluate(given);
    expect(first.sets[0].verifierErrors).toBeGreaterThan(0);
    expect((await evaluate(given)).sets[0].judged).toEqual(first.sets[0].judged);
  });

  test("that are no values of an option are refused with what it takes", async () => {
    const bad = (given: object) => train({ ...options, outputDir: at("bad"), ...given } as TrainOptions);
    await expect(bad({ dataset: { problem: "1" } })).rejects.toThrow(
      /dataset .*a list of rows .*got an object/,
    );
    await expect(bad({ verifier: 7 })).rejects.toThrow(/verifier .*a function .*got a number/);
    await expect(bad({ objective: [] })).rejects.toThrow(/objective .*\{ columns, loss \}.*got a list/);
    expect(existsSync(at("bad"))).toBe(false);
  });

  test("leave out rows that are no problems, and say which", async () => {
    const circle: Record<string, unknown> = { problem: "1+1=?", answer: "2" };
    circle.self = circle;
    const warnings: string[] = [];
    const onEvent = (event: RunEvent) => event.kind === "warning" && warnings.push(event.text);
    const given = [
      ...rows,
      circle,
      7 as unknown as object,
      { problem: "2+2=?", answer: "4", tests: [() => 1] },
    ];
    await train(
      { ...options, dataset: given, verifier: verifier("finished"), maxSteps: 1, outputDir: at("bad-rows") },
      { onEvent },
    );
    expect(warnings.join("\n")).toMatch(
      /2 rows are left out: row 13 is no JSON: .*circular.*row 14 is 7, not an object/,
    );
  });
});

describe("a verifier that does without references", () => {
  const unanswered = Array.from({ length: 8 }, (_, i) => ({ problem: `Say ${i}.` }));

  test("judges rows that have none", async () => {
    const even: UserVerifier = { readsReference: false, judge: (_, answer) => answer.length % 2 === 0 };
    const result = await train({
      ...{ ...options, dataset: unanswered, verifier: even, maxSteps: 1, outputDir: at("unanswered") },
    });
    expect(result.steps).toBe(1);
  });

  test("and one that reads them refuses such rows", async () => {
    const given = { ...options, dataset: unanswered, outputDir: at("refused") };
    await expect(train({ ...given, verifier: { readsReference: true, judge: () => true } })).rejects.toThrow(
      /an answer in every row.*none in 8 of 8, the first in problem row-1/,
    );
    await expect(train({ ...given, verifier: "math" })).rejects.toThrow(
      /a problem with an answer in every row/,
    );
    expect(existsSync(at("refused"))).toBe(false);
  });
});

test("what is quickly said is said before a user's code runs", async () => {
  const never: UserVerifier = () => {
    throw new Error("the verifier ran");
  };
  const given = { ...options, dataset: rows, verifier: never };
  await expect(train({ ...given, model: "./nosuch", outputDir: at("first") })).rejects.toThrow(/nosuch/);
  await expect(train({ ...given, dataset: "nosuch.jsonl", outputDir: at("first") })).rejects.toThrow(
    /nosuch\.jsonl/,
  );
});
