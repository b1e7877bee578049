/**
 * Reading a run's folder, while it runs or after.
 *
 *   steps.jsonl, evals.jsonl  →  every record
 *   rollouts.jsonl, …         →  one step's records, found by their place: a file may be larger than memory
 *
 * Nothing is written or locked. A last line that is still being written is left for the next reading.
 */
import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../errors.ts";
import type { AnswerRecord, EvalRecord, RolloutRecord, StepRecord, TokenRecord } from "./records.ts";
import { checkpointsOf, isRun, runCommand } from "./run-folder.ts";

export interface ReadRun {
  readonly folder: string;
  readonly command: "train" | "sft";
  /** Whole checkpoints, oldest first. */
  readonly checkpoints: readonly { readonly step: number; readonly path: string }[];
  /** One record for each step, first to last. */
  steps(): Promise<StepRecord[]>;
  evals(): Promise<EvalRecord[]>;
  /** The last step with rollouts; undefined where there are none. */
  lastRollouts(): Promise<number | undefined>;
  /** Rollouts as they were written: of one step, or of all. */
  rollouts(step?: number): AsyncGenerator<RolloutRecord>;
  /** What the step did to tokens of some groups. */
  tokens(step?: number): AsyncGenerator<TokenRecord>;
  /** Answers to held-out problems, of the evaluation after a step, or of all. */
  answers(step?: number): AsyncGenerator<AnswerRecord>;
}

/** @throws RunError where the folder is no run of train or sft */
export function readRun(folder: string): ReadRun {
  if (!isRun(folder))
    throw new RunError({
      where: folder,
      expected: "the folder of a run, with options.yaml in it",
      got: existsSync(folder) ? "something else" : "no such folder",
      next: "Name the folder that the run printed when it began.",
    });
  const path = (file: string) => join(folder, `${file}.jsonl`);
  return {
    folder,
    command: runCommand(folder) as "train" | "sft",
    checkpoints: checkpointsOf(folder),
    steps: () => readAll<StepRecord>(path("steps")),
    evals: () => readAll<EvalRecord>(path("evals")),
    lastRollouts: () =>
      withFile(path("rollouts"), undefined, (file, end) => lastStep(path("rollouts"), file, end)),
    rollouts: (step) => recordsOf(path("rollouts"), step),
    tokens: (step) => recordsOf(path("tokens"), step),
    answers: (step) => recordsOf(path("answers"), step),
  };
}

/** Records of one step, or of all, of a file whose steps never go down. */
async function* recordsOf<T extends { readonly step: number }>(
  path: string,
  step?: number,
): AsyncGenerator<T> {
  const from =
    step === undefined ? 0 : await withFile(path, 0, (file, end) => offsetOf(path, file, end, step));
  for await (const record of linesFrom<T>(path, from)) {
    if (step !== undefined && record.step !== step) return;
    yield record;
  }
}

async function readAll<T>(path: string): Promise<T[]> {
  if (!existsSync(path)) return [];
  const text = await readFile(path, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [parse<T>(path, line)]));
}

async function* linesFrom<T>(path: string, start: number): AsyncGenerator<T> {
  if (!existsSync(path)) return;
  let rest = "";
  for await (const chunk of createReadStream(path, { start, encoding: "utf8" })) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield parse<T>(path, line);
  }
}

async function withFile<T>(
  path: string,
  absent: T,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  if (!existsSync(path)) return absent;
  const file = await open(path, "r");
  try {
    return await use(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

/** Steps never go down along the file, so the first line of one is found by halving. */
async function offsetOf(path: string, file: FileHandle, size: number, step: number): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const line = await lineAfter(path, file, middle, size);
    if (line === undefined || line.step >= step) high = middle;
    else low = line.end;
  }
  return (await lineAfter(path, file, low, size))?.start ?? size;
}

async function lastStep(path: string, file: FileHandle, size: number): Promise<number | undefined> {
  for (let back = 1 << 16; ; back *= 4) {
    let line = await lineAfter(path, file, Math.max(0, size - back), size);
    if (line === undefined && back < size) continue;
    let last = line;
    for (; line !== undefined; line = await lineAfter(path, file, line.end, size)) last = line;
    return last?.step;
  }
}

interface Line {
  readonly start: number;
  /** Behind its line break. */
  readonly end: number;
  readonly step: number;
}

/** The first whole line that begins at or after an offset. */
async function lineAfter(
  path: string,
  file: FileHandle,
  offset: number,
  size: number,
): Promise<Line | undefined> {
  const start = offset === 0 ? 0 : await lineBreak(file, offset - 1, size).then((at) => at && at + 1);
  if (start === undefined) return undefined;
  const end = await lineBreak(file, start, size);
  if (end === undefined) return undefined;
  // a record begins with its step
  const head = Buffer.alloc(Math.min(40, end - start));
  await file.read(head, 0, head.length, start);
  const step = /^\{"step":(\d+)/.exec(head.toString("latin1"))?.[1];
  if (step === undefined) throw notARecord(path, head.toString("utf8"));
  return { start, end: end + 1, step: Number(step) };
}

/** The place of the first line break at or after an offset. */
async function lineBreak(file: FileHandle, offset: number, size: number): Promise<number | undefined> {
  const chunk = Buffer.alloc(1 << 16);
  for (let at = offset; at < size; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return undefined;
    const found = chunk.subarray(0, bytesRead).indexOf(10);
    if (found >= 0) return at + found;
    at += bytesRead;
  }
  return undefined;
}

function parse<T>(path: string, line: string): T {
  try {
    return JSON.parse(line) as T;
  } catch (cause) {
    throw notARecord(path, line, cause);
  }
}

function notARecord(where: string, line: string, cause?: unknown): RunError {
  return new RunError({
    where,
    expected: "one JSON record a line",
    got: JSON.stringify(line.slice(0, 60)),
    next: "The file was changed by something else; put it back as it was.",
    cause,
  });
}
