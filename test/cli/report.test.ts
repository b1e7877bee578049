import { expect, test } from "vitest";
import { duration, progressLine } from "../../src/app/cli/progress.ts";
import { evalLine, outcome, reporter } from "../../src/app/cli/report.ts";
import type { RunEvent, SolveEval } from "../../src/index.ts";

/** The lines a run's events leave on stdout. */
function linesOf(events: readonly RunEvent[]): string[] {
  const lines: string[] = [];
  const terminal = {
    line: (text: string) => lines.push(text),
    write() {},
    aside() {},
    status() {},
    json: false,
    result() {},
    width: 100,
  };
  const report = reporter(terminal);
  for (const event of events) report(event);
  return lines;
}

const start: RunEvent = { kind: "start", folder: "runs/a", resumedAt: 0, steps: 200, model: "models/tiny" };
const step = (step: number, metrics: Record<string, number>): RunEvent => ({
  kind: "step",
  step,
  steps: 200,
  record: { step, metrics },
});
const end: RunEvent = {
  kind: "end",
  reason: "finished",
  text: "",
  folder: "runs/a",
  checkpoint: undefined,
  resume: "",
};

const measured = {
  "train/acc_all": 0.62,
  "groups/sampled": 64,
  "groups/effective_ratio": 41 / 64,
  "actor/loss": 0.318,
  "actor/grad_norm": 0.84,
  "response_length/mean": 31.4,
  "timing_s/step": 9.1,
};

test("a step is one line, its columns under those of the step before", () => {
  const lines = linesOf([start, step(9, measured), step(10, { ...measured, "timing_s/step": 12.25 }), end]);
  expect(lines.slice(2)).toMatchInlineSnapshot(`
    [
      "step   9/200   right  62%   mixed 41/64 groups   loss   0.318   grad  0.840   tokens  31.4     9.1 s",
      "step  10/200   right  62%   mixed 41/64 groups   loss   0.318   grad  0.840   tokens  31.4    12.3 s",
    ]
  `);
  expect(lines[2]!.length).toBe(lines[3]!.length);
});

test("a checkpoint is told in the line of its step", () => {
  const saved: RunEvent = { kind: "saved", step: 10, folder: "runs/a/checkpoints/step-0010", seconds: 0.1 };
  const saving: RunEvent = { kind: "phase", phase: "save", step: 10 };
  const lines = linesOf([start, step(10, measured), saving, saved, end]);
  expect(lines).toHaveLength(3);
  expect(lines[2]).toMatch(/ s {3}saved step-0010$/);
});

test("what was not measured is left out of a step's line, never shown as 0", () => {
  const [, , line] = linesOf([start, step(3, { "train/acc_all": 0 }), end]);
  expect(line).toBe("step   3/200   right   0%");
});

test("an interrupted step still leaves its line", () => {
  expect(linesOf([start, step(3, measured), end])).toHaveLength(3);
});

const evaluation: SolveEval = {
  kind: "solve",
  step: 0,
  dataset: "pocket",
  problems: 256,
  k: 1,
  temperature: 1,
  topP: 1,
  topK: 0,
  avgAtK: { mean: 0.3125, low: 0.259, high: 0.372 },
  passAtK: { mean: 0.3125, low: 0.259, high: 0.372 },
  verifierErrors: 0,
  truncated: 0,
  meanTokens: 30,
  right: [],
  judged: [],
  seconds: 12.13,
};

test("an evaluation gives the rate with its interval", () => {
  expect(evalLine(evaluation, 200)).toMatchInlineSnapshot(
    `"eval   0/200   pocket 256 problems   right 31.3% [25.9, 37.2]   12.1 s"`,
  );
});

test("the outcome compares the first evaluation with the last", () => {
  const last = {
    ...evaluation,
    step: 200,
    avgAtK: { mean: 0.68, low: 0.62, high: 0.734 },
    sinceStart: { mean: 0.3675, low: 0.309, high: 0.425 },
  };
  expect(outcome([evaluation, evaluation, last])).toMatchInlineSnapshot(
    `"right   before 31.3% [25.9, 37.2]   after 68.0% [62.0, 73.4]   change +36.8 points [30.9, 42.5]   (256 held-out problems, 95% intervals)"`,
  );
  expect(outcome([evaluation])).toBeUndefined();
  expect(outcome([])).toBeUndefined();
});

test("a phase shows how far it is, and how long it will take once that can be told", () => {
  expect(progressLine("rollouts", 64, 256, 4)).toMatchInlineSnapshot(
    `"rollouts  █████░░░░░░░░░░░░░░░  64/256   4 s, 12 s left"`,
  );
  expect(progressLine("rollouts", 1, 256, 4)).not.toContain("left");
  expect(progressLine("rollouts", 0, 0, 0)).toContain("0/0");
});

test("durations are said as people say them", () => {
  expect([0.4, 59, 61, 3599, 3600, 9000].map(duration)).toEqual([
    "0 s",
    "59 s",
    "1 min 01 s",
    "59 min 59 s",
    "1 h 00 min",
    "2 h 30 min",
  ]);
});
