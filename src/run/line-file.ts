/**
 * Files of JSON lines that only grow, and the errors of the disk they are on.
 */
import { type FileHandle, open } from "node:fs/promises";
import { RunError } from "../errors.ts";
import { asRunError } from "../files/disk-errors.ts";

/** A run's line files, by the name before `.jsonl`. */
export const lineFiles = ["steps", "rollouts", "tokens", "evals", "answers"] as const;
export type LineFile = (typeof lineFiles)[number];

export interface Lines {
  /** @throws RunError where the disk is full or refuses; then a part of them may be there */
  append(records: Iterable<object>): Promise<void>;
  /** Every record. */
  read(): Promise<unknown[]>;
  /** Flushes to the disk. @returns the length in bytes */
  sync(): Promise<number>;
  close(): Promise<void>;
}

/** What to do where a run's disk is full. */
export const RESUME_WHEN_FULL =
  "Free some space and go on with --resume; everything up to the last checkpoint is whole.";

/**
 * Opens a line file, made where it is missing, and cuts it back to `bytes`.
 *
 * @param whenFull  what to do where the disk is full, of a command that does not resume as a run does
 * @throws RunError where the file is shorter than that
 */
export async function openLines(path: string, bytes: number, whenFull = RESUME_WHEN_FULL): Promise<Lines> {
  let handle: FileHandle;
  try {
    handle = await open(path, "a+");
  } catch (cause) {
    throw asRunError(cause, path, whenFull);
  }
  const { size } = await handle.stat();
  if (size < bytes) {
    await handle.close();
    throw new RunError({
      where: path,
      expected: `at least the ${bytes} bytes it had at the last checkpoint`,
      got: `${size}`,
      next: "Put the file back as it was; a run resumes only with all of its records.",
    });
  }
  if (size > bytes) await handle.truncate(bytes);
  let length = bytes;
  return {
    async append(records) {
      let added = 0;
      try {
        for (const data of pieces(records))
          for (let done = 0; done < data.length; ) {
            const { bytesWritten } = await handle.write(data, done);
            done += bytesWritten;
            added += bytesWritten;
          }
      } catch (cause) {
        throw asRunError(cause, path, whenFull);
      }
      length += added;
    },
    async read() {
      const data = Buffer.alloc(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(data, done, length - done, done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      const lines = data.toString("utf8").split("\n");
      return lines.filter((line) => line !== "").map((line) => parseLine(path, line));
    },
    async sync() {
      try {
        await handle.sync();
      } catch (cause) {
        throw asRunError(cause, path, whenFull);
      }
      return length;
    },
    close: () => handle.close(),
  };
}

/** Characters written at once: the rollouts of a large step are more than one string of V8 can hold. */
const PIECE_LENGTH = 1 << 24;

function* pieces(records: Iterable<object>): Generator<Buffer> {
  let text = "";
  for (const record of records) {
    text += `${JSON.stringify(record)}\n`;
    if (text.length < PIECE_LENGTH) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

export function parseLine(path: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new RunError({
      where: path,
      expected: "one JSON record a line",
      got: JSON.stringify(line.slice(0, 60)),
      next: "The file was changed by something else; put it back as it was.",
      cause,
    });
  }
}
