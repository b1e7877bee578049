import { describe, expect, test } from "vitest";
import { estimateRun, estimateStep } from "../../src/commands/doctor/estimate.ts";
import { digits, size, time } from "../../src/commands/doctor/finding.ts";
import { lengthOf } from "../../src/commands/doctor/measure-sampling.ts";
import type { Completion } from "../../src/engine/engine.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

const speeds = {
  ...{ secondsPerToken: 0.001, secondsPerPromptToken: 0.0001, secondsPerVerdict: 0.002 },
  ...{ secondsPerDecodingStep: 0, scoredPerSecond: 1000, updatedPerSecond: 500, optimizerSeconds: 0.25 },
};
const lengths = { prompt: 10, answer: 20 };
const options = (...argv: string[]) => resolveOptions("train", { argv, incomplete: true }).options;

describe("a step's estimate", () => {
  test("is each unit of work times its price", () => {
    const words = ["prompts_per_step=6", "num_generations=4", "mini_batch_size=4", "num_iterations=2"];
    const given = options(...words, "recompute_logprobs=true");
    const { seconds, learntTokens, updates } = estimateStep(given, speeds, lengths);
    expect(learntTokens).toBe(6 * (10 + 4 * 20));
    expect(updates).toBe(4);
    expect(seconds.sample).toBeCloseTo(6 * 4 * 20 * 0.001 + 6 * 10 * 0.0001, 12);
    expect(seconds.verify).toBeCloseTo(24 * 0.002, 12);
    expect(seconds.score).toBeCloseTo(0.54, 12);
    expect(seconds.update).toBeCloseTo(2 * 1.08, 12);
    expect(seconds.optimizer).toBeCloseTo(1, 12);
    expect(seconds.step).toBeCloseTo(0.486 + 0.048 + 0.54 + 2.16 + 1, 12);
  });

  test("scores one group as a check where the sampled log-probs are taken, and none of eight bits", () => {
    const scored = (...words: string[]) =>
      estimateStep(options("prompts_per_step=6", "num_generations=4", ...words), speeds, lengths);
    expect(scored().scoredTokens).toBeCloseTo(10 + 4 * 20, 12);
    expect(scored().seconds.score).toBeCloseTo(0.09, 12);
    expect(scored("rollout_precision=int8").seconds.score).toBe(0);
    expect(scored("recompute_logprobs=true").scoredTokens).toBe(6 * 90);
  });

  test("takes a round more for problems that it could not learn from, and its decoding steps", () => {
    const given = options("prompts_per_step=6", "num_generations=4", "mini_batch_size=4", "num_iterations=2");
    const shape = { ...lengths, rounds: 1.5, problems: 5, learntAnswer: 22, longest: 40 };
    const stepping = { ...speeds, secondsPerDecodingStep: 0.01 };
    const { seconds, learntTokens, updates, sampledAnswers } = estimateStep(given, stepping, shape);
    expect(sampledAnswers).toBe(36);
    expect(learntTokens).toBe(5 * (10 + 4 * 22));
    expect(updates).toBe(4);
    expect(seconds.sample).toBeCloseTo(36 * 20 * 0.001 + 9 * 10 * 0.0001 + 60 * 0.01, 12);
    expect(seconds.verify).toBeCloseTo(36 * 0.002, 12);
  });

  test("samples a round of gen_batch_size where groups are filtered, and of prompts_per_step where not", () => {
    const words = ["prompts_per_step=6", "mini_batch_size=2", "gen_batch_size=18"];
    expect(estimateStep(options(...words), speeds, lengths).round).toBe(18);
    expect(estimateStep(options(...words, "--no-filter-groups"), speeds, lengths).round).toBe(6);
  });
});

describe("a run's estimate", () => {
  const rest = { heldOut: 100, checkpoint: 2e9, bytesPerSecond: 1e9 };

  test.each([
    [1, 10, 10],
    [7, 3, 2],
    [9, 3, 3],
    [10, 0, 1],
    [12, 5, 20],
  ])(
    "of %i steps counts evaluations every %i and checkpoints every %i as the loop makes them",
    (...counts) => {
      const [maxSteps, evalSteps, saveSteps] = counts as [number, number, number];
      // as in loop/train.ts: what is due before the last step, and both at the end
      const before = Array.from({ length: maxSteps - 1 }, (_, i) => i + 1);
      const evaluations = 1 + before.filter((step) => evalSteps > 0 && step % evalSteps === 0).length + 1;
      const checkpoints = before.filter((step) => step % saveSteps === 0 || step === 1).length + 1;
      const given = options(`max_steps=${maxSteps}`, `eval_steps=${evalSteps}`, `save_steps=${saveSteps}`);
      const run = estimateRun(given, speeds, lengths, 5, rest);
      expect([run.evaluations, run.checkpoints]).toEqual([evaluations, checkpoints]);
      const evaluation = 100 * (20 * 0.001 + 0.002) + 100 * 10 * 0.0001;
      expect(run.seconds).toBeCloseTo(5 * maxSteps + evaluations * evaluation + checkpoints * 2, 9);
    },
  );

  test("without held-out problems has no evaluation", () => {
    expect(estimateRun(options(), speeds, lengths, 5, { ...rest, heldOut: 0 }).evaluations).toBe(0);
  });
});

describe("the length of answers", () => {
  const answer = (length: number, stop: "eos" | "length"): Completion => ({
    tokens: new Int32Array(length),
    logps: new Float32Array(length),
    entropies: new Float32Array(length),
    stop,
  });

  test("is their mean where all have ended, and where they were let grow to the longest allowed", () => {
    expect(lengthOf([[answer(2, "eos"), answer(5, "eos")]], 64).mean).toBe(3.5);
    expect(lengthOf([[answer(2, "eos"), answer(8, "length")]], 8).mean).toBe(5);
  });

  test("is the longest allowed where none has ended", () => {
    expect(lengthOf([[answer(4, "length"), answer(4, "length")]], 300).mean).toBe(300);
  });

  test("is told from the first tokens where each token ends an answer as often as the last", () => {
    // every token ends one in fifty: 50 tokens on average, less what 400 cut off; ten tokens are seen
    let alive = 10_000;
    const seen: Completion[] = [];
    for (let t = 1; t <= 10; t++) {
      const ends = Math.round(alive / 50);
      for (let i = 0; i < ends; i++) seen.push(answer(t, "eos"));
      alive -= ends;
    }
    for (let i = 0; i < alive; i++) seen.push(answer(10, "length"));
    const { mean, ended, answers, longest } = lengthOf([seen], 400);
    expect(mean).toBeGreaterThan(48);
    expect(mean).toBeLessThan(52);
    expect([ended, answers, longest]).toEqual([10_000 - alive, 10_000, 10]);
  });
});

test("numbers are said as a person says them", () => {
  expect([digits(0.12345), digits(12.345), digits(1234.5), digits(0)]).toEqual([
    "0.123",
    "12.3",
    "1,235",
    "0",
  ]);
  expect([size(1.234e7), size(25.3e9)]).toEqual(["12.3 MB", "25.3 GB"]);
  expect([12e-6, 0.0123, 3.28, 59.7, 250, 7500].map(time)).toEqual([
    ...["12 µs", "12.3 ms", "3.28 s", "1 min 00 s", "4 min 10 s", "2 h 05 min"],
  ]);
});
