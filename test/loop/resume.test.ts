import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { RunResult } from "../../src/loop/session/saving.ts";
import { sft } from "../../src/loop/sft.ts";
import { train } from "../../src/loop/train.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import type { Phase, RunEvent } from "../../src/run/events.ts";
import { leftBy } from "./left-by.ts";
import { type Line, runTrain } from "./spawn.ts";
import { type TinyOptions, tinyRun } from "./tiny.ts";

// many short runs, on a machine that may be busy with others
vi.setConfig({ testTimeout: 240_000 });

/** Kills the run at each of these lines in turn, some milliseconds later, and resumes it until it ends. */
async function killedAt(
  command: "train" | "sft",
  options: GivenOptions,
  moments: readonly [(line: Line) => boolean, number][],
) {
  let kills = 0;
  for (const [isMoment, delayMs] of moments) {
    let armed = true;
    const { signal } = await runTrain(
      command,
      { ...options, resumeFromCheckpoint: "auto" },
      (line, child) => {
        if (!armed || !isMoment(line)) return;
        armed = false;
        setTimeout(() => child.kill("SIGKILL"), delayMs);
      },
    );
    if (signal === "SIGKILL") kills++;
  }
  const { lines, stderr } = await runTrain(command, { ...options, resumeFromCheckpoint: "auto" });
  expect(lines.at(-1), stderr).toMatchObject({ kind: "result", reason: "finished" });
  return kills;
}

const phase = (name: string, step: number) => (line: Line) =>
  line.kind === "phase" && line.phase === name && line.step >= step;

describe("a run killed with SIGKILL", () => {
  test("leaves the same steps, answers, weights and optimizer as one that never stopped", async () => {
    const { folder, options } = await tinyRun();
    const long: TinyOptions = {
      ...options,
      evalDataset: options.dataset!,
      evalNumGenerations: 2,
      maxSteps: 9,
    };
    await train({ ...long, outputDir: join(folder, "whole") });
    const kills = await killedAt("train", { ...long, outputDir: join(folder, "killed") }, [
      [phase("open", 0), 20],
      [phase("gen", 1), 5],
      [phase("save", 1), 0],
      [phase("update_actor", 2), Math.floor(10 * Math.random())],
      [phase("save", 4), Math.floor(40 * Math.random())],
      [phase("old_log_prob", 5), 2],
      [phase("eval", 6), 5],
      [(line) => line.kind === "saved", Math.floor(20 * Math.random())],
    ]);
    expect(kills).toBeGreaterThanOrEqual(5);
    expect(leftBy(join(folder, "killed"))).toEqual(leftBy(join(folder, "whole")));
    rmSync(folder, { recursive: true });
  });
});

describe("a cold start killed with SIGKILL", () => {
  test("leaves the same steps and weights as one that never stopped, from the same new model", async () => {
    const { folder, options } = await tinyRun(40);
    const { dataset, threads } = options;
    const long: TinyOptions = {
      ...{
        dataset: dataset!,
        evalDataset: dataset!,
        threads: threads!,
        model: "new",
        miniBatchSize: 8,
        saveSteps: 2,
      },
      ...{
        hiddenSize: 32,
        intermediateSize: 64,
        numHiddenLayers: 1,
        numAttentionHeads: 2,
        numTrainEpochs: 2,
      },
    };
    await sft({ ...long, outputDir: join(folder, "whole") });
    const kills = await killedAt("sft", { ...long, outputDir: join(folder, "killed") }, [
      [phase("eval", 0), 0],
      [phase("update_actor", 4), 1],
      [phase("save", 6), Math.floor(20 * Math.random())],
    ]);
    expect(kills).toBeGreaterThanOrEqual(2);
    const left = leftBy(join(folder, "killed"));
    expect(left).toEqual(leftBy(join(folder, "whole")));
    expect(left["steps.jsonl"]).toHaveLength(10);
    rmSync(folder, { recursive: true });
  });
});

describe("a run of adapters killed with SIGKILL", () => {
  test("leaves the same adapters, optimizer and answers as one that never stopped, and the base as it was", async () => {
    const { folder, options } = await tinyRun();
    const base = readFileSync(join(options.model!, "model.safetensors"));
    const long: TinyOptions = {
      ...options,
      ...{ loraRank: 4, loraAlpha: 8, loraTargetModules: "q_proj, v_proj, down_proj", learningRate: 1e-2 },
    };
    await train({ ...long, outputDir: join(folder, "whole") });
    const kills = await killedAt("train", { ...long, outputDir: join(folder, "killed") }, [
      [phase("gen", 0), 5],
      [phase("update_actor", 2), Math.floor(10 * Math.random())],
      [phase("save", 3), Math.floor(20 * Math.random())],
      [phase("old_log_prob", 4), 2],
    ]);
    expect(kills).toBeGreaterThanOrEqual(3);
    expect(leftBy(join(folder, "killed"))).toEqual(leftBy(join(folder, "whole")));
    expect(readFileSync(join(options.model!, "model.safetensors")).equals(base)).toBe(true);
    rmSync(folder, { recursive: true });
  });
});

/** Runs until an event that is a moment to stop, again and again, then to the end. */
async function stoppedAt(
  command: typeof train | typeof sft,
  options: GivenOptions,
  moments: readonly ((event: RunEvent) => boolean)[],
) {
  const ends: RunResult[] = [];
  for (const isMoment of [...moments, () => false]) {
    const stop = new AbortController();
    const onEvent = (event: RunEvent) => isMoment(event) && stop.abort();
    ends.push(await command({ ...options, resumeFromCheckpoint: "auto" }, { signal: stop.signal, onEvent }));
  }
  return ends;
}

const during =
  (phase: Phase, step: number) =>
  (event: RunEvent): boolean =>
    event.kind === "phase" && event.phase === phase && event.step === step;

describe("a run that is asked to stop", () => {
  test("saves where it is, says how to go on, and goes on as if it had not stopped", async () => {
    const { folder, options: given } = await tinyRun();
    // of the others some are saved where it was stopped
    const options = { ...given, saveTotalLimit: 1 };
    await train({ ...options, outputDir: join(folder, "whole") });
    const stop = new AbortController();
    const ends: string[] = [];
    const first = await train(options, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === "phase" && event.phase === "update_actor" && event.step === 3) stop.abort();
        if (event.kind === "end") ends.push(event.resume);
      },
    });
    expect(first).toMatchObject({
      reason: "stopped",
      steps: 3,
      checkpoint: join(options.outputDir!, "checkpoints/step-0003"),
    });
    expect(ends).toEqual([`--resume ${options.outputDir}`]);
    const second = await train({ resumeFromCheckpoint: options.outputDir! });
    expect(second).toMatchObject({ reason: "finished", steps: 6 });
    expect(leftBy(options.outputDir!)).toEqual(leftBy(join(folder, "whole")));
    rmSync(folder, { recursive: true });
  });

  test("has every evaluation that one has which never stopped, whenever it is asked", async () => {
    const { folder, options } = await tinyRun();
    const long = {
      ...options,
      evalDataset: options.dataset!,
      evalNumGenerations: 2,
      evalSteps: 2,
      saveTotalLimit: 1,
    };
    await train({ ...long, outputDir: join(folder, "whole") });
    const ends = await stoppedAt(train, long, [
      during("open", 0),
      during("eval", 0),
      during("gen", 2),
      during("update_actor", 2),
      during("eval", 2),
      during("update_actor", 4),
      during("gen", 6),
      during("update_actor", 6),
    ]);
    expect(ends.map(({ reason, steps }) => `${reason} ${steps}`)).toEqual([
      ...[
        "stopped 0",
        "stopped 0",
        "stopped 1",
        "stopped 2",
        "stopped 2",
        "stopped 4",
        "stopped 5",
        "stopped 6",
      ],
      "finished 6",
    ]);
    const left = leftBy(options.outputDir!);
    expect(left["evals.jsonl"]).toMatchObject([{ step: 0 }, { step: 2 }, { step: 4 }, { step: 6 }]);
    expect(left).toEqual(leftBy(join(folder, "whole")));
    rmSync(folder, { recursive: true });
  });

  test("in a cold start has them too", async () => {
    const { folder, options } = await tinyRun(40);
    const { model, dataset, outputDir, threads } = options;
    const long: TinyOptions = {
      ...{
        model: model!,
        dataset: dataset!,
        evalDataset: dataset!,
        outputDir: outputDir!,
        threads: threads!,
      },
      ...{ miniBatchSize: 8, saveSteps: 2, saveTotalLimit: 1, evalSteps: 2, maxSteps: 5 },
    };
    await sft({ ...long, outputDir: join(folder, "whole") });
    const ends = await stoppedAt(sft, long, [
      during("update_actor", 2),
      during("update_actor", 3),
      during("update_actor", 5),
    ]);
    expect(ends.map(({ reason, steps }) => `${reason} ${steps}`)).toEqual([
      ...["stopped 2", "stopped 3", "stopped 5", "finished 5"],
    ]);
    const left = leftBy(outputDir!);
    expect(left["evals.jsonl"]).toMatchObject([{ step: 0 }, { step: 2 }, { step: 4 }, { step: 5 }]);
    expect(left).toEqual(leftBy(join(folder, "whole")));
    rmSync(folder, { recursive: true });
  });

  test("throws away a step it has not learnt from", async () => {
    const { folder, options } = await tinyRun();
    const stop = new AbortController();
    const result = await train(options, {
      signal: stop.signal,
      onEvent: (event) => event.kind === "phase" && event.phase === "gen" && event.step === 4 && stop.abort(),
    });
    expect(result).toMatchObject({ reason: "stopped", steps: 3 });
    rmSync(folder, { recursive: true });
  });
});

describe("a resumed run", () => {
  test("may be longer, and refuses what would make it another run", async () => {
    const { folder, options } = await tinyRun();
    await train({ ...options, maxSteps: 2 });
    await expect(train({ ...options, resumeFromCheckpoint: "auto", learningRate: 1e-5 })).rejects.toThrow(
      /learningRate \(options\): expected 0\.003, as the run in .* began, got 0\.00001/,
    );
    await expect(
      train({ resumeFromCheckpoint: options.outputDir!, outputDir: join(folder, "b") }),
    ).rejects.toThrow(/the run being resumed/);
    const longer = await train({ ...options, maxSteps: 4, resumeFromCheckpoint: "auto" });
    expect(longer).toMatchObject({ reason: "finished", steps: 4 });
    rmSync(folder, { recursive: true });
  });

  test("refuses other data, and another command", async () => {
    const { folder, options } = await tinyRun();
    await train({ ...options, maxSteps: 1 });
    const resumed = { resumeFromCheckpoint: options.outputDir!, maxSteps: 2 };
    await expect(sft(resumed)).rejects.toThrow(/expected a run of errata sft, got one of errata train/);
    writeFileSync(options.dataset!, '{"problem":"1+1=?","answer":"2"}\n');
    await expect(train(resumed)).rejects.toThrow(/expected the problems that the run in .* began with/);
    rmSync(folder, { recursive: true });
  });

  test("keeps its end where the learning rate falls to it", async () => {
    const { folder, options } = await tinyRun();
    await train({ ...options, maxSteps: 2, lrSchedulerType: "linear" });
    await expect(train({ resumeFromCheckpoint: options.outputDir!, maxSteps: 4 })).rejects.toThrow(
      /the end cannot move/,
    );
    rmSync(folder, { recursive: true });
  });

  test("is a new one where auto finds none, and an error where the named one is not there", async () => {
    const { folder, options } = await tinyRun();
    expect(await train({ ...options, maxSteps: 1, resumeFromCheckpoint: "auto" })).toMatchObject({
      steps: 1,
    });
    await expect(train({ ...options, resumeFromCheckpoint: join(folder, "none") })).rejects.toThrow(
      /which does not exist/,
    );
    await expect(train({ ...options, resumeFromCheckpoint: folder })).rejects.toThrow(/which is not a run/);
    rmSync(folder, { recursive: true });
  });
});
