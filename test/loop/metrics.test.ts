/** The table of metrics and what runs write are the same keys, none more on either side. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { metricsPage } from "../../scripts/metrics.ts";
import { sft, train } from "../../src/index.ts";
import { metricTable } from "../../src/run/metric-table.ts";
import type { EvalRecord, StepRecord } from "../../src/run/records.ts";
import { tinyRun } from "./tiny.ts";

vi.setConfig({ testTimeout: 300_000 });

const keysOf = (file: string): string[] =>
  metricTable.filter((group) => group.file === file).flatMap(({ rows }) => rows.map(({ key }) => key));

function linesOf<T>(folder: string, file: string): T[] {
  return readFileSync(join(folder, file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

test("docs/metrics.md is what the table of metrics prints", () => {
  const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  expect(page, "run npx tsx scripts/metrics.ts").toBe(metricsPage());
});

test("each key has one row", () => {
  for (const file of ["steps.jsonl", "evals.jsonl"])
    expect(keysOf(file).length, file).toBe(new Set(keysOf(file)).size);
});

test("runs of every objective write each key of the table, and none that it lacks", async () => {
  const { folder, options } = await tinyRun(6);
  const common = {
    ...options,
    model: options.model!,
    dataset: options.dataset!,
    evalDataset: options.dataset!,
    maxSteps: 1,
  };
  const steps = new Set<string>();
  const evals = new Set<string>();
  const read = (run: string) => {
    for (const { metrics, ...line } of linesOf<StepRecord>(run, "steps.jsonl")) {
      for (const key of Object.keys(metrics)) steps.add(key);
      // these are told above the table
      expect(["step", "skipped", "wrong"]).toEqual(expect.arrayContaining(Object.keys(line)));
    }
    for (const record of linesOf<EvalRecord>(run, "evals.jsonl"))
      for (const key of Object.keys(record)) evals.add(key);
  };
  const objectives = ["nft", "rft", "grpo", "dr_grpo", "dapo", "gspo", "cispo", "dpo", "naive"] as const;
  for (const algorithm of objectives) {
    const outputDir = join(folder, algorithm);
    const coarse = algorithm === "rft" ? ({ rolloutPrecision: "int8" } as const) : {};
    const chosen = algorithm === "nft" ? ({ problemSelection: "solve_rate" } as const) : {};
    await train({ ...common, ...coarse, ...chosen, algorithm, outputDir });
    read(outputDir);
  }
  // a verifier that reads answers out, so that there is a majority to take
  const math = { verifier: "math", evalNumGenerations: 2, filterGroupsEnable: false };
  await train({ ...common, ...math, outputDir: join(folder, "math") });
  read(join(folder, "math"));
  const scores = {
    verifier: (_: unknown, text: string) => text.length / 100,
    verifierNoiseFalseAccept: 0.5,
    outputDir: join(folder, "scores"),
  };
  await train({ ...common, ...scores, algorithm: "grpo" });
  read(scores.outputDir);
  const { model, dataset, evalDataset, maxSteps } = common;
  await sft({ model, dataset, evalDataset, maxSteps, threads: 1, outputDir: join(folder, "sft") });
  read(join(folder, "sft"));
  expect([...steps].sort()).toEqual(keysOf("steps.jsonl").sort());
  // what nobody asked for has no such key: test/loop/controls.test.ts
  expect([...evals, "asked"].sort()).toEqual(keysOf("evals.jsonl").sort());
});
