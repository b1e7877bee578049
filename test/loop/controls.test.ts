/** What is asked of a run at work is done between its steps, and leaves the run that was never asked. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { sft } from "../../src/loop/sft.ts";
import { train } from "../../src/loop/train.ts";
import type { LoggedEvent, RunEvent } from "../../src/run/events.ts";
import { phasesOf } from "../../src/run/phases.ts";
import { ask, canAsk } from "../../src/run/requests.ts";
import { leftBy } from "./left-by.ts";
import { type TinyOptions, tinyRun } from "./tiny.ts";

vi.setConfig({ testTimeout: 240_000 });

type Line = { readonly step: number; readonly asked?: true };

/** What a run left but for what was asked of it: lines that say so, and checkpoints before the last. */
function leftUnasked(run: string): Record<string, unknown> {
  const left = leftBy(run);
  const unasked = (file: string) =>
    readFileSync(join(run, file), "utf8")
      .split("\n")
      .filter((line) => !line.includes('"asked":true'))
      .join("\n");
  const evals = (left["evals.jsonl"] as Line[]).filter(({ asked }) => asked === undefined);
  const last = readdirSync(join(run, "checkpoints")).sort().at(-1)!;
  const files = Object.entries(left).filter(
    ([path]) => !path.startsWith("checkpoints/") || path.includes(last),
  );
  return { ...Object.fromEntries(files), "evals.jsonl": evals, "answers.jsonl": unasked("answers.jsonl") };
}

const eventsOf = (run: string): LoggedEvent[] =>
  readFileSync(join(run, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as LoggedEvent);

const isPhase = (event: RunEvent, phase: string, step: number) =>
  event.kind === "phase" && event.phase === phase && event.step === step;

describe("a run that is paused, measured, saved and stopped as it goes", () => {
  test("leaves the weights, steps, answers and token records of one that was never asked", async () => {
    const { folder, options } = await tinyRun();
    const long: TinyOptions = { ...options, evalDataset: options.dataset, evalOnStart: false, maxSteps: 6 };
    await train({ ...long, outputDir: join(folder, "whole") });

    const run = options.outputDir!;
    const heard: string[] = [];
    const asking: Promise<string>[] = [];
    const stop = new AbortController();
    const listen = (act: (event: RunEvent) => void) => (event: RunEvent) => {
      if (["asked", "paused", "continued", "eval", "saved", "end"].includes(event.kind))
        heard.push(
          [event.kind, "request" in event ? event.request : "", "step" in event ? event.step : ""].join(" "),
        );
      act(event);
    };
    const tell = (...requests: Parameters<typeof ask>[1][]) => {
      for (const request of requests) asking.push(ask(run, request));
    };
    // measured before the first evaluation that is due, saved where none is, and paused: then whoever watches stops it
    const first = await train(long, {
      signal: stop.signal,
      onEvent: listen((event) => {
        if (isPhase(event, "update_actor", 1)) tell("evaluate");
        if (isPhase(event, "old_log_prob", 3)) tell("save");
        if (isPhase(event, "old_log_prob", 4)) tell("pause");
        if (event.kind === "paused") stop.abort();
      }),
    });
    expect(first).toMatchObject({ reason: "stopped", steps: 4 });
    expect(canAsk(run)).toBe(false);
    // resumed it is still paused, until it is told to continue; then it is stopped after a step
    const second = await train(
      { resumeFromCheckpoint: run },
      {
        onEvent: listen((event) => {
          if (event.kind === "paused") tell("evaluate");
          if (event.kind === "eval" && event.record.asked) tell("continue");
          if (isPhase(event, "old_log_prob", 5)) tell("stop");
        }),
      },
    );
    expect(second).toMatchObject({ reason: "stopped", steps: 5 });
    const third = await train({ resumeFromCheckpoint: run }, { onEvent: listen(() => {}) });
    expect(third).toMatchObject({ reason: "finished", steps: 6 });
    await Promise.all(asking);

    expect(heard.filter((line) => !line.startsWith("asked"))).toEqual([
      ...["saved  1", "eval  1", "saved  2", "eval  3", "saved  3", "saved  4", "paused  4", "end  "],
      ...["paused  4", "eval  4", "continued  4", "saved  5", "end  "],
      ...["eval  6", "saved  6", "end  "],
    ]);
    expect(heard.filter((line) => line.startsWith("asked")).map((line) => line.split(" ")[1])).toEqual([
      ...["evaluate", "save", "pause"],
      ...["pause", "evaluate", "continue", "stop"],
    ]);
    const evals = leftBy(run)["evals.jsonl"] as Line[];
    expect(evals.map(({ step, asked }) => [step, asked])).toEqual([
      [1, true],
      [3, undefined],
      [4, true],
      [6, undefined],
    ]);
    expect(leftUnasked(run)).toEqual(leftUnasked(join(folder, "whole")));
    expect(readdirSync(join(run, "requests"))).toEqual([]);

    const spans = phasesOf(eventsOf(run));
    expect(spans.filter(({ phase }) => phase === "paused").map(({ step }) => step)).toEqual([4, 4, 4]);
    expect(spans.every(({ start, end }) => end !== undefined && end >= start)).toBe(true);
    rmSync(folder, { recursive: true });
  });

  test("in a cold start leaves the same too", async () => {
    const { folder, options } = await tinyRun(24);
    const { model, dataset, threads, outputDir } = options;
    const long: TinyOptions = { model, dataset, evalDataset: dataset, threads, miniBatchSize: 8 };
    await sft({ ...long, outputDir: join(folder, "whole") });
    const asking: Promise<string>[] = [];
    await sft(
      { ...long, outputDir },
      {
        onEvent: (event) => {
          if (isPhase(event, "update_actor", 2))
            asking.push(ask(outputDir!, "evaluate"), ask(outputDir!, "pause"));
          if (event.kind === "paused") asking.push(ask(outputDir!, "continue"));
        },
      },
    );
    await Promise.all(asking);
    expect((leftBy(outputDir!)["evals.jsonl"] as Line[]).map(({ step, asked }) => [step, asked])).toEqual([
      [0, undefined],
      [2, true],
      [3, undefined],
    ]);
    expect(leftUnasked(outputDir!)).toEqual(leftUnasked(join(folder, "whole")));
    rmSync(folder, { recursive: true });
  });
});

describe("asking", () => {
  test("is refused where nobody is at work, and where the folder cannot be written", async () => {
    const { folder, options } = await tinyRun();
    const run = options.outputDir!;
    await expect(ask(run, "pause")).rejects.toThrow(/expected a run that a process .* got no run/);
    let refusal: unknown;
    await train(
      { ...options, maxSteps: 1 },
      {
        onEvent: (event) => {
          if (event.kind !== "start") return;
          // whoever may not write here is told so by the system, as where this is no folder
          writeFileSync(join(run, "requests"), "");
          ask(run, "pause").catch((cause: unknown) => {
            refusal = cause;
          });
        },
      },
    );
    expect(String(refusal)).toMatch(/requests: expected to write here/);
    expect(existsSync(join(run, "checkpoints/step-0001"))).toBe(true);
    await expect(ask(run, "pause")).rejects.toThrow(/got one that nobody is at work on\./);
    rmSync(folder, { recursive: true });
  });
});
