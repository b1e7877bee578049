/**
 * Whole lines of a file from a byte on, a bounded piece at a time.
 */
import { open } from "node:fs/promises";

export interface ReadLines {
  /** The byte that the first line begins at: 0 where the file is not the one that was read before. */
  readonly from: number;
  /** The byte behind the last. */
  readonly next: number;
  readonly lines: readonly string[];
  readonly isMore: boolean;
}

const [PIECE_BYTES, LONGEST_LINE_BYTES] = [2 ** 18, 2 ** 26];

/**
 * @param from  where a line begins; a file that is shorter, or has no line's end before it, is read anew
 * @returns undefined where there is no file, or nothing new in it
 */
export async function linesFrom(path: string, from: number): Promise<ReadLines | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const begin = from === 0 || (from <= size && (await isLineEnd(from - 1))) ? from : 0;
    for (let length = PIECE_BYTES; ; length *= 4) {
      const piece = Buffer.alloc(Math.min(length, size - begin));
      const { bytesRead } = await file.read(piece, 0, piece.length, begin);
      const end = piece.subarray(0, bytesRead).lastIndexOf(10) + 1;
      const isWhole = begin + bytesRead >= size;
      if (end === 0 && !isWhole && length < LONGEST_LINE_BYTES) continue;
      if (end === 0 && begin === from) return undefined;
      const lines = piece.toString("utf8", 0, Math.max(0, end - 1)).split("\n");
      return { from: begin, next: begin + end, lines: end === 0 ? [] : lines, isMore: end > 0 && !isWhole };
    }
  } finally {
    await file.close();
  }

  async function isLineEnd(at: number): Promise<boolean> {
    const { bytesRead, buffer } = await file!.read(Buffer.alloc(1), 0, 1, at);
    return bytesRead === 1 && buffer[0] === 10;
  }
}
