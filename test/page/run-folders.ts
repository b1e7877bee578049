/** Runs' folders as a run writes them, small ones, for the page to read; a trained run ships as the demo. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../models/files.ts";

export const stepLine = (step: number, more: Readonly<Record<string, number>> = {}): string =>
  `${JSON.stringify({
    step,
    metrics: {
      "train/global_step": step,
      "train/acc_all": 0.25 + step / 1000,
      "actor/entropy": 0.5,
      "timing_s/gen": 3,
      "timing_s/update_actor": 1,
      "timing_s/step": 4,
      ...more,
    },
  })}\n`;

export const rolloutLine = (step: number, draw: number, index: number, text: string): string =>
  `${JSON.stringify({
    ...{ step, problem: `p-${draw}`, draw, index, prompt: "1+1=?", answer: "2", text, stop: "eos" },
    ...{ verdict: text === "2" ? "right" : "wrong", solveRate: 0.5, kept: true },
  })}\n`;

/** A run that has begun and done nothing yet. */
export function emptyRun(name = "a-run"): string {
  const folder = join(temporaryFolder(), name);
  mkdirSync(folder);
  writeFileSync(
    join(folder, "options.yaml"),
    "# errata train\nmodel: pocket\ndataset: pocket\nmax_steps: 40\n",
  );
  return folder;
}

export async function listed<T>(records: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const record of records) list.push(record);
  return list;
}

export function append(folder: string, file: string, lines: string): void {
  appendFileSync(join(folder, `${file}.jsonl`), lines);
}
