import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EngineError } from "../../src/errors.ts";
import { nft } from "../../src/loop/objectives/nft.ts";
import { sft } from "../../src/loop/objectives/sft.ts";

import { openPolicy } from "../../src/loop/session/open-policy.ts";
import {
  checkRatio,
  checkReload,
  checkUpdate,
  logpDifference,
  tooLarge,
} from "../../src/loop/session/self-checks.ts";
import { train } from "../../src/loop/train.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { tinyRun } from "./tiny.ts";

const report = {
  loss: 0,
  gradNorm: 1,
  updateNorm: 1,
  entropy: 1,
  tokens: 1,
  microBatches: 1,
  seconds: { forward: 0, head: 0, backward: 0, optimizer: 0 },
  metrics: {},
};
const step = {
  number: 1,
  ...{ learningRate: 0.01, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ...{ maxGradNorm: 1, lossScale: 1, temperature: 1 },
};
const completion = (...logps: number[]) => ({
  tokens: new Int32Array(logps.length),
  logps: Float32Array.from(logps),
  entropies: new Float32Array(logps.length),
  stop: "eos" as const,
});

describe("the check of", () => {
  test("the ratio fails where sampling and scoring disagree, or give no number", () => {
    expect(
      logpDifference([completion(-1, -2), completion(-3)], [completion(-1, -2.5), completion(-3)]),
    ).toEqual({
      mean: 0.5 / 3,
      max: 0.5,
    });
    expect(checkRatio({ mean: 1e-6, max: 1e-5 }, 1e-3)).toMatch(/agree/);
    expect(() => checkRatio({ mean: 0.1, max: 0.5 }, 1e-3)).toThrow(EngineError);
    expect(() => checkRatio(logpDifference([completion(Number.NaN)], [completion(-1)]), 1e-3)).toThrow(/NaN/);
  });

  test("the first update fails where nothing changed, and says why", () => {
    expect(checkUpdate(report, 1e-6)).toMatch(/moved the weights/);
    expect(() => checkUpdate({ ...report, updateNorm: 0 }, 0)).toThrow(/learning_rate is 0/);
    expect(() => checkUpdate({ ...report, updateNorm: 0, gradNorm: 0 }, 1)).toThrow(
      /No answer had a gradient/,
    );
    expect(() => checkUpdate({ ...report, updateNorm: Number.NaN }, 1)).toThrow(/Lower learning_rate/);
  });

  test("an update tells where it moved the weights about as far as they reach", () => {
    expect(tooLarge({ ...report, updateNorm: 13_000, weightNorm: 42 }, 10)).toMatch(
      /moved the weights by 1\.3e\+4, 3\.1e\+2 times their own norm of 4\.2e\+1.*destroyed.*far below 10$/,
    );
    expect(tooLarge({ ...report, updateNorm: 4, weightNorm: 42 }, 1e-2)).toBeUndefined();
    expect(tooLarge({ ...report, updateNorm: 13_000 }, 10)).toBeUndefined();
  });

  test("an update warns once of a learning rate that destroys the model, and not of one that teaches it", async () => {
    const { folder, options } = await tinyRun();
    const warnings = async (learningRate: number, outputDir: string) => {
      const told: string[] = [];
      const onEvent = (event: RunEvent) => event.kind === "warning" && told.push(event.text);
      await train({ ...options, learningRate, outputDir: join(folder, outputDir), maxSteps: 2 }, { onEvent });
      return told.filter((text) => text.includes("destroyed"));
    };
    expect(await warnings(10, "destroyed")).toHaveLength(1);
    expect(await warnings(3e-3, "taught")).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  test("a checkpoint fails where it is not the model", async () => {
    const { folder, options } = await tinyRun();
    const resolved = resolveOptions("train", { given: options }).options;
    const { engine, tokenizer } = await openPolicy(options.model!, resolved);
    const sequence = { prompt: tokenizer.encode("1+1=?\n"), completion: tokenizer.encode("2") };
    const before = await engine.score([sequence], 1);
    await engine.save(join(folder, "saved"));
    expect(await checkReload(engine, join(folder, "saved"), [sequence], before, 1)).toMatch(/same log-probs/);
    await engine.update([{ ...sequence, logpsOld: new Float32Array(1), columns: {} }], sft, step);
    const moved = await engine.score([sequence], 1);
    await expect(checkReload(engine, join(folder, "saved"), [sequence], moved, 1)).rejects.toThrow(
      /What is saved is not what was trained/,
    );
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  test("an update refuses what is not a number, and leaves the weights as they were", async () => {
    const { folder, options } = await tinyRun();
    const { engine, tokenizer } = await openPolicy(
      options.model!,
      resolveOptions("train", { given: options }).options,
    );
    const sequence = { prompt: tokenizer.encode("1+1=?\n"), completion: tokenizer.encode("2") };
    const before = await engine.score([sequence], 1);
    const example = { ...sequence, columns: { right: 1, solveRate: 0.5 } };
    const learnt = (logpsOld: Float32Array, lossScale: number) =>
      engine.update([{ ...example, logpsOld }], nft(), { ...step, lossScale });
    await expect(learnt(Float32Array.of(Number.NaN), 1)).rejects.toThrow(/log π_old .* got NaN/);
    await expect(learnt(before[0].logps, 0)).rejects.toThrow(/a finite loss and gradient, got loss NaN/);
    expect(await engine.score([sequence], 1)).toEqual(before);
    expect((await learnt(before[0].logps, 1)).updateNorm).toBeGreaterThan(0);
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  test("a run stops it where the learning rate is 0", async () => {
    const { folder, options } = await tinyRun();
    await expect(train({ ...options, learningRate: 0 })).rejects.toThrow(/learning_rate is 0: set it higher/);
    rmSync(folder, { recursive: true });
  });
});
