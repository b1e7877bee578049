import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { train } from "../../src/loop/train.ts";
import { readRun } from "../../src/run/read-run.ts";
import type { RolloutRecord } from "../../src/run/records.ts";
import { tinyRun } from "./tiny.ts";

test("screening samples the rest only where the first answers differ, and the same answers as all at once", async () => {
  const { folder, options } = await tinyRun();
  const common = {
    ...options,
    numGenerations: 8,
    genBatchSize: 6,
    maxSteps: 2,
    filterGroupsMaxNumGenBatches: 2,
  };
  const run = async (name: string, more: object) => {
    await train({ ...common, ...more, outputDir: join(folder, name) });
    const records: RolloutRecord[] = [];
    for await (const record of readRun(join(folder, name)).rollouts()) records.push(record);
    return { records, steps: await readRun(join(folder, name)).steps() };
  };
  const all = await run("all", {});
  const screened = await run("screened", { screeningGenerations: 3 });

  const ofDraw = (records: readonly RolloutRecord[], draw: number) =>
    records.filter((record) => record.step === 1 && record.draw === draw);
  const draws = [...new Set(screened.records.filter(({ step }) => step === 1).map(({ draw }) => draw))];
  let passedOver = 0;
  for (const draw of draws) {
    const own = ofDraw(screened.records, draw);
    const kinds = new Set(own.slice(0, 3).map(({ verdict }) => verdict));
    expect(own.map(({ index }) => index)).toEqual(
      Array.from({ length: kinds.size > 1 ? 8 : 3 }, (_, i) => i),
    );
    if (kinds.size === 1) passedOver++;
    // the policy of the first step is that of the other run
    const whole = ofDraw(all.records, draw);
    for (const [i, { text, verdict }] of own.entries())
      if (whole.length > 0)
        expect({ text, verdict }).toEqual({ text: whole[i]!.text, verdict: whole[i]!.verdict });
  }
  expect(passedOver).toBeGreaterThan(0);
  expect(passedOver).toBeLessThan(draws.length);
  for (const group of screened.records.filter(({ kept }) => kept)) expect(group.solveRate).toBeGreaterThan(0);

  const { metrics } = screened.steps[0]!;
  const first = screened.records.filter(({ step, index }) => step === 1 && index < 3);
  expect(metrics["train/acc_all"]).toBeCloseTo(
    first.filter(({ verdict }) => verdict === "right").length / first.length,
    6,
  );
  const ofStep = screened.records.filter(({ step }) => step === 1);
  expect(metrics["groups/answers_per_kept"]).toBeCloseTo(
    ofStep.length / ofStep.filter(({ kept }) => kept).length,
    6,
  );
  expect(ofStep.length).toBeLessThan(8 * draws.length);

  // stopped between two steps it goes on with the same answers
  const stop = new AbortController();
  const halved = { ...common, screeningGenerations: 3, outputDir: join(folder, "halved") };
  await train(halved, { signal: stop.signal, onEvent: ({ kind }) => kind === "step" && stop.abort() });
  await train({ resumeFromCheckpoint: halved.outputDir });
  const resumed: RolloutRecord[] = [];
  for await (const record of readRun(halved.outputDir).rollouts()) resumed.push(record);
  expect(resumed).toEqual(screened.records);
  rmSync(folder, { recursive: true });
});
