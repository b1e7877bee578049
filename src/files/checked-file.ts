/**
 * A file that is read by offset, every offset checked against the size it really has.
 *
 * Headers of model files are claims. Nothing is read, and nothing allocated, on a claim that the
 * file is too short to keep. Each read opens the file for itself, so that there is nothing to close, and is
 * refused where it is no longer the file that was looked at.
 */
import type { Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { ModelError } from "../errors.ts";
import { DEEPEST_ROW, isDeep } from "./json-depth.ts";

/** One call to read may not ask for more: the limit of the system call is 2 GiB. */
const READ_BYTES = 2 ** 30;

export interface CheckedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Fills `into` from `position`; `what` names the part in the error of a file that ends before. */
  read(position: number, into: Uint8Array, what: string): Promise<void>;
}

/**
 * A regular file that can be read.
 *
 * @throws ModelError where there is none, it may not be read, or it is a folder, a pipe or a device
 */
export async function checkedFile(path: string): Promise<CheckedFile> {
  const first = await withRegular(path, async (_, stats) => stats);
  const { size } = first;
  return {
    path,
    size,
    async read(position, into, what) {
      if (position + into.byteLength > size) throw truncated(path, what, position + into.byteLength, size);
      await withRegular(path, async (handle, stats) => {
        const end = position + into.byteLength;
        if (end > stats.size) throw truncated(path, what, end, stats.size);
        if (differs(first, stats)) throw replaced(path);
        let done = 0;
        while (done < into.byteLength) {
          const length = Math.min(READ_BYTES, into.byteLength - done);
          const { bytesRead } = await handle.read(into, done, length, position + done);
          if (bytesRead === 0) throw truncated(path, what, position + into.byteLength, position + done);
          done += bytesRead;
        }
      });
    },
  };
}

function differs(one: Stats, other: Stats): boolean {
  return one.ino !== other.ino || one.size !== other.size || one.mtimeMs !== other.mtimeMs;
}

/**
 * Reads a JSON file of at most `maxBytes`.
 *
 * @throws ModelError where it is missing, too large, or not JSON
 */
export async function readJson(path: string, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(path, maxBytes);
  refusePointer(path, bytes);
  refuseDeep(path, bytes);
  try {
    return parsePythonJson(Buffer.from(bytes.buffer).toString("utf8"));
  } catch (cause) {
    throw new ModelError({
      where: path,
      expected: "JSON",
      got: (cause as Error).message,
      next: "The file is damaged or cut off; fetch the model again.",
      cause,
    });
  }
}

/** JSON as Python writes it: a number may be NaN, which is null here, or Infinity. @throws SyntaxError */
function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // texts are matched as well, so that what stands in one is left alone
    const standard = text.replace(/"(?:[^"\\]|\\.)*"|\bNaN\b|\bInfinity\b/g, (word) =>
      word === "NaN" ? "null" : word === "Infinity" ? "1e999" : word,
    );
    if (standard === text) throw cause;
    return JSON.parse(standard);
  }
}

/** What Git LFS leaves in a file's place. @param start  the file's first bytes */
export function refusePointer(path: string, start: Uint8Array): void {
  const mark = "version ".slice(0, start.length);
  if (mark.length < 4 || Buffer.from(start.subarray(0, 8)).toString("latin1") !== mark) return;
  throw new ModelError({
    where: path,
    expected: "the file itself",
    got: "a pointer of Git LFS, which stands in its place",
    next: "Fetch it with `git lfs pull`, or name the model by its Hugging Face id.",
  });
}

/** JSON that goes deeper than any of a model's takes seconds and gigabytes to parse, whatever it holds. */
export function refuseDeep(path: string, json: Uint8Array): void {
  if (!isDeep(json)) return;
  throw new ModelError({
    where: path,
    expected: "JSON of a few levels",
    got: `more than ${DEEPEST_ROW} levels of brackets`,
    next: "The file is damaged or made to harm; fetch the model again from a source you trust.",
  });
}

/** Reads a UTF-8 file of at most `maxBytes`. */
export async function readText(path: string, maxBytes: number): Promise<string> {
  return Buffer.from((await readBytes(path, maxBytes)).buffer).toString("utf8");
}

async function readBytes(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await checkedFile(path);
  if (file.size > maxBytes) {
    throw new ModelError({
      where: path,
      expected: `at most ${maxBytes} bytes`,
      got: `${file.size} bytes`,
      next: "No model needs a file of this kind so large; fetch the model again from a source you trust.",
    });
  }
  const bytes = new Uint8Array(file.size);
  await file.read(0, bytes, "the text");
  return bytes;
}

/** Memory for a part of a file, of a size that has been checked against the file's. */
export function reserve(path: string, what: string, bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new ModelError({
      where: path,
      expected: `${bytes} bytes of memory for ${what}`,
      got: "less",
      next: "Choose a smaller model, or a machine with more memory.",
      cause,
    });
  }
}

/** True where a regular file, or a link to one, is at `path`. */
export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

async function withRegular<T>(
  path: string,
  use: (handle: FileHandle, stats: Stats) => Promise<T>,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    // Asked before opening: opening a pipe waits for a writer that may never come.
    if (!(await stat(path)).isFile()) {
      throw new ModelError({
        where: path,
        expected: "a regular file",
        got: "a folder, a pipe or a device",
        next: "Name a model's file, or the folder that holds it.",
      });
    }
    handle = await open(path, "r");
    return await use(handle, await handle.stat());
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ModelError({
      where: path,
      expected: "a file that can be read",
      got: code === "ENOENT" ? "no such file" : code,
      next: "Check the path, and that this user may read it.",
      cause,
    });
  } finally {
    await handle?.close();
  }
}

function replaced(path: string): ModelError {
  return new ModelError({
    where: path,
    expected: "the file that was opened",
    got: "another one, or one written since",
    next: "Leave a model's files alone while it is read; then run the command again.",
  });
}

function truncated(path: string, what: string, needed: number, size: number): ModelError {
  return new ModelError({
    where: path,
    expected: `${what} to end at byte ${needed}`,
    got: `a file of ${size} bytes`,
    next: "The file is cut off or its header is wrong; fetch the model again.",
  });
}
