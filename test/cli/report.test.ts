import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { duration, progressLine } from "../../src/app/cli/progress.ts";
import { reporter } from "../../src/app/cli/report.ts";
import { shownLines } from "../../src/app/cli/rollout-lines.ts";
import { evalLine, outcome, STEP_WORDS } from "../../src/app/cli/run-lines.ts";
import type { RunEvent, SolveEval } from "../../src/index.ts";

/** The lines a run's events leave on stdout, but for the one that says what the words of a step mean. */
function linesOf(events: readonly RunEvent[], width = Number.POSITIVE_INFINITY): string[] {
  return textOf(events, width).filter((line) => line !== STEP_WORDS);
}

function textOf(events: readonly RunEvent[], width: number): string[] {
  const lines: string[] = [];
  const terminal = {
    line: (text: string) => lines.push(...text.split("\n")),
    write() {},
    aside() {},
    status() {},
    json: false,
    result() {},
    width,
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
  answers: [],
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
  const many = {
    ...measured,
    "groups/sampled": 128,
    "groups/effective_ratio": 7 / 128,
    "actor/grad_norm": 7.4e-4,
  };
  const lines = linesOf([start, step(9, measured), step(10, { ...many, "timing_s/step": 112.25 }), end]);
  expect(lines.slice(2)).toMatchInlineSnapshot(`
    [
      "step   9/200   right  62%   mixed   41/64   grad    0.84   tokens   31.4      9.1 s",
      "step  10/200   right  62%   mixed   7/128   grad  7.4e-4   tokens   31.4    112.3 s",
    ]
  `);
  expect(lines[2]!.length).toBe(lines[3]!.length);
});

const recordedIn = (file: string) =>
  readFileSync(new URL(`../fixtures/${file}.jsonl`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
const recorded = recordedIn("run-events");
const recordedNoneRight = recordedIn("run-events-none-right");

test("a run's screen at 80 columns", () => {
  expect(textOf(recorded, 80).join("\n")).toMatchInlineSnapshot(`
    "check   gold answers: 64 of 64 reference answers of pocket pass math
    the model has no chat template: problems are put to it as bare text
    (prompt_format: raw)
    model   pocket
    run     runs/sums
    eval 0/4   pocket 128 problems   right 29.7% [22.4, 38.2]   7.9 s
    right   35+68=? → 5+8=13, 3+6+1=10; \\boxed{103}
    wrong   86+87=? → 6+7=5, 8+8=16; \\boxed{165}   (not equal to the reference
            answer; reference 173)
    check   ratio: sampling and scoring agree on every log-prob to 7.5e-6 nats
    check   weights: the first update moved the weights by 9.4e-2 (gradient norm
            3.1e-1)
    right: answers the verifier took. mixed: problems with both right and wrong
    answers, or different scores where those are learnt from, of those asked; they
    alone teach. held out: change of the held-out accuracy since the start, in
    points. grad: the gradient's norm. tokens: mean length of an answer.
    step 1/4   right  37%   mixed   21/32   held out   0.0     23.1 s   saved
    check   checkpoint: runs/sums/checkpoints/step-0001 loads to the same log-probs
    step 2/4   right  35%   mixed   27/32   held out   0.0     24.4 s
    eval 2/4   pocket 128 problems   right 28.1% [21.0, 36.5]
            since start -1.6 points [-7.6, 4.4]   5.3 s   saved step-0002
    right   35+68=? → 5+8=13, 3+6+1=10; \\boxed{103}
    wrong   86+87=? → 6+7=5, 8+8=16; \\boxed{165}   (not equal to the reference
            answer; reference 173)
    step 3/4   right  36%   mixed   23/32   held out  -1.6     24.5 s
    step 4/4   right  28%   mixed   20/32   held out  -1.6     25.8 s
    eval 4/4   pocket 128 problems   right 36.7% [28.8, 45.4]
            since start +7.0 points [0.6, 13.5]   4.7 s   saved step-0004
    right   35+68=? → 5+8=13, 3+6+1=10; \\boxed{103}
    wrong   86+87=? → 6+7=5, 8+8=16; \\boxed{165}   (not equal to the reference
            answer; reference 173)"
  `);
});

test("a run's screen at 120 columns", () => {
  expect(textOf(recorded, 120).join("\n")).toMatchInlineSnapshot(`
    "check   gold answers: 64 of 64 reference answers of pocket pass math
    the model has no chat template: problems are put to it as bare text (prompt_format: raw)
    model   pocket
    run     runs/sums
    eval 0/4   pocket 128 problems   right 29.7% [22.4, 38.2]   7.9 s
    right   35+68=? → 5+8=13, 3+6+1=10; \\boxed{103}
    wrong   86+87=? → 6+7=5, 8+8=16; \\boxed{165}   (not equal to the reference answer; reference 173)
    check   ratio: sampling and scoring agree on every log-prob to 7.5e-6 nats
    check   weights: the first update moved the weights by 9.4e-2 (gradient norm 3.1e-1)
    right: answers the verifier took. mixed: problems with both right and wrong answers, or different scores where those are
    learnt from, of those asked; they alone teach. held out: change of the held-out accuracy since the start, in points.
    grad: the gradient's norm. tokens: mean length of an answer.
    step 1/4   right  37%   mixed   21/32   held out   0.0   grad    0.31   tokens   31.7     23.1 s   saved step-0001
    check   checkpoint: runs/sums/checkpoints/step-0001 loads to the same log-probs
    step 2/4   right  35%   mixed   27/32   held out   0.0   grad    0.46   tokens   32.2     24.4 s
    eval 2/4   pocket 128 problems   right 28.1% [21.0, 36.5]   since start -1.6 points [-7.6, 4.4]   5.3 s   saved
    right   35+68=? → 5+8=13, 3+6+1=10; \\boxed{103}
    wrong   86+87=? → 6+7=5, 8+8=16; \\boxed{165}   (not equal to the reference answer; reference 173)
    step 3/4   right  36%   mixed   23/32   held out  -1.6   grad    0.51   tokens   33.1     24.5 s
    step 4/4   right  28%   mixed   20/32   held out  -1.6   grad    0.46   tokens   32.7     25.8 s
    eval 4/4   pocket 128 problems   right 36.7% [28.8, 45.4]   since start +7.0 points [0.6, 13.5]   4.7 s   saved
    right   35+68=? → 5+8=13, 3+6+1=10; \\boxed{103}
    wrong   86+87=? → 6+7=5, 8+8=16; \\boxed{165}   (not equal to the reference answer; reference 173)"
  `);
});

test.each([60, 80, 100, 120])("no line of a run is longer than %i columns, or cut within a word", (width) => {
  const lines = textOf([...recorded, ...recordedNoneRight], width);
  expect(lines.filter((line) => line.length > width)).toEqual([]);
  const whole = new Set(
    textOf([...recorded, ...recordedNoneRight], Number.POSITIVE_INFINITY)
      .join(" ")
      .split(/\s+/),
  );
  expect(
    lines
      .flatMap((line) => line.split(/\s+/))
      .filter((word) => word !== "" && !word.startsWith("…") && !whole.has(word)),
  ).toEqual([]);
});

test("a step in which no answer was right says why, and shows one, at 80 columns", () => {
  expect(textOf(recordedNoneRight, 80).slice(-5).join("\n")).toMatchInlineSnapshot(`
    "step 1/1   right   0%   mixed    0/80   nothing to learn from      4.4 s   saved
            no problem of 80 in 10 rounds was solved in part: 80 solved by no
            answer, 0 by all
            320 of 320: not finished after 8 tokens
    wrong   67-36=? → 7-6=1, 6   (not finished after 8 tokens; reference 31)"
  `);
});

test("an answer that is shown takes two lines at most, and moves no cursor", () => {
  const answer = {
    problem: "p",
    question: `A long question ${"and more ".repeat(40)}`,
    reference: "12",
    text: `First\u001b[2J line\n${"thoughts ".repeat(300)}\nand so it is 13.`,
    verdict: "wrong",
    because: `it is ${"very ".repeat(50)}wrong`,
  } as const;
  for (const width of [60, 80, 120]) {
    const lines = shownLines(answer, width);
    expect(lines).toHaveLength(2);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.join("")).toContain("reference 12)");
    expect(lines.join("")).not.toContain("\u001b");
  }
  expect(shownLines(answer, 80).join("\n")).toMatchInlineSnapshot(`
    "wrong   A long question and more and … → First\\u001b[2J line thou … thoughts and
            so it is 13.   (it is very very very very very …; reference 12)"
  `);
});

test("notes, warnings and checks stand between the steps in the order they came", () => {
  const said: RunEvent[] = [
    start,
    { kind: "warning", text: "first" },
    step(1, measured),
    { kind: "note", text: "second" },
  ];
  expect(
    linesOf(said)
      .slice(2)
      .map((line) => line.slice(0, 8)),
  ).toEqual(["Warning:", "step   1", "second"]);
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
  expect(evalLine(evaluation, 200, 120)).toMatchInlineSnapshot(
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
  expect(outcome([evaluation, evaluation, last], 80)).toMatchInlineSnapshot(
    `
    "right   before 31.3% [25.9, 37.2]   after 68.0% [62.0, 73.4]
            change +36.8 points [30.9, 42.5]
            (256 held-out problems, 95% intervals)"
  `,
  );
  expect(outcome([evaluation], 80)).toBeUndefined();
  expect(outcome([], 80)).toBeUndefined();
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
