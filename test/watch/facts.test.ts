/** What the page says of a run's lines: each a pure function of them. */
import { describe, expect, test } from "vitest";
import { endInReference, reasonsOf, shortestRight } from "../../src/commands/watch/doubts.ts";
import { problemHistories } from "../../src/commands/watch/flips.ts";
import { groupsOf } from "../../src/commands/watch/groups.ts";
import { sinceStart, wordOf } from "../../src/commands/watch/progress.ts";
import { timesOf } from "../../src/commands/watch/times.ts";
import type { LoggedEvent } from "../../src/run/events.ts";
import { phasesOf } from "../../src/run/phases.ts";
import type { RolloutRecord, SolveEval } from "../../src/run/records.ts";

const evaluation = (
  step: number,
  right: number[],
  judged = right.map(() => 1),
  dataset = "held",
): SolveEval => ({
  ...{ kind: "solve", step, dataset, problems: right.length, seconds: 1, k: 1, temperature: 1 },
  ...{ topP: 1, topK: 0, avgAtK: { mean: 0, low: 0, high: 1 }, verifierErrors: 0, truncated: 0 },
  ...{ meanTokens: 1, right, judged },
});

describe("held-out problems", () => {
  test("are solved always or never, learnt or forgotten, and say since when", () => {
    const evals = [
      evaluation(0, [1, 0, 0, 1, 1, 0]),
      evaluation(5, [1, 0, 1, 0, 0, 0], [1, 1, 1, 1, 1, 0]),
      evaluation(10, [1, 0, 1, 0, 1, 0], [1, 1, 1, 1, 1, 0]),
    ];
    expect(problemHistories(evals).map(({ fate, since }) => [fate, since])).toEqual([
      ["always", undefined],
      ["never", undefined],
      ["learnt", 5],
      ["forgotten", 5],
      ["learnt", 10],
      ["never", undefined],
    ]);
    expect(problemHistories(evals)[5]!.solved).toEqual([false, undefined, undefined]);
  });

  test("are solved where more than half of the judged answers are right, and compared within one data set", () => {
    const evals = [
      evaluation(0, [0, 0], [1, 1], "other"),
      evaluation(5, [2, 3], [4, 4]),
      evaluation(10, [2, 1], [3, 2]),
    ];
    expect(problemHistories(evals).map(({ fate }) => fate)).toEqual(["learnt", "forgotten"]);
    expect(problemHistories([])).toEqual([]);
    expect(problemHistories([evaluation(0, [0], [0])])[0]!.fate).toBeUndefined();
  });
});

test("a change since the start is better or worse where its whole interval is", () => {
  const since = { mean: 0.1, low: 0.02, high: 0.18 };
  expect(sinceStart([evaluation(0, [1]), { ...evaluation(5, [1]), sinceStart: since }])).toEqual([
    { step: 5, ...since, word: "better" },
  ]);
  expect(wordOf({ mean: 0.1, low: 0, high: 0.2 })).toBe("cannot tell yet");
  expect(wordOf({ mean: -0.1, low: -0.2, high: -0.01 })).toBe("worse");
});

const rollout = (given: Partial<RolloutRecord>): RolloutRecord => ({
  ...{ step: 1, problem: "a", draw: 0, index: 0, prompt: "1+1=?", answer: "2", text: "2" },
  ...{ stop: "eos", verdict: "right", solveRate: 0.5, kept: true, ...given },
});

describe("a group", () => {
  test("has right, wrong and errors apart, and where a wrong answer leaves its nearest right one", () => {
    const rollouts = [
      rollout({ index: 0, tokens: [7, 1, 2, 3] }),
      rollout({ index: 1, tokens: [7, 1, 9], verdict: "wrong" }),
      rollout({ index: 2, tokens: [7, 1, 9, 4] }),
      rollout({ index: 3, verdict: "error", kept: false }),
      rollout({ index: 4, tokens: [7, 8], verdict: "wrong", stop: "length" }),
      rollout({ draw: 1, problem: "b", verdict: "wrong", text: "nine", tokens: [5] }),
    ];
    const [first, second] = groupsOf(rollouts);
    expect(first).toMatchObject({ problem: "a", unit: "tokens", shared: 1, kept: true });
    expect(first!.right.map(({ record }) => record.index)).toEqual([0, 2]);
    expect(first!.wrong.map(({ record, leaves, isCutOff }) => [record.index, leaves, isCutOff])).toEqual([
      [1, { index: 2, at: 3 }, false],
      [4, { index: 0, at: 1 }, true],
    ]);
    expect(first!.errors.map(({ record }) => record.index)).toEqual([3]);
    expect(second).toMatchObject({ problem: "b", right: [], wrong: [{ isCutOff: false }] });
    expect(second!.wrong[0]).not.toHaveProperty("leaves");
  });

  test("that was not learnt from is compared by characters", () => {
    const [group] = groupsOf([
      rollout({ kept: false, text: "so 12" }),
      rollout({ kept: false, text: "so 13", index: 1, verdict: "wrong" }),
    ]);
    expect(group).toMatchObject({ unit: "characters", shared: 4, wrong: [{ leaves: { index: 0, at: 4 } }] });
  });
});

describe("doubtful verdicts", () => {
  test("are wrong answers whose last number is the reference, in whatever form", () => {
    const wrong = (text: string, answer = "1/2", stop: "eos" | "length" = "eos") =>
      rollout({ verdict: "wrong", text, answer, stop });
    const doubtful = [
      wrong("so it is 0.5, I think"),
      wrong("2/4"),
      wrong("= -3.", "-3"),
      wrong("1,234 in all", "1234"),
    ];
    const clear = [wrong("0.5 or 0.6"), wrong("none"), wrong("0.5", "1/2", "length"), rollout({ text: "2" })];
    expect(endInReference([...clear, ...doubtful])).toEqual(doubtful);
  });

  test("are right answers that are short, and errors by their reason", () => {
    const texts = ["a long one", "7", "short"];
    expect(
      shortestRight(
        texts.map((text) => rollout({ text })),
        2,
      ).map(({ text }) => text),
    ).toEqual(["7", "short"]);
    const error = (because: string) => rollout({ verdict: "error", because });
    expect(reasonsOf([error("row 3"), rollout({}), error("late"), error("row 17")], "error")).toEqual([
      { because: "row 3", count: 2 },
      { because: "late", count: 1 },
    ]);
  });
});

const at = (second: number, event: object): LoggedEvent =>
  ({ time: new Date(1000 * second).toISOString(), ...event }) as LoggedEvent;

/** Died in step 2, taken up again after step 1, and at work on step 2. */
const events = [
  at(0, { kind: "phase", phase: "open", step: 0 }),
  at(2, { kind: "start", resumedAt: 0, steps: 9, model: "m" }),
  at(2, { kind: "phase", phase: "gen", step: 1 }),
  at(4, { kind: "progress", phase: "gen", step: 1, done: 1, total: 4 }),
  at(5, { kind: "step", step: 1 }),
  at(6, { kind: "phase", phase: "save", step: 1 }),
  at(8, { kind: "saved", step: 1, seconds: 2 }),
  at(9, { kind: "phase", phase: "gen", step: 2 }),
  at(60, { kind: "phase", phase: "open", step: 1 }),
  at(61, { kind: "start", resumedAt: 1, steps: 9, model: "m" }),
  at(61, { kind: "paused", step: 1 }),
  at(70, { kind: "continued", step: 1 }),
  at(70, { kind: "phase", phase: "eval", step: 1 }),
  at(72, { kind: "eval", step: 1 }),
  at(72, { kind: "phase", phase: "gen", step: 2 }),
  at(75, { kind: "progress", phase: "gen", step: 2, done: 3, total: 4 }),
];

describe("time", () => {
  test("is cut into phases, of which the last goes on and one has no end where the process died", () => {
    const spans = phasesOf(events);
    expect(spans.map(({ phase, start, end }) => [phase, start / 1000, end && end / 1000])).toEqual([
      ["open", 0, 2],
      ["gen", 2, 5],
      ["save", 6, 8],
      ["gen", 9, undefined],
      ["open", 60, 61],
      ["paused", 61, 70],
      ["eval", 70, 72],
      ["gen", 72, undefined],
    ]);
    expect(spans.at(-1)).toMatchObject({ step: 2, done: 3, total: 4 });
  });

  test("of a step is that of its phases, what is between them, and the evaluation and checkpoint after it", () => {
    const steps = [{ step: 1, metrics: { "timing_s/gen": 2, "timing_s/step": 3, "perf/tokens": 9 } }];
    expect(timesOf(steps, events)).toEqual([{ step: 1, seconds: { gen: 2, other: 1, eval: 2, save: 2 } }]);
  });
});
