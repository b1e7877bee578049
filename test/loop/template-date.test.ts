import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { evaluate } from "../../src/commands/evaluation/evaluate.ts";
import { train } from "../../src/loop/train.ts";
import { type TinyOptions, tinyRun, verifier } from "./tiny.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** A run whose chat template asks for the date. */
let dated: { readonly folder: string; readonly options: TinyOptions };

beforeEach(async () => {
  dated = await tinyRun();
  const template = "{{ strftime_now('%Y-%m-%d') }} {{ messages[0].content }}";
  writeFileSync(join(dated.options.model, "chat_template.jinja"), template);
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(2026, 6, 14, 23, 59) });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(dated.folder, { recursive: true });
});

const nextDay = () => vi.setSystemTime(new Date(2026, 6, 15, 0, 1));
const kept = (folder: string) => readFileSync(join(folder, "options.yaml"), "utf8");

test("a run resumed on another day asks as on the day it began", async () => {
  const { options } = dated;
  const { folder } = await train({ ...options, maxSteps: 1, lrSchedulerType: "constant" });
  expect(kept(folder)).toContain("chat_template_date: 2026-07-14");
  nextDay();
  // with other prompts it would be refused as a run on other data
  await train({ resumeFromCheckpoint: folder, maxSteps: 2 });
  expect(kept(folder)).toContain("chat_template_date: 2026-07-14");
});

test("an evaluation that goes on in its folder asks as on the day it began, and says what another day changes", async () => {
  const { model, dataset } = dated.options;
  const outputDir = join(dated.folder, "evaluation");
  const given = {
    model,
    evalDataset: dataset,
    outputDir,
    verifier: verifier("even"),
    maxCompletionLength: 20,
    threads: 1,
  };
  await evaluate(given);
  nextDay();
  // with other prompts it would be refused as an evaluation of other problems
  expect(await evaluate(given)).toMatchObject({ folder: outputDir, finished: true });
  await expect(evaluate({ ...given, chatTemplateDate: "2026-07-15" })).rejects.toThrow(
    /chat_template_date 2026-07-15 after 2026-07-14/,
  );
});
