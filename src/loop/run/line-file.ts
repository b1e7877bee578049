/**
 * Files of JSON lines that only grow, and the errors of the disk they are on.
 */
import { type FileHandle, open } from "node:fs/promises";
import { ErrataError, RunError } from "../../errors.ts";

/** A run's line files, by the name before `.jsonl`. */
export const lineFiles = ["steps", "rollouts", "evals"] as const;
export type LineFile = (typeof lineFiles)[number];

export interface Lines {
  /** @throws RunError where the disk is full or refuses; then a part of the last line may be there */
  append(records: readonly object[]): Promise<void>;
  /** Every record. */
  read(): Promise<unknown[]>;
  /** Flushes to the disk. @returns the length in bytes */
  sync(): Promise<number>;
  close(): Promise<void>;
}

/** What to do where a run's disk is full. */
const resume = "Free some space and go on with --resume; everything up to the last checkpoint is whole.";

/**
 * Opens a line file, made where it is missing, and cuts it back to `bytes`.
 *
 * @param whenFull  what to do where the disk is full, of a command that does not resume as a run does
 * @throws RunError where the file is shorter than that
 */
export async function openLines(path: string, bytes: number, whenFull = resume): Promise<Lines> {
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
      const data = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
      try {
        for (let done = 0; done < data.length; ) {
          const { bytesWritten } = await handle.write(data, done);
          done += bytesWritten;
        }
      } catch (cause) {
        throw asRunError(cause, path, whenFull);
      }
      length += data.length;
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

function parseLine(path: string, line: string): unknown {
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

/**
 * What a person can do about a disk that refuses, as a RunError; anything else comes back as it was.
 *
 * @param whenFull  what to do where it is full, of a command that does not resume as a run does
 */
export function asRunError(cause: unknown, where: string, whenFull = resume): unknown {
  const code = codeOf(cause);
  const full = code !== undefined && ["ENOSPC", "EDQUOT", "EFBIG"].includes(code);
  const forbidden = code !== undefined && ["EACCES", "EPERM", "EROFS"].includes(code);
  if (code === undefined || (cause instanceof ErrataError && !full && !forbidden)) return cause;
  return new RunError({
    where,
    expected: "to write here",
    got: full ? `a full disk (${code})` : forbidden ? `a folder this user may not write (${code})` : code,
    next: full ? whenFull : "Choose another output_dir, or change who may write there.",
    cause,
  });
}

/** The system's code of an error or of what caused it; one that crossed a thread has it in its message. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string" && /^E[A-Z]+$/.test(code)) return code;
    const named = /\b(ENOSPC|EDQUOT|EFBIG|EACCES|EPERM|EROFS)\b/.exec(at.message);
    if (named !== null) return named[1];
  }
  return undefined;
}
