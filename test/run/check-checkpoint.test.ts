import { copyFileSync, cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { RunError } from "../../src/errors.ts";
import { train } from "../../src/loop/train.ts";
import type { Position } from "../../src/run/position.ts";
import { temporaryFolder, tinyRun } from "../loop/tiny.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

let whole: string;
beforeAll(async () => {
  const { options } = await tinyRun();
  whole = options.outputDir!;
  await train({ ...options, evalDataset: options.dataset, evalNumGenerations: 2, maxSteps: 4 });
});

/** Damages the last checkpoint of a copy of the run, then goes on with it. */
async function resumed(damage: (checkpoint: string, run: string) => void): Promise<unknown> {
  const run = join(temporaryFolder(), "run");
  cpSync(whole, run, { recursive: true });
  damage(join(run, "checkpoints/step-0004"), run);
  return train({ resumeFromCheckpoint: run, maxSteps: 5 }).catch((error: unknown) => error);
}

function change(checkpoint: string, changed: (position: Position) => Partial<Position>): void {
  const path = join(checkpoint, "position.json");
  const position = JSON.parse(readFileSync(path, "utf8")) as Position;
  writeFileSync(path, JSON.stringify({ ...position, ...changed(position) }));
}

/** The length of a run's file up to the last line of a step. */
function bytesTo(run: string, file: "steps" | "rollouts" | "evals", step: number): number {
  const lines = readFileSync(join(run, `${file}.jsonl`), "utf8").split(/(?<=\n)/);
  const kept = lines.filter((line) => line !== "" && (JSON.parse(line) as { step: number }).step <= step);
  return Buffer.byteLength(kept.join(""));
}

const cut =
  (file: "steps" | "rollouts" | "evals", step: number, less = 0) =>
  (checkpoint: string, run: string) =>
    change(checkpoint, ({ bytes }) => ({ bytes: { ...bytes, [file]: bytesTo(run, file, step) - less } }));

const otherStep = (file: string) => (checkpoint: string) =>
  copyFileSync(join(checkpoint, "../step-0002", file), join(checkpoint, file));

describe("a damaged checkpoint is refused:", () => {
  test.each<[string, (checkpoint: string, run: string) => void, RegExp]>([
    [
      "without its optimizer",
      (at) => rmSync(join(at, "optimizer.safetensors")),
      /an optimizer that has taken \d+ steps.*got none/,
    ],
    [
      "with the optimizer of another step",
      otherStep("optimizer.safetensors"),
      /an optimizer that has taken \d+ steps.*got one that has taken/,
    ],
    [
      "with the optimizer cut off",
      (at) => truncateSync(join(at, "optimizer.safetensors"), 2000),
      /optimizer\.safetensors/,
    ],
    [
      "with the position of another step",
      otherStep("position.json"),
      /expected step 4, as its folder's name says, got step 2/,
    ],
    [
      "with a step that is not its own",
      (at) => change(at, () => ({ step: 9 })),
      /expected step 4.*got step 9/,
    ],
    [
      "without a position",
      (at) => rmSync(join(at, "position.json")),
      /the position a checkpoint was saved at/,
    ],
    ["without weights", (at) => rmSync(join(at, "model.safetensors")), /expected model\.safetensors/],
    ["with weights cut off", (at) => truncateSync(join(at, "model.safetensors"), 5000), /model\.safetensors/],
    [
      "with fewer rollouts",
      cut("rollouts", 3),
      /bytes\.rollouts to keep all of step 4, got \d+, which cuts step 4 off/,
    ],
    ["with fewer steps", cut("steps", 3), /bytes\.steps to end with step 4, got \d+, which ends with step 3/],
    [
      "with fewer evaluations",
      cut("evals", 0),
      /bytes\.evals to keep all of step 4, got \d+, which cuts step 3 off/,
    ],
    ["in the middle of a line", cut("rollouts", 4, 10), /rollouts\.jsonl: expected one JSON record a line/],
  ])("%s", async (_, damage, message) => {
    const error = await resumed(damage);
    expect(error).toBeInstanceOf(RunError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/Put the (checkpoint|file) back|put it back as it was/);
  });

  test("and one that is whole is not, nor where lines came after it", async () => {
    const path = "steps.jsonl";
    const result = await resumed((_, run) => {
      const lines = readFileSync(join(run, path), "utf8");
      writeFileSync(join(run, path), `${lines}{"step":5,"metrics":{}}\n{"step":`);
    });
    expect(result).toMatchObject({ reason: "finished", steps: 5 });
  });
});
