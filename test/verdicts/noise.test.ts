import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { train } from "../../src/loop/train.ts";
import type { JudgedRollout, Verdict } from "../../src/loop/types.ts";
import { withNoise } from "../../src/loop/verdicts/noise.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { readRun } from "../../src/run/read-run.ts";
import type { RolloutRecord } from "../../src/run/records.ts";
import { tinyRun } from "../loop/tiny.ts";

const answer = (index: number, verdict: Verdict, stop: "eos" | "length" = "eos") =>
  ({ rollout: { index, stop }, verdict }) as JudgedRollout;

describe("noise in verdicts", () => {
  const noise = { falseAccept: 0.05, falseReject: 0.3 };
  const right = Array.from({ length: 4000 }, (_, i) => answer(i, { kind: "right", score: 0.9 }));
  const wrong = Array.from({ length: 4000 }, (_, i) =>
    answer(i, { kind: "wrong", because: "no", score: 0.1 }),
  );

  test("turns as many as it says, each kind by its own chance, and no score of before stays", () => {
    const turned = (judged: JudgedRollout[]) =>
      withNoise(judged, noise, 42, 7).flatMap(({ verdict }) =>
        verdict.kind !== "error" && verdict.isTurned === true ? [verdict] : [],
      );
    const [accepted, rejected] = [turned(wrong), turned(right)];
    // four standard deviations of 4,000 draws
    expect(Math.abs(accepted.length / 4000 - 0.05)).toBeLessThan(0.014);
    expect(Math.abs(rejected.length / 4000 - 0.3)).toBeLessThan(0.029);
    expect(accepted[0]).toEqual({
      kind: "right",
      because: "turned by verifier_noise, was wrong: no",
      isTurned: true,
    });
    expect(rejected[0]!.kind).toBe("wrong");
  });

  test("is the same for a seed, a draw and an answer, and another for another", () => {
    const kinds = (seed: number, draw: number) =>
      withNoise(right, noise, seed, draw).map(({ verdict }) => verdict.kind);
    expect(kinds(42, 7)).toEqual(kinds(42, 7));
    expect(kinds(42, 7)).not.toEqual(kinds(43, 7));
    expect(kinds(42, 7)).not.toEqual(kinds(42, 8));
  });

  test("turns neither errors nor answers that were cut off, and certain noise turns all others", () => {
    const error = answer(0, { kind: "error", because: "crashed" });
    const cut = answer(1, { kind: "wrong", because: "not finished" }, "length");
    const all = { falseAccept: 1, falseReject: 1 };
    expect(withNoise([error, cut, right[2]!], all, 1, 1).map(({ verdict }) => verdict.kind)).toEqual([
      "error",
      "wrong",
      "wrong",
    ]);
  });
});

test("a run with noise says so, learns from what was turned, measures without it, and goes on the same", async () => {
  const { folder, options } = await tinyRun();
  const noisy = {
    ...options,
    ...{ evalDataset: options.dataset!, evalNumGenerations: 2, maxSteps: 4, saveSteps: 1 },
    ...{ "verifier_noise.false_accept": 0.2, "verifier_noise.false_reject": 0.2 },
  };
  const events: RunEvent[] = [];
  const { "verifier_noise.false_accept": _a, "verifier_noise.false_reject": _r, ...without } = noisy;
  const plain = await train({ ...without, maxSteps: 1, outputDir: join(folder, "plain") });
  const whole = await train(
    { ...noisy, outputDir: join(folder, "whole") },
    { onEvent: (event) => events.push(event) },
  );
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: "warning",
      text: expect.stringContaining("20 % of the wrong ones are called right"),
    }),
  );
  const rollouts = async (run: string) => {
    const records: RolloutRecord[] = [];
    for await (const record of readRun(join(folder, run)).rollouts()) records.push(record);
    return records;
  };
  const lines = await rollouts("whole");
  const turned = lines.filter(({ isTurned }) => isTurned === true);
  expect(turned.length).toBeGreaterThan(0);
  for (const { because } of turned) expect(because).toMatch(/^turned by verifier_noise, was (right|wrong)/);
  for (const one of lines.filter(({ stop }) => stop === "length")) expect(one.isTurned).toBeUndefined();
  const steps = await readRun(join(folder, "whole")).steps();
  expect(steps[0]!.metrics["verifier/turned_rate"]).toBeCloseTo(
    lines.filter(({ step, isTurned }) => step === 1 && isTurned).length /
      lines.filter(({ step }) => step === 1).length,
  );
  // the base model is measured as it is
  expect(whole.evals[0]!.right).toEqual(plain.evals[0]!.right);

  const stop = new AbortController();
  const halved = { ...noisy, outputDir: join(folder, "halved") };
  await train(halved, { signal: stop.signal, onEvent: ({ kind }) => kind === "step" && stop.abort() });
  await train({ resumeFromCheckpoint: join(folder, "halved") });
  expect(await rollouts("halved")).toEqual(lines);
  rmSync(folder, { recursive: true });
});
