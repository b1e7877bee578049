import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { arms, methodsOf } from "../scripts/evidence/arms.ts";
import { collectFrom } from "../scripts/evidence/collect.ts";
import { ladder, rungs } from "../scripts/evidence/ladder.ts";
import { accuracyAt, passAt } from "../scripts/evidence/measures.ts";
import { multipleOfSlope, type Weight, weights } from "../scripts/evidence/pair-factor.ts";
import { puzzles } from "../scripts/evidence/puzzle.ts";
import { questions } from "../scripts/evidence/questions.ts";
import { chooseRates, readRates, triedMethods, withRate, writeRates } from "../scripts/evidence/rates.ts";
import type { RecordedRun } from "../scripts/evidence/record.ts";
import { rateSearches, secondComparisons } from "../scripts/evidence/second-arms.ts";
import { secondPage } from "../scripts/evidence/second-page.ts";
import { secondRequest } from "../scripts/evidence/second-runs.ts";
import { compare } from "../src/commands/compare/compare.ts";
import { planComparison } from "../src/commands/compare/plan.ts";
import { loadVerifier } from "../src/loop/verdicts/verifiers.ts";
import { tinyRun } from "./loop/tiny.ts";

const regime = fileURLToPath(new URL("../docs/evidence/second.yaml", import.meta.url));
const text = readFileSync(regime, "utf8");

describe("a matched pair", () => {
  /** Six answers from a softmax over four, of which two are right: every one of 4^6 groups, weighed by its chance. */
  const logits = [0.4, -0.2, 0.9, 0];
  const rights = [1, 0, 0, 1];
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const policy = logits.map((logit) => Math.exp(logit) / total);
  const q = policy[0]! + policy[3]!;
  const ANSWERS = 6;

  function enumerated(algorithm: "nft" | "rft", weight: Weight): number {
    // of the first logit, whose answer is right: d log π(a) = [a = 0] − π₀, and dq = π₀ (1 − q)
    let sum = 0;
    for (let group = 0; group < 4 ** ANSWERS; group++) {
      const answers = Array.from({ length: ANSWERS }, (_, i) => Math.floor(group / 4 ** i) % 4);
      const rate = answers.reduce((right, answer) => right + rights[answer]!, 0) / ANSWERS;
      if (rate === 0 || rate === 1) continue;
      const chance = answers.reduce((product, answer) => product * policy[answer]!, 1);
      for (const answer of answers) {
        const score = Number(answer === 0) - policy[0]!;
        const worth = rights[answer] ? 1 : algorithm === "nft" ? -rate / (1 - rate) : 0;
        sum += (chance * weights[weight](rate) * worth * score) / ANSWERS;
      }
    }
    return sum / (policy[0]! * (1 - q));
  }

  test.each([
    ["nft", "dr_grpo", 0.833],
    ["rft", "none", 0.994],
    ["nft", "none", 1.557],
    ["rft", "dr_grpo", 0.532],
    ["nft", "grpo", 1.821],
    ["nft", "maxrl", 2.472],
    ["rft", "inverse_rate", 2.572],
    ["rft", "inverse_wrong_rate", 2.164],
  ] as const)(
    "of %s, w = %s, climbs %f times the slope, as every group enumerated says",
    (algorithm, weight, known) => {
      const factor = multipleOfSlope(algorithm, weight, q, ANSWERS);
      expect(factor).toBeCloseTo(enumerated(algorithm, weight), 10);
      expect(multipleOfSlope(algorithm, weight, 0.362, ANSWERS)).toBeCloseTo(known, 2);
    },
  );
});

describe("the problems", () => {
  test("of the ladder are every second one hard, of one split, and different", () => {
    const [train, held] = [ladder(400, 42, "train"), ladder(256, 43, "test")];
    const prompts = [...train, ...held].map(({ prompt }) => prompt);
    expect(new Set(prompts).size).toBe(prompts.length);
    for (const [i, { extra }] of train.entries())
      expect(rungs[i % 2 === 0 ? "easy" : "hard"]).toContain(extra!.kind);
  });

  test("of the puzzle have a solution that their verifier calls right", async () => {
    const { judge } = await loadVerifier("countdown");
    for (const problem of puzzles(200, 42, "train")) {
      expect(await judge(problem, problem.solution!)).toMatchObject({ kind: "right" });
      expect(await judge(problem, "\\boxed{1}")).toMatchObject({ kind: "wrong" });
    }
  });
});

describe("the comparisons", () => {
  const prepared = {
    train: ["model=m", "dataset=d", "eval_dataset=e"],
    validation: ["model=m", "dataset=d", "eval_dataset=v"],
  };
  const rates = Object.fromEntries(
    Object.values(rateSearches)
      .flat()
      .map((method, i) => [method, { tried: {}, chosen: (i + 1) * 1e-5 }]),
  );
  const runs = { into: "runs/second", regime: { path: regime, text }, jobs: 1 };

  test.each(Object.keys(secondComparisons))(
    "%s plans, with what each method sets and the rate of its algorithm",
    (name) => {
      for (const quick of [true, false]) {
        const request = secondRequest(name, prepared, rates, { ...runs, quick });
        const plan = planComparison(request);
        const { seeds, task } = secondComparisons[name]!;
        expect(plan.seeds.length).toBe(quick ? 2 : seeds);
        for (const { method, options } of plan.runs) {
          expect(options.evalDataset).toBe(name in rateSearches ? "v" : "e");
          expect(options.threads).toBe(1);
          const algorithm = method.split(":")[0]!;
          if (!(name in rateSearches) && task !== "words")
            expect(options.learningRate).toBe(
              rates[algorithm.replace("dapo", "grpo").replace("dr_grpo", "grpo")]!.chosen,
            );
        }
      }
    },
  );

  test("have one to 32 updates of a step, and verdicts flipped where they say", () => {
    const updates = (name: string) => {
      const { options } = planComparison(secondRequest(name, prepared, rates, { ...runs, quick: false }))
        .runs[0]!;
      return (options.promptsPerStep / options.miniBatchSize) * options.numIterations;
    };
    expect([1, 2, 4, 16, 32].map((count) => updates(`updates-${count}`))).toEqual([1, 2, 4, 16, 32]);
    expect(updates("matched")).toBe(8);
    const noisy = planComparison(secondRequest("noise-15", prepared, rates, { ...runs, quick: false }))
      .runs[0]!.options;
    expect([noisy.verifierNoiseFalseAccept, noisy.verifierNoiseFalseReject]).toEqual([0.15, 0.15]);
  });

  test("have every arm that a question asks for", () => {
    for (const { arms: own, rows } of questions)
      for (const name of [...own, ...rows.flatMap((row) => row.arms)])
        expect(methodsOf(arms[name].comparison), name).toContain(arms[name].method);
  });
});

test("the rate of a method is the one that ends highest on the split of its own, and every run takes it", async () => {
  const { folder, options } = await tinyRun(16);
  const methods = triedMethods(["nft"], [3e-3, 1e-9]);
  const argv = [
    ...[`model=${options.model}`, `dataset=${options.dataset}`, `eval_dataset=${options.dataset}`],
    ...[
      `verifier=${options.verifier}`,
      "max_completion_length=32",
      "max_steps=2",
      "eval_steps=2",
      "warmup_steps=1",
    ],
    ...["num_generations=4", "eval_num_generations=4", "prompts_per_step=4", "threads=1", "output_dir="],
  ];
  const at = (name: string) => ({
    argv: [...argv.slice(0, -1), `output_dir=${join(folder, name)}`],
    seeds: 1,
    jobs: 1,
  });
  const { results } = await compare({ methods, ...at("rates"), quick: false });
  const chosen = chooseRates(results);
  const ends = results.runs.map(
    ({ method, evals }) => [Number(method.split("=")[1]), evals.accuracy.at(-1)!] as const,
  );
  const best = Math.max(...ends.map(([, end]) => end));
  expect(chosen.nft!.chosen).toBe(Math.min(...ends.flatMap(([rate, end]) => (end === best ? [rate] : []))));
  expect(chosen.nft!.tried).toEqual({ "0.003": ends[0]![1], "1e-9": ends[1]![1] });
  await writeRates(folder, chosen);
  expect(readRates(folder)).toEqual(chosen);
  expect(withRate("nft:normalize=grpo", chosen)).toBe(
    `nft:normalize=grpo,learning_rate=${chosen.nft!.chosen}`,
  );
  expect(withRate("dpo", chosen)).toBe("dpo");

  // and what is recorded of such runs, under the arm's own name
  const record = await collectFrom("matched", { methods, ...at("rates"), quick: false }, ["nft", "rft"]);
  expect(record.runs.map(({ method, ends: own }) => [method, own!.learningRate])).toEqual([
    ["nft", 3e-3],
    ["rft", 1e-9],
  ]);
  const [run] = record.runs as [RecordedRun];
  expect(run.ends!.passAt.k).toEqual([1, 2, 4]);
  expect(passAt(1)(run)).toBeCloseTo(run.evals.accuracy.at(-1)!, 5);
  expect(accuracyAt(run, 0)).toBe(run.evals.accuracy[0]);
  expect(accuracyAt(run, 1e12)).toBe(run.evals.accuracy.at(-1));
  const page = secondPage([record], chosen, text);
  expect(page).toContain("| Q1 | Wrong answers add to what is right at the first try | not measured |");
  expect(page).toMatch(/\| nft +\| +[\d.]+ \| +[\d.]+ \|/);
  expect(page).not.toContain("undefined");
  rmSync(folder, { recursive: true });
});
