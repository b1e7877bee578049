import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { CostLine } from "../../src/commands/costs/cost-line.ts";
import { gpuStepSeconds } from "../../src/commands/costs/gpu-step.ts";
import { type MeasuredRun, measuredRun } from "../../src/commands/costs/measured-run.ts";
import { type CostRequest, planCosts } from "../../src/commands/costs/plan-costs.ts";
import { readPriceList } from "../../src/commands/costs/price-list.ts";
import { expectedRounds } from "../../src/commands/costs/step-shape.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

/** Runs of the pocket model, in processor seconds: test/fixtures/steps/README.md. */
const recorded = (name: string) => fileURLToPath(new URL(`../fixtures/steps/${name}`, import.meta.url));
const runs = ["8x8", "32x8", "16x16"] as const;

const plan = async (run: MeasuredRun, words: readonly string[], request: CostRequest = {}) => {
  const sources = { argv: words, config: run.config, incomplete: true } as const;
  return planCosts(resolveOptions("train", sources).options, { measured: run, ...request });
};
const numberOf = (lines: readonly CostLine[], name: string, value = "seconds") =>
  lines.find((line) => line.name === name)!.values![value]!;

/** A run's folder with steps of these metrics. */
function runOf(options: string, steps: readonly Readonly<Record<string, number>>[]): string {
  const folder = mkdtempSync(join(tmpdir(), "errata-"));
  writeFileSync(join(folder, "options.yaml"), options);
  for (const [i, metrics] of steps.entries())
    appendFileSync(join(folder, "steps.jsonl"), `${JSON.stringify({ step: i + 1, metrics })}\n`);
  return folder;
}

describe("a run's first steps", () => {
  const pairs = runs.flatMap((from) => runs.filter((to) => to !== from).map((to) => [from, to] as const));

  test.each(pairs)("of %s tell a step of %s within 30 percent", async (from, to) => {
    const [measured, planned] = await Promise.all([measuredRun(recorded(from)), measuredRun(recorded(to))]);
    const target = { config: planned.config, incomplete: true } as const;
    const lines = await planCosts(resolveOptions("train", target).options, { measured });
    const { sample, score, update, step } = planned.mean.seconds;
    const off = (name: string, taken: number) => Math.round(100 * (numberOf(lines, name) / taken - 1));
    console.log(
      `${from} for ${to}: step ${off("step", step)} %, sampling ${off("sampling", sample)} %, old log-probs ${off("old log-probs", score)} %, update ${off("update", update)} %`,
    );
    expect(Math.abs(off("step", step))).toBeLessThanOrEqual(30);
  });

  test.each(runs)("of %s tell its own step exactly, where as many problems are found", async (name) => {
    const run = await measuredRun(recorded(name));
    const { rounds, prompt, answer, seconds } = run.mean;
    const lines = await plan(run, [], { rounds, prompt, answer });
    // the longest answer is taken to be its limit where one was cut off, and else its mean over the steps
    if (run.mean.cutRate === 0) expect(numberOf(lines, "sampling")).toBeCloseTo(seconds.sample, 9);
    expect(numberOf(lines, "update")).toBeCloseTo(seconds.update, 9);
    expect(numberOf(lines, "old log-probs")).toBeCloseTo(seconds.score, 9);
  });

  test("leave out the first, which compiles", async () => {
    const folder = mkdtempSync(join(tmpdir(), "errata-"));
    cpSync(recorded("8x8"), folder, { recursive: true });
    const lines = readFileSync(join(folder, "steps.jsonl"), "utf8");
    const slow = lines.replace(/"timing_s\/gen":[\d.]+/, '"timing_s/gen":1000');
    writeFileSync(join(folder, "steps.jsonl"), slow);
    expect((await measuredRun(folder)).mean).toEqual((await measuredRun(recorded("8x8"))).mean);
  });

  test("give evaluations their seconds", async () => {
    const run = await measuredRun(recorded("16x16"));
    const records = readFileSync(join(recorded("16x16"), "evals.jsonl"), "utf8")
      .trim()
      .split("\n");
    const seconds = records.map((line) => (JSON.parse(line) as { seconds: number }).seconds);
    const each = seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
    const lines = await plan(run, ["max_steps=20", "eval_steps=5"]);
    expect(numberOf(lines, "time")).toBeCloseTo(20 * numberOf(lines, "step") + 5 * each, 9);
    const larger = await plan(run, ["max_steps=20", "eval_steps=20", "eval_dataset_size=512"]);
    expect(numberOf(larger, "time")).toBeCloseTo(20 * numberOf(larger, "step") + 2 * 2 * each, 9);
  });

  test("of another model are refused, and taken on GPUs", async () => {
    const run = await measuredRun(recorded("8x8"));
    await expect(plan(run, ["lora_rank=8"])).rejects.toThrow(
      /expected a run of pocket, adapters of rank 8.*got pocket, all weights/s,
    );
  });

  test("there have to be", async () => {
    const none = runOf("# errata train\nmodel: pocket\n", []);
    await expect(measuredRun(none)).rejects.toThrow(/expected a step that was learnt from, got none yet/);
    const sft = runOf("# errata sft\nmodel: pocket\n", [{}]);
    await expect(measuredRun(sft)).rejects.toThrow(/a run of errata train, got one of errata sft/);
    const empty = mkdtempSync(join(tmpdir(), "errata-"));
    mkdirSync(join(empty, "x"));
    await expect(measuredRun(empty)).rejects.toThrow(/folder of a run/);
  });
});

describe("a run on GPUs", () => {
  const { models, hardware } = readPriceList();
  const options = `# errata train
model: Qwen/Qwen2.5-7B
prompts_per_step: 64
num_generations: 16
mini_batch_size: 8
max_completion_length: 2000
filter_groups.enable: false
`;
  const worked = gpuStepSeconds({
    ...{ model: models["Qwen2.5-7B"]!, hardware: hardware.H100!, gpus: 8, gpusPerCopy: 1 },
    ...{ sampled: 1024, trained: 1024, prompt: 100, answer: 500, longest: 2000, forwards: 1 },
    adapters: undefined,
  });
  const metrics = {
    ...{ "groups/sampled": 64, "groups/kept": 64, "groups/effective_ratio": 0.5 },
    ...{ "train/num_gen_batches": 1, "actor/answers": 1024, "prompt_length/mean": 100 },
    ...{ "perf/tokens": 1024 * 500, "perf/tokens_discarded": 0, "response_length/max": 1900 },
    "timing_s/gen": 2 * (worked.decode + worked.transfer),
    "timing_s/verify": 3,
    "timing_s/old_log_prob": 1.5 * worked.forwards,
    "timing_s/update_actor": 1.25 * worked.train,
    "timing_s/step": 100,
  };

  test("corrects each phase of another by how much longer its own took", async () => {
    const run = await measuredRun(runOf(options, [metrics, metrics]));
    const words = ["prompts_per_step=256", "max_completion_length=4000"];
    const [plain, corrected] = await Promise.all(
      [{ answer: 500, prompt: 100 }, { measured: run }].map((said) =>
        planCosts(resolveOptions("train", { argv: words, config: run.config, incomplete: true }).options, {
          ...{ hardware: "H100", ...said },
        }),
      ),
    );
    const ratio = (name: string) => numberOf(corrected!, name) / numberOf(plain!, name);
    expect(ratio("decode")).toBeCloseTo(2, 9);
    expect(ratio("transfer")).toBeCloseTo(2, 9);
    expect(ratio("old log-probs")).toBeCloseTo(1.5, 9);
    expect(ratio("update")).toBeCloseTo(1.25, 9);
    expect(numberOf(corrected!, "verdicts")).toBeCloseTo(12, 9);
    const phases = ["decode", "old log-probs", "update", "transfer", "verdicts"];
    const all = phases.reduce((sum, name) => sum + numberOf(corrected!, name), 0);
    expect(numberOf(corrected!, "step")).toBeCloseTo(all, 9);
  });

  test("plans itself to the seconds that it took", async () => {
    const run = await measuredRun(runOf(options, [metrics, metrics]));
    const lines = await plan(run, [], { hardware: "H100" });
    const { sample, verify, score, update } = run.mean.seconds;
    expect(numberOf(lines, "step")).toBeCloseTo(sample + verify + score + update, 9);
  });

  test("says that longer answers were cut off", async () => {
    const run = await measuredRun(runOf(options, [{ ...metrics, "response_length/clip_ratio": 0.2 }]));
    const names = async (words: readonly string[]) =>
      (await plan(run, words, { hardware: "H100" })).map(({ name }) => name);
    expect(await names([])).not.toContain("cut answers");
    expect(await names(["max_completion_length=4000"])).toContain("cut answers");
  });
});

describe("rounds until enough problems are solved in part", () => {
  test("are those of the binomial distribution", () => {
    // at most three rounds of two: Pr(X₂ < 2) = 3/4, Pr(X₄ < 2) = 5/16, Pr(X₆ = 0, 1) = 1/64, 6/64
    expect(expectedRounds(2, 2, 0.5, 3)).toEqual({
      rounds: expect.closeTo(1 + 3 / 4 + 5 / 16, 12),
      problems: expect.closeTo(2 * (57 / 64) + 6 / 64, 12),
    });
  });

  test("are one where all are, and the most where none is", () => {
    expect(expectedRounds(512, 1536, 1, 10)).toEqual({ rounds: 1, problems: 512 });
    expect(expectedRounds(512, 1536, 0, 10)).toEqual({ rounds: 10, problems: 0 });
  });

  test("of the paper's size are one where half of the problems teach, and two where a quarter does", () => {
    expect(expectedRounds(512, 1536, 0.5, 10)).toEqual({
      rounds: expect.closeTo(1, 6),
      problems: expect.closeTo(512, 6),
    });
    expect(expectedRounds(512, 1536, 0.25, 10).rounds).toBeCloseTo(2, 6);
  });
});
