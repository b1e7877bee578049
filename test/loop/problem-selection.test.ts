import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { train } from "../../src/loop/train.ts";
import { readRun } from "../../src/run/read-run.ts";
import type { RolloutRecord } from "../../src/run/records.ts";
import { tinyRun } from "./tiny.ts";

test("a run that chooses by solve rate, stopped and resumed, is bit for bit the run that never stopped", async () => {
  const { folder, options } = await tinyRun(16);
  const common = {
    ...options,
    problemSelection: "solve_rate" as const,
    screeningGenerations: 2,
    filterGroupsMaxNumGenBatches: 3,
    ...{ evalSteps: 0, evalOnStart: false, maxSteps: 4, saveSteps: 4 },
  };
  const at = (name: string) => join(folder, name);
  const recordsOf = async (name: string) => {
    const records: RolloutRecord[] = [];
    for await (const record of readRun(at(name)).rollouts()) records.push(record);
    return records;
  };
  await train({ ...common, outputDir: at("whole") });
  const halved = { ...common, outputDir: at("halved") };
  const stop = new AbortController();
  const onEvent = (event: { kind: string; step?: number }) =>
    event.kind === "step" && event.step === 2 && stop.abort();
  await train(halved, { signal: stop.signal, onEvent });
  const before = await recordsOf("halved");
  await train({ resumeFromCheckpoint: at("halved") });
  const whole = await recordsOf("whole");
  expect(before.length).toBeLessThan(whole.length);
  expect(await recordsOf("halved")).toEqual(whole);
  const last = (name: string) => readRun(at(name)).checkpoints.at(-1)!;
  expect(last("halved").step).toBe(4);
  for (const file of readdirSync(last("whole").path).filter((name) => name.endsWith(".safetensors")))
    expect(
      readFileSync(join(last("halved").path, file)).equals(readFileSync(join(last("whole").path, file))),
    ).toBe(true);

  // a shuffled pass asks no problem again before all others; here some are, and none twice in a step
  const asked = new Map(whole.map(({ draw, problem, step }) => [draw, { problem, step }]));
  const first = [...asked.values()].slice(0, 16).map(({ problem }) => problem);
  expect(new Set(first).size).toBeLessThan(16);
  const { metrics } = (await readRun(at("whole")).steps()).at(-1)!;
  expect(metrics["groups/predicted_solved_some"]).toBeGreaterThan(0);
  expect(metrics["groups/predicted_solved_some"]).toBeLessThan(1);
  rmSync(folder, { recursive: true });
});
