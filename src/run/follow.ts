/**
 * Following a file of lines that another process appends to, and that a resumed run cuts back.
 *
 *   a cursor  →  the whole lines after it, and the cursor behind them
 *
 * Whoever follows keeps nothing but the cursor, a word that says up to where it has read and what was there. So it
 * notices where the file was cut and written anew, also beyond that place.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open, stat } from "node:fs/promises";
import { RunError } from "../errors.ts";

/** Before the first line. */
export const START = "0";

export interface Followed {
  /** Without their line breaks. */
  readonly lines: readonly string[];
  /** Behind the last of them. */
  readonly cursor: string;
  /** The file is not the one that was read: it was cut, and `lines` are its first ones. Forget what was read before. */
  readonly isCut: boolean;
  /** More whole lines may be there now. */
  readonly hasMore: boolean;
}

/** Bytes read at once, unless one line is longer. */
const PIECE = 1 << 20;
/** Bytes before a cursor that it knows again. */
const KNOWN = 256;

/**
 * Reads on in a file; one that is not there yet is empty.
 *
 * @param cursor  as it was returned, or `START`
 * @param piece   how many bytes of whole lines at most, or one longer line
 * @throws RunError where the cursor is none
 */
export async function follow(path: string, cursor: string = START, piece = PIECE): Promise<Followed> {
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
  if (file === undefined)
    return { lines: [], cursor: START, isCut: placeOf(cursor).offset > 0, hasMore: false };
  try {
    const { size } = await file.stat();
    const { offset, mark } = placeOf(cursor);
    const isCut = offset > size || (offset > 0 && (await markAt(file, offset)) !== mark);
    const from = isCut ? 0 : offset;
    const data = await wholeLinesFrom(file, from, size, piece);
    const end = from + data.length;
    const lines = data.length === 0 ? [] : data.toString("utf8", 0, data.length - 1).split("\n");
    return { lines, cursor: await cursorAt(file, end), isCut, hasMore: data.length > 0 && end < size };
  } finally {
    await file.close();
  }
}

/** A word that is another once a file has changed; one that is not there has one too. To look is cheaper than to read on. */
export async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
  return found === undefined ? "absent" : `${found.ino}-${found.size}-${found.mtimeNs}`;
}

/** The cursor behind the last whole line that is there now: what is followed from it is new. */
export async function endOf(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return START;
  try {
    return await cursorAt(file, await wholeLength(file));
  } finally {
    await file.close();
  }
}

/** The length of a file up to its last line break, in bytes. */
export async function wholeLength(file: FileHandle): Promise<number> {
  const piece = Buffer.alloc(1 << 16);
  for (let end = (await file.stat()).size; end > 0; ) {
    const from = Math.max(0, end - piece.length);
    const { bytesRead } = await file.read(piece, 0, end - from, from);
    const last = piece.subarray(0, bytesRead).lastIndexOf(10);
    if (last >= 0) return from + last + 1;
    end = from;
  }
  return 0;
}

const cursorAt = async (file: FileHandle, offset: number): Promise<string> =>
  offset === 0 ? START : `${offset}-${await markAt(file, offset)}`;

/** Up to `piece` bytes that end with a line break, or one longer line; empty where no line is whole. */
async function wholeLinesFrom(file: FileHandle, from: number, size: number, piece: number): Promise<Buffer> {
  for (let most = piece; ; most *= 4) {
    const data = Buffer.alloc(Math.min(most, size - from));
    const { bytesRead } = await file.read(data, 0, data.length, from);
    const end = data.subarray(0, bytesRead).lastIndexOf(10) + 1;
    if (end > 0 || most >= size - from) return data.subarray(0, end);
  }
}

/** Names the bytes before a place. */
async function markAt(file: FileHandle, offset: number): Promise<string> {
  const data = Buffer.alloc(Math.min(KNOWN, offset));
  const { bytesRead } = await file.read(data, 0, data.length, offset - data.length);
  return createHash("sha256").update(data.subarray(0, bytesRead)).digest("hex").slice(0, 12);
}

function placeOf(cursor: string): { readonly offset: number; readonly mark: string | undefined } {
  const match = /^(\d{1,15})(?:-([0-9a-f]{12}))?$/.exec(cursor);
  if (match !== null) return { offset: Number(match[1]), mark: match[2] };
  throw new RunError({
    where: "cursor",
    expected: "one that was given with lines, or 0",
    got: JSON.stringify(cursor.slice(0, 40)),
    next: "Begin at 0.",
  });
}
