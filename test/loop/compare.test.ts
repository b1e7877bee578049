import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readFlags } from "../../src/app/cli/arguments.ts";
import { command, requestOf } from "../../src/app/cli/commands/compare.ts";
import { compare } from "../../src/commands/compare/compare.ts";
import { planComparison } from "../../src/commands/compare/plan.ts";
import { comparePlots } from "../../src/commands/compare/plots.ts";
import { compareReport } from "../../src/commands/compare/report.ts";
import type { ComparedRun, CompareResults, StepSeries } from "../../src/commands/compare/results.ts";
import { stepSeries } from "../../src/commands/compare/results.ts";
import { flopsBy, summarize } from "../../src/commands/compare/summary.ts";
import { meanInterval } from "../../src/statistics/intervals.ts";
import { tQuantile } from "../../src/statistics/student.ts";
import { tinyRun } from "./tiny.ts";

const settings = ["--model", "m", "--dataset", "pocket", "--eval-dataset", "pocket"];
const asked = (words: readonly string[]) => requestOf(readFlags("compare", command, words));
const planned = (...words: string[]) => planComparison(asked(words));

describe("a comparison's request", () => {
  test("is methods first, then its own flags among the options of train", () => {
    expect(
      asked([
        "nft",
        "rft:normalize=dr_grpo",
        "./mine.ts",
        "--seeds",
        "5",
        "--lr",
        "1e-4",
        "jobs=2",
        "max_steps=3",
      ]),
    ).toEqual({
      methods: ["nft", "rft:normalize=dr_grpo", "./mine.ts"],
      seeds: 5,
      jobs: 2,
      quick: false,
      argv: ["--lr", "1e-4", "max_steps=3"],
    });
    expect(asked(["nft", "--quick"])).toMatchObject({ quick: true, seeds: 2, jobs: 1 });
  });

  test("is not of several runs at once on a server whose weight decay reaches them all", () => {
    const there = [...settings, "--engine", "http://127.0.0.1:9", "--lora-rank", "4", "--jobs", "2"];
    expect(() => planned("nft", ...there)).toThrow(/--jobs: expected 1: .*weight decay.*\n.*weight_decay 0/);
    expect(planned("nft", ...there, "weight_decay=0", "--seeds", "2").runs).toHaveLength(2);
  });

  test("becomes runs that differ in method and seed alone, seed by seed", () => {
    const { runs } = planned(
      "nft:clamp_negative=0.5,normalize=grpo",
      "grpo",
      "--seeds",
      "2",
      ...settings,
      "seed=7",
    );
    expect(runs.map(({ method, seed }) => [method.slice(0, 4), seed])).toEqual([
      ["nft:", 7],
      ["grpo", 7],
      ["nft:", 8],
      ["grpo", 8],
    ]);
    expect(runs[0].options).toMatchObject({
      algorithm: "nft",
      clampNegative: 0.5,
      normalize: "grpo",
      seed: 7,
    });
    const { algorithm: _, outputDir: folder, clampNegative: _c, normalize: _n, ...first } = runs[0].options;
    const { algorithm: name, outputDir: _f, clampNegative: _d, normalize: _m, ...second } = runs[1].options;
    expect(second).toEqual(first);
    expect(name).toBe("grpo");
    expect(folder).toMatch(/nft-clamp_negative=0\.5-normalize=grpo-seed-7$/);
  });

  test("is quick where asked, and what is typed goes before that", () => {
    const [run] = planned("nft", "--quick", ...settings, "max_steps=4").runs;
    expect(run.options).toMatchObject({ maxSteps: 4, promptsPerStep: 8 });
  });

  test("that is wrong says what to do", () => {
    expect(() => planned(...settings)).toThrow(/one or more of nft/);
    expect(() => planned("nft", "nft", ...settings)).toThrow(/nft twice/);
    expect(() => planned("ppo", ...settings)).toThrow(/one of nft, rft/);
    expect(() => planned("nft", "foo")).toThrow(
      /^errata compare METHOD: .*got foo\.\n.*\nerrata compare: expected a model.*\n.*\nerrata compare: expected a data set/,
    );
    expect(() => planned("rft", "dpo", ...settings, "neg_weight=0.5")).toThrow(
      /an option that rft or dpo reads, got neg_weight, which is read by nft, naive/,
    );
    expect(() => planned("nft", "--seeds", "0", ...settings)).toThrow(/whole number/);
    expect(() => planned("nft", ...settings.slice(0, 4))).toThrow(/held-out/);
  });
});

describe("Student's interval", () => {
  test("is wide for few runs and normal for many", () => {
    // R: qt(0.975, c(1, 2, 4, 30, 31, 60, 120))
    const known = { 1: 12.7062, 2: 4.30265, 4: 2.77645, 30: 2.04227, 31: 2.03951, 60: 2.0003, 120: 1.97993 };
    for (const [freedom, quantile] of Object.entries(known))
      expect(tQuantile(Number(freedom)), freedom).toBeCloseTo(quantile, 3);
    expect(tQuantile(1e6)).toBeCloseTo(1.96, 3);
    const { mean, low, high } = meanInterval([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(high - mean).toBeCloseTo(2.7764 * Math.sqrt(2.5 / 5), 3);
    expect(mean - low).toBeCloseTo(high - mean, 12);
    expect(meanInterval([2]).high).toBe(Number.POSITIVE_INFINITY);
  });
});

/** Four steps with an evaluation after each second one. */
function run(method: string, seed: number, accuracy: number[]): ComparedRun {
  const steps = Object.fromEntries(
    Object.keys(stepSeries).map((name) => [name, [1, 2, null, 4]]),
  ) as unknown as Record<StepSeries, (number | null)[]>;
  const evals = {
    step: [0, 2, 4],
    accuracy,
    entropy: [1, 0.9, 0.8 - 0.01 * seed],
    length: [10, 11, 12],
    truncated: [0, 0, 0.25],
  };
  const last = accuracy.at(-1)!;
  const passAt = [1, 2, 4].map((k) => ({ k, rate: 1 - (1 - last) ** k }));
  return { method, seed, finished: true, steps, evals, passAt, peakMemory: 1 + seed };
}

const results: CompareResults = {
  ...{ model: "pocket", dataset: "pocket", evalDataset: "pocket", evalProblems: 256, maxSteps: 4, jobs: 1 },
  methods: ["a", "b", "c"],
  seeds: [1, 2, 3],
  runs: [
    run("a", 1, [0.2, 0.3, 0.5]),
    run("b", 1, [0.2, 0.5, 0.6]),
    run("a", 2, [0.3, 0.4, 0.6]),
    run("b", 2, [0.3, 0.6, 0.7]),
    run("a", 3, [0.3, 0.4, 0.65]),
    run("b", 3, [0.3, 0.6, 0.75]),
    { ...run("c", 1, [0.2, 0.1, 0.1]), finished: false },
  ],
};

describe("a comparison's summary", () => {
  const { methods, differences } = summarize(results);

  test("pairs runs of the same seed, so that what seeds share does not blur it", () => {
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({ first: "a", second: "b", pairs: 3 });
    expect(differences[0].final.mean).toBeCloseTo(0.1, 12);
    expect(differences[0].final.high - differences[0].final.low).toBeLessThan(1e-9);
    expect(methods[0].final.high - methods[0].final.low).toBeGreaterThan(0.3);
    expect(differences[0].average.mean).toBeCloseTo(0.15, 12);
  });

  test("has pass@k of each method and of their difference, pair by pair, and tells it in a table", () => {
    const [a] = methods;
    expect(a!.passAt.map(({ k }) => k)).toEqual([1, 2, 4]);
    expect(a!.passAt[0]!.mean).toBeCloseTo(a!.final.mean, 5);
    const [difference] = differences;
    expect(difference!.passAt[1]!.mean).toBeCloseTo((0.84 + 0.91 + 0.9375 - 0.75 - 0.84 - 0.8775) / 3, 12);
    // of three pairs a bound would need a wider quantile for three means than for one
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    expect(width(a!.passAt[0]!)).toBeGreaterThan(1.02 * width(a!.final));
    const report = compareReport(results, { methods, differences });
    expect(report).toMatch(/\| b − a +\| +10\.0 \| +7\.3 \[/);
    const alone = { ...results, runs: results.runs.map((one) => ({ ...one, passAt: [] })) };
    expect(compareReport(alone, summarize(alone))).not.toContain("pass@");
  });

  test("prices the way to the lowest final rate, which every method reaches", () => {
    const [a, b] = methods.map(({ toTarget }) => toTarget);
    expect(a).toMatchObject({ reached: 2, steps: 4 });
    expect(a.rate).toBeCloseTo((0.5 + 0.6 + 0.65) / 3, 12);
    expect(b).toMatchObject({ reached: 3, rate: a.rate });
    expect(b.steps).toBeCloseTo((4 + 2 + 2) / 3, 12);
    // three series of FLOPs, 1 + 2 by step 2
    expect(flopsBy(results.runs[0], 2)).toBe(9);
    expect(summarize(results, 0.9).methods[0].toTarget.reached).toBe(0);
  });

  test("of runs on a server, which tells no FLOPs, has none, and no axis of them", () => {
    const none = results.runs[0]!.steps.flopsRollout.map(() => null);
    const told = { flopsRollout: none, flopsScore: none, flopsUpdate: none };
    const runs = results.runs.map((one) => ({ ...one, steps: { ...one.steps, ...told } }));
    const there = { ...results, runs };
    const summary = summarize(there);
    expect(summary.methods[0]!.cost.flops).toEqual({
      rollout: Number.NaN,
      score: Number.NaN,
      update: Number.NaN,
    });
    expect(summary.methods[0]!.toTarget).toMatchObject({ reached: 2, steps: 4, flops: Number.NaN });
    expect(compareReport(there, summary)).toMatch(/\| a +\|( +– \|){4}/);
    const picture = comparePlots(there)["accuracy.svg"]!;
    expect(picture).not.toContain("training FLOPs");
    expect(picture.match(/<polyline points="\d/g)).toHaveLength(6);
  });

  test("leaves out what has not finished, and says how much of the plan has", () => {
    expect(methods.map(({ method }) => method)).toEqual(["a", "b"]);
    const report = compareReport(results, { methods, differences });
    expect(report).toContain("6 of 9 runs finished. Brackets are 95 % intervals");
    // three pairs that all differ by the same: no width to print
    expect(report).toMatch(/\| b − a +\| +3 \| +10\.0 \| +15\.0 \|/);
    for (const line of report.split("\n").filter((line) => line.startsWith("|")))
      expect(line.split("|").length).toBeGreaterThan(4);
  });

  test("of two seeds gives means alone, and says that they are too few", () => {
    const two = { ...results, seeds: [1, 2], runs: results.runs.filter(({ seed }) => seed < 3) };
    const report = compareReport(two, summarize(two));
    expect(report).not.toMatch(/\[-?[\d.]+, -?[\d.]+\]/);
    expect(report).toContain("With fewer than 3 seeds no interval is given");
    expect(report).toContain("Too few seeds to tell a difference");
    for (const svg of Object.values(comparePlots(two)).slice(0, 4)) {
      expect(svg).not.toContain("<polygon");
      expect(svg).toContain("2 seeds: too few for an interval");
    }
  });

  test("is drawn as well-formed pictures, a curve for each method that ran", () => {
    const plots = comparePlots(results);
    expect(Object.keys(plots)).toEqual([
      "accuracy.svg",
      "entropy.svg",
      "length.svg",
      "gradient-norm.svg",
      "solve-rates.svg",
    ]);
    for (const svg of Object.values(plots)) {
      expect(svg).toMatch(/^<svg [^>]+>[\s\S]*<\/svg>\n$/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg).toMatch(/<svg[^>]* role="img" aria-label="[^"]+"/);
      expect(svg.match(/<g[ >]/g)!.length).toBe(svg.match(/<\/g>/g)!.length);
    }
    expect(plots["accuracy.svg"].match(/<polyline points="\d/g)).toHaveLength(9);
  });
});

describe("a comparison", () => {
  test("stops, goes on where it was, and leaves one folder with every run, the numbers and the pictures", async () => {
    const { folder, options } = await tinyRun();
    const words = [
      ...["nft", "grpo", "--seeds", "1", "--model", options.model!, "--dataset", options.dataset!],
      ...["--eval-dataset", options.dataset!, "--verifier", options.verifier!],
      ...["prompts_per_step=4", "mini_batch_size=2", "num_generations=4", "max_completion_length=40"],
      ...[
        "max_steps=2",
        "eval_steps=1",
        "learning_rate=1e-3",
        "threads=1",
        `output_dir=${join(folder, "all")}`,
      ],
    ];
    const stop = new AbortController();
    const first = await compare(asked(words), {
      signal: stop.signal,
      onEvent: (planned, event) => planned.method === "grpo" && event.kind === "step" && stop.abort(),
    });
    expect(first.finished).toBe(false);
    expect(existsSync(join(folder, "all/runs/nft-seed-42/finished.json"))).toBe(true);
    expect(existsSync(join(folder, "all/runs/grpo-seed-42/finished.json"))).toBe(false);

    const ran: string[] = [];
    const second = await compare(asked(words), {
      onEvent: (planned, event) => event.kind === "start" && ran.push(`${planned.method} ${event.resumedAt}`),
    });
    expect(second.finished).toBe(true);
    expect(ran).toEqual(["grpo 1"]);
    expect(readdirSync(join(folder, "all")).sort()).toEqual([
      ...["accuracy.svg", "entropy.svg", "gradient-norm.svg", "length.svg", "results.json", "runs"],
      ...["solve-rates.svg", "summary.json", "summary.md"],
    ]);
    const [nft, grpo] = second.results.runs;
    // the same base on the same problems
    expect(grpo.evals.accuracy[0]).toBe(nft.evals.accuracy[0]);
    expect(grpo.evals.step).toEqual([0, 1, 2]);
    expect(grpo.steps.flopsUpdate.every((value) => value !== null && value > 0)).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, "all/results.json"), "utf8"))).toEqual(second.results);
  }, 180_000);

  test("that cannot run says which run failed and why", async () => {
    const { folder, options } = await tinyRun();
    const words = ["nft", "--seeds", "1", "--model", join(folder, "nothing"), "--dataset", options.dataset!];
    const request = asked([
      ...words,
      ...["--eval-dataset", options.dataset!, "--verifier", options.verifier!],
      `output_dir=${join(folder, "x")}`,
    ]);
    await expect(compare(request)).rejects.toThrow(/^nft, seed 42: .*nothing/);
  });
});
