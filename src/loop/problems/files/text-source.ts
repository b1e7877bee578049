/**
 * The bytes of a text file as UTF-8, without a byte order mark.
 *
 *   path  →  chunks
 *
 * Spreadsheets and shells write UTF-16 as well; that has a mark, or a zero in every other byte of what begins
 * with a header or a bracket.
 */
import { createReadStream } from "node:fs";
import { TextDecoder } from "node:util";
import { DataError } from "../../../errors.ts";

/** @throws DataError where UTF-16 is damaged */
export async function* textChunks(file: string, highWaterMark = 2 ** 16): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  for await (const chunk of createReadStream(file, { highWaterMark }) as AsyncIterable<Buffer>) {
    if (isFirst) {
      isFirst = false;
      decoder = decoderOf(chunk);
      if (decoder === undefined) {
        yield chunk.subarray(chunk.subarray(0, mark.length).equals(mark) ? mark.length : 0);
        continue;
      }
    }
    yield decoder === undefined ? chunk : decoded(file, decoder, chunk);
  }
  if (decoder !== undefined) yield decoded(file, decoder);
}

/** The byte order mark that spreadsheets put before UTF-8. */
const mark = Buffer.from([0xef, 0xbb, 0xbf]);

function decoderOf([first, second]: Buffer): TextDecoder | undefined {
  const encoding =
    (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
      ? "utf-16le"
      : (first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second !== undefined)
        ? "utf-16be"
        : undefined;
  return encoding && new TextDecoder(encoding, { fatal: true });
}

/** @param chunk  left out at the end of the file */
function decoded(file: string, decoder: TextDecoder, chunk?: Buffer): Buffer {
  try {
    return Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
  } catch (cause) {
    throw new DataError({
      where: file,
      expected: "UTF-16 text, as its first bytes say",
      got: "bytes that are none",
      next: "Save it again as UTF-8.",
      cause,
    });
  }
}
