/**
 * JSON: one value a line, or one list, read as a stream of rows.
 *
 * Rows are cut out by their brackets and quotes alone and parsed one by one, so that a list need not
 * fit memory, and one that is damaged in the middle still says where.
 */
import { createReadStream } from "node:fs";
import { deepestRow, isDeep, Nesting } from "../../../engine/nesting.ts";
import { DataError } from "../../../errors.ts";
import { longestRow, type Row } from "./row-of-file.ts";

const newline = 0x0a;
const comma = 0x2c;
const openList = 0x5b;
const openObject = 0x7b;

/** The bytes of one row and where they begin. */
interface Cut {
  readonly place: number;
  readonly bytes: Buffer;
}

/** One JSON value a line; empty lines are none. */
export async function* jsonLines(file: string): AsyncGenerator<Row> {
  for await (const cut of lines(file)) {
    const row = parse(cut, "line");
    if (row !== undefined) yield row;
  }
}

/**
 * A `.json` file: a list of rows or, as many tools write under that name, one row a line.
 *
 * @throws DataError where it is neither, or is cut off
 */
export async function* jsonRows(file: string): AsyncGenerator<Row> {
  const first = await firstByte(file);
  if (first === openObject) {
    yield* jsonLines(file);
    return;
  }
  if (first === undefined) return;
  if (first !== openList) {
    throw new DataError({
      where: file,
      expected: "a JSON list of problems",
      got: `a file that begins with ${JSON.stringify(String.fromCharCode(first))}`,
      next: "Put the problems into [ ], or write one a line into a .jsonl file.",
    });
  }
  for await (const cut of elements(file)) {
    const row = parse(cut, "row");
    if (row !== undefined) yield row;
  }
}

function parse({ place, bytes }: Cut, unit: Row["unit"]): Row | undefined {
  const at = { unit, place, size: bytes.length };
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { ...at, because: "is not UTF-8 text" };
  }
  if (text.trim() === "") return undefined;
  if (isDeep(bytes)) return { ...at, because: `is nested more than ${deepestRow} deep` };
  try {
    return { ...at, value: JSON.parse(text) as unknown };
  } catch {
    return { ...at, because: "is not JSON" };
  }
}

/** Takes a byte order mark away. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

async function* lines(file: string): AsyncGenerator<Cut> {
  const row = new Pieces(file, "line");
  for await (const chunk of chunks(file)) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      row.add(chunk.subarray(from, at));
      yield row.take();
      from = at + 1;
    }
    row.add(chunk.subarray(from));
  }
  yield row.take();
}

/** The elements of a list that is all there is in the file. */
async function* elements(file: string): AsyncGenerator<Cut> {
  const nesting = new Nesting();
  const row = new Pieces(file, "row");
  let ended = false;
  for await (const chunk of chunks(file)) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      const before = nesting.depth;
      const depth = nesting.read(byte);
      if (ended && byte > 0x20) throw damaged(file, "more after the list's end");
      else if (before === 0 && depth === 1) from = at + 1;
      else if ((before === 1 && depth === 0) || (depth === 1 && byte === comma && !nesting.inString)) {
        row.add(chunk.subarray(from, at));
        yield row.take();
        from = at + 1;
        ended = depth === 0;
      } else if (depth > deepestRow + 1) {
        throw damaged(file, `row ${row.place}, nested more than ${deepestRow} deep`);
      }
    }
    if (nesting.depth > 0) row.add(chunk.subarray(from));
  }
  if (!ended) throw damaged(file, `an end of the file in row ${row.place}`);
}

/** Gathers one row from the chunks it lies in. */
class Pieces {
  place = 1;
  readonly #file: string;
  readonly #unit: string;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(file: string, unit: string) {
    this.#file = file;
    this.#unit = unit;
  }

  add(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > longestRow) {
      throw new DataError({
        where: `${this.#file}, ${this.#unit} ${this.place}`,
        expected: `at most ${longestRow} bytes`,
        got: "more",
        next: "One problem does not need so much; is this a data set, with one problem a row?",
      });
    }
    if (piece.length > 0) this.#pieces.push(piece);
  }

  take(): Cut {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return { place: this.place++, bytes };
  }
}

const chunkBytes = 2 ** 20;

function chunks(file: string): AsyncIterable<Buffer> {
  return createReadStream(file, { highWaterMark: chunkBytes });
}

/** The first byte that is not white space or of a byte order mark, in the first part of the file. */
async function firstByte(file: string): Promise<number | undefined> {
  for await (const chunk of chunks(file)) {
    for (const byte of chunk) if (byte > 0x20 && byte < 0x80) return byte;
    if (chunk.length === chunkBytes) throw damaged(file, `${chunkBytes} bytes of nothing`);
  }
  return undefined;
}

function damaged(file: string, got: string): DataError {
  return new DataError({
    where: file,
    expected: "a JSON list of problems",
    got,
    next: "The file is damaged or cut off; write it again.",
  });
}
