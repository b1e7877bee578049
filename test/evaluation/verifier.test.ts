import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../src/commands/evaluation/evaluate.ts";
import { VerifierError } from "../../src/errors.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import type { ResultRecord } from "../../src/run/records.ts";
import { tinyRun, verifier } from "../loop/tiny.ts";

let folder: string;
let given: GivenOptions & { readonly model: string; readonly evalDataset: string };

const at = (name: string) => join(folder, name);
const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ResultRecord);

beforeAll(async () => {
  const tiny = await tinyRun(8);
  ({ folder } = tiny);
  given = {
    model: tiny.options.model!,
    evalDataset: tiny.options.dataset!,
    evalNumGenerations: 8,
    maxCompletionLength: 40,
    threads: 1,
  };
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe("a verifier that was mended", () => {
  test("is not given the verdicts of what it was: its own folder is refused, the default one is another", async () => {
    const here = process.cwd();
    const options = { ...given, verifier: at("mine.mjs"), evalDatasetSize: 2, evalNumGenerations: 1 };
    copyFileSync(verifier("finished"), options.verifier);
    try {
      process.chdir(folder);
      const first = await evaluate(options);
      expect((await evaluate(options)).folder).toBe(first.folder);
      copyFileSync(verifier("even"), options.verifier);
      await expect(evaluate({ ...options, outputDir: first.folder })).rejects.toThrow(
        /a verifier .*mine\.mjs that is not what it was/,
      );
      expect((await evaluate(options)).folder).not.toBe(first.folder);
    } finally {
      process.chdir(here);
    }
  });
});

describe("a verifier that fails too often", () => {
  test("ends the evaluation with the answers kept beside the results, and says how to go on", async () => {
    const options = { ...given, verifier: at("failing.mjs"), outputDir: at("failing") };
    copyFileSync(verifier("throws"), options.verifier);
    const error = await evaluate(options).catch((thrown: unknown) => thrown as VerifierError);
    expect(error).toBeInstanceOf(VerifierError);
    const { next } = error as VerifierError;
    expect(next).toContain(join(options.outputDir, "failed.jsonl"));
    expect(next).toMatch(/Mend the verifier; then begin in another output_dir/);
    const failed = linesOf(join(options.outputDir, "failed.jsonl"));
    expect(failed.map(({ answers }) => answers.length)).toEqual(Array(8).fill(8));
    expect(failed.flatMap(({ answers }) => answers).map(({ because }) => because)).toContain(
      "the verifier threw: Error: no grader today",
    );
    expect(readFileSync(join(options.outputDir, "results.jsonl"), "utf8")).toBe("");

    const bearing = await evaluate({ ...options, maxVerifierErrorRate: 1 });
    expect(bearing.finished).toBe(true);
    const texts = (results: readonly ResultRecord[]) =>
      results.flatMap(({ answers }) => answers.map(({ text }) => text));
    expect(texts(linesOf(join(options.outputDir, "results.jsonl")))).toEqual(texts(failed));
    expect(existsSync(join(options.outputDir, "failed.jsonl"))).toBe(false);
  });
});
