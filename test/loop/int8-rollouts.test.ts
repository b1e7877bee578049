/** Rollouts of eight bits: the policy that sampled is the old one, and how far it is from the new one is told. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gather } from "../../src/loop/collect-groups.ts";
import { learn } from "../../src/loop/policy-update.ts";
import { rolloutGap } from "../../src/loop/session/rollout-gap.ts";
import { openTraining, type TrainSession } from "../../src/loop/session/train-session.ts";
import { train } from "../../src/loop/train.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { type TinyOptions, tinyRun } from "./tiny.ts";

let folder: string;
let options: TinyOptions;
beforeAll(async () => {
  const tiny = await tinyRun();
  folder = tiny.folder;
  options = {
    ...tiny.options,
    rolloutPrecision: "int8",
    maxCompletionLength: 24,
    evalSteps: 0,
    evalOnStart: false,
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a step of rollouts of eight bits", () => {
  let session: TrainSession;
  const events: RunEvent[] = [];
  beforeAll(async () => {
    const context = { onEvent: (event: RunEvent) => void events.push(event) };
    session = await openTraining({ ...options, learningRate: 1e-9, weightDecay: 0 }, context);
  });
  afterAll(() => session.close());

  test("learns against the log-probs that they were sampled with, scores none, and tells the gap", async () => {
    const groups = (await gather(session, 1, 0))!.kept;
    const before = session.engine.flops!.score;
    const { reports, rollouts, difference } = await learn(session, groups, 1);
    expect(session.engine.flops!.score).toBe(before);
    for (const { scored } of rollouts) expect(scored.logpsOld).toEqual(scored.rollout.logps);

    // the learning rate moves nothing to speak of: scored now, the answers have the log-probs of float32
    const sequences = rollouts.map(({ scored: { rollout } }) => ({
      prompt: rollout.prompt,
      completion: rollout.tokens,
    }));
    const scores = await session.engine.score(sequences, 1);
    const distances = rollouts.flatMap(({ scored: { rollout } }, i) =>
      Array.from(rollout.logps, (logp, t) => Math.abs(logp - scores[i]!.logps[t]!)),
    );
    expect(Math.max(...distances)).toBeGreaterThan(1e-4);
    const first = rollouts.filter(({ scored }) => scored.columns.group < 2).length;
    const own = rollouts
      .slice(0, first)
      .flatMap(({ scored: { rollout } }, i) =>
        Array.from(rollout.logps, (logp, t) => Math.abs(logp - scores[i]!.logps[t]!)),
      );
    expect(difference.mean).toBeCloseTo(own.reduce((sum, each) => sum + each, 0) / own.length, 5);
    expect(difference.max).toBeCloseTo(Math.max(...own), 5);
    expect(difference).toMatchObject({ p99: expect.any(Number), effectiveShare: expect.any(Number) });
    expect(reports[0]!.metrics["nft/ratio_right/mean"]).not.toBe(1);
    const texts = events.flatMap((event) => (event.kind === "check" ? [event.text] : []));
    expect(texts.join("\n")).toMatch(
      /sampled with eight bits, log-probs are .* an effective share of (0\.99\d|1\.000)/,
    );
  });

  test("warns once where the share is small", () => {
    const gap = { mean: 0.4, max: 5, p99: 2, effectiveShare: 0.7 };
    const warnings = () => events.filter(({ kind }) => kind === "warning").length;
    const before = warnings();
    session.checks.afterInt8({ ...gap, effectiveShare: 0.91 });
    expect(warnings()).toBe(before);
    session.checks.afterInt8(gap);
    session.checks.afterInt8(gap);
    expect(warnings()).toBe(before + 1);
    expect(events.at(-1)).toMatchObject({ text: expect.stringMatching(/share of 0\.700: below 0\.9/) });
  });
});

test("the gap is of every token, and the share that of importance weights", () => {
  const ratios = [Math.log(2), 0, Math.log(0.5), 0];
  const report = { perToken: [{ logps: Float32Array.from(ratios), push: new Float32Array(4) }] };
  const gap = rolloutGap([{ logpsOld: new Float32Array(4) }], report);
  expect(gap.mean).toBeCloseTo(Math.log(2) / 2, 6);
  expect(gap.max).toBeCloseTo(Math.log(2), 6);
  expect(gap.p99).toBeCloseTo(Math.log(2), 6);
  expect(gap.effectiveShare).toBeCloseTo(4.5 ** 2 / (4 * (4 + 1 + 0.25 + 1)), 6);
});

test("a run of them that was killed goes on as one that never stopped, to the last bit", async () => {
  const files = (run: string) => {
    const steps = readFileSync(join(run, "steps.jsonl"), "utf8").trim().split("\n");
    const metrics = steps.map((line) => {
      const kept = Object.entries(JSON.parse(line).metrics as Record<string, number>);
      return kept.filter(([key]) => !/^(timing_s|perf)\//.test(key));
    });
    const weights = readFileSync(join(run, "checkpoints", "step-0002", "model.safetensors"));
    return { metrics, weights, rollouts: readFileSync(join(run, "rollouts.jsonl"), "utf8") };
  };
  const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
  await train({ ...options, outputDir: whole, maxSteps: 2 });
  await train({ ...options, outputDir: parts, maxSteps: 1 });
  await train({ ...options, outputDir: parts, maxSteps: 2, resumeFromCheckpoint: parts });
  const [one, other] = [files(whole), files(parts)];
  expect(other.rollouts).toBe(one.rollouts);
  expect(other.metrics).toEqual(one.metrics);
  expect(other.weights.equals(one.weights)).toBe(true);
  const names = one.metrics[0]!.map(([name]) => name);
  expect(names).toContain("sampling/effective_share");
  expect(names).toContain("sampling/logp_difference/p99");
}, 240_000);

describe("the options", () => {
  const resolved = (...argv: string[]) =>
    resolveOptions("train", { argv: ["model=pocket", "dataset=pocket", ...argv] });

  test("take the sampled log-probs for the old policy's, and refuse others", () => {
    expect(resolved().options).toMatchObject({ rolloutPrecision: "float32", recomputeLogprobs: false });
    expect(resolved("rollout_precision=int8").options.recomputeLogprobs).toBe(false);
    expect(() => resolved("rollout_precision=int8", "recompute_logprobs=true")).toThrow(
      /recompute_logprobs .*expected false, as rollout_precision is int8/s,
    );
  });

  test("refuse eight bits on a server, before one is asked", () => {
    expect(() => resolved("rollout_precision=int8", "engine=http://127.0.0.1:9", "lora_rank=8")).toThrow(
      /rollout_precision .*expected float32, as engine is a server/s,
    );
  });
});
