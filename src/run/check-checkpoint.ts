/**
 * A checkpoint's parts, held against each other before a run goes on from it: its folder's name, its position,
 * and the lines that the run's files have on both sides of where it cuts them.
 */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../errors.ts";
import { type LineFile, lineFiles, parseLine } from "./line-file.ts";
import { type Position, RESUME_EARLIER } from "./position.ts";

/**
 * @param folder  the run's
 * @param last    its last checkpoint, and the step in that one's name
 * @throws RunError naming the parts that are of different steps
 */
export async function checkCheckpoint(
  folder: string,
  last: { readonly step: number; readonly path: string },
  { step, bytes }: Position,
): Promise<void> {
  const damaged = (expected: string, got: string) =>
    new RunError({ where: join(last.path, "position.json"), expected, got, next: RESUME_EARLIER });
  if (step !== last.step) throw damaged(`step ${last.step}, as its folder's name says`, `step ${step}`);
  for (const file of lineFiles) {
    const path = join(folder, `${file}.jsonl`);
    const around = await readAround(path, bytes[file]);
    if (around === undefined) continue;
    const { before, after } = around;
    // of evaluations and rollouts a step may have none
    const ends =
      file === "steps" ? before === step || (step === 0 && before === undefined) : (before ?? 0) <= step;
    if (!ends)
      throw damaged(
        `bytes.${file} to end with step ${step}`,
        `${bytes[file]}, which ends with step ${before}`,
      );
    // an evaluation may have been made after its step was saved
    const isLater = after === undefined || after > step || (isOfEvaluations(file) && after === step);
    if (!isLater)
      throw damaged(
        `bytes.${file} to keep all of step ${step}`,
        `${bytes[file]}, which cuts step ${after} off`,
      );
  }
}

const isOfEvaluations = (file: LineFile): boolean => file === "evals" || file === "answers";

/**
 * The steps of the lines before and after a place in a file; undefined where there is none, or only a part of a
 * line after it, as a killed process leaves it. Undefined of a shorter file, which is refused when it is opened.
 */
async function readAround(
  path: string,
  bytes: number,
): Promise<{ before?: number; after?: number } | undefined> {
  const handle = await open(path, "a+");
  try {
    const { size } = await handle.stat();
    if (size < bytes) return undefined;
    const head = await readUntil(
      bytes,
      (length) => readAt(handle, bytes - length, length),
      (data) => data.lastIndexOf("\n", data.length - 2) >= 0,
    );
    const tail = await readUntil(
      size - bytes,
      (length) => readAt(handle, bytes, length),
      (data) => data.includes("\n"),
    );
    const lastLine = head.toString().trimEnd().split("\n").at(-1)!;
    const end = tail.indexOf("\n");
    return {
      ...(lastLine === "" ? {} : { before: stepOf(path, lastLine) }),
      ...(end < 0 ? {} : { after: stepOf(path, tail.toString("utf8", 0, end)) }),
    };
  } finally {
    await handle.close();
  }
}

/** Reads more and more, up to `most` bytes, until it is enough. */
async function readUntil(
  most: number,
  read: (length: number) => Promise<Buffer>,
  isEnough: (data: Buffer) => boolean,
): Promise<Buffer> {
  for (let length = 1 << 16; ; length *= 4) {
    const data = await read(Math.min(length, most));
    if (length >= most || isEnough(data)) return data;
  }
}

async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const data = Buffer.alloc(length);
  const { bytesRead } = await handle.read(data, 0, length, from);
  return data.subarray(0, bytesRead);
}

function stepOf(path: string, line: string): number {
  return (parseLine(path, line) as { readonly step: number }).step;
}
