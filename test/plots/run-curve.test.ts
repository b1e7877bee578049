import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { drawRun, readRun, type SolveEval, sft, train } from "../../src/index.ts";
import { temporaryFolder, tinyRun } from "../loop/tiny.ts";

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe("a run's picture", () => {
  test("has its held-out accuracy with the band of its records, and what was sampled", async () => {
    const { folder, options } = await tinyRun();
    const run = join(folder, "run");
    await train({ ...options, evalDataset: options.dataset!, maxSteps: 4, evalSteps: 2 });
    const svg = await drawRun(run);
    const last = (await readRun(run).evals()).at(-1) as SolveEval;
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        "model trained on problems.jsonl with nft",
        "One run; 12 held-out problems, one answer each. Band: 95 % interval over problems. Mixed: right and wrong answers to one problem.",
        "Held-out accuracy, %",
        "Sampled to learn from, %",
        "steps",
      ]),
    );
    const named = texts(svg).find((text) => text!.startsWith("right: "))!;
    expect(Number(named.split(": ")[1])).toBeCloseTo(100 * last.avgAtK.mean, 0);
    expect(svg.match(/<polygon/g)).toHaveLength(1);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);

    // one that was killed while it wrote
    appendFileSync(join(run, "steps.jsonl"), '{"step":5,"metr');
    expect(await drawRun(run)).toBe(svg);
    writeFileSync(join(run, "steps.jsonl"), `{oops}\n${readFileSync(join(run, "steps.jsonl"), "utf8")}`);
    await expect(drawRun(run)).rejects.toThrow(/steps\.jsonl: expected one JSON record a line/);
  }, 120_000);

  test("of a cold start has its losses", async () => {
    const { folder, options } = await tinyRun();
    const { model, dataset, outputDir } = options;
    await sft({
      ...{ model: model!, dataset: dataset!, evalDataset: dataset!, outputDir: outputDir! },
      ...{ maxSteps: 3, evalSteps: 1, threads: 1, learningRate: 1e-3 },
    });
    const svg = await drawRun(join(folder, "run"));
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["model trained on problems.jsonl with sft", "Loss, nats per token"]),
    );
    expect(texts(svg).filter((text) => /^(held out|training): /.test(text!))).toHaveLength(2);
  }, 120_000);

  test("of what is no run, or has measured nothing, is an error that says which", async () => {
    const folder = temporaryFolder();
    await expect(drawRun(folder)).rejects.toThrow(/expected the folder of a run/);
    mkdirSync(join(folder, "new"));
    writeFileSync(join(folder, "new", "options.yaml"), "# errata train\nalgorithm: nft\n");
    await expect(drawRun(join(folder, "new"))).rejects.toThrow(/got one that has not yet/);
  });
});
