/**
 * JSON: one value a line, or one list, which may stand in an object, read as a stream of rows.
 *
 * Rows are cut out by their brackets and quotes alone and parsed one by one, so that a list need not
 * fit memory, and one that is damaged in the middle still says where.
 */
import { DataError } from "../../../errors.ts";
import { DEEPEST_ROW, isDeep, Nesting } from "../../../files/json-depth.ts";
import { keepNumbers } from "../exact-json.ts";
import { type Cut, Pieces } from "./row-buffer.ts";
import type { Row } from "./row-of-file.ts";
import { textChunks } from "./text-source.ts";

const NEWLINE = 0x0a;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;

/**
 * One JSON value a line; empty lines are none.
 *
 * @throws DataError where a value goes over several lines
 */
export async function* jsonLines(file: string): AsyncGenerator<Row> {
  if (/^\{\s*\n/.test(await beginning(file))) {
    throw notRows(file, "one object over several lines");
  }
  for await (const cut of lines(file)) {
    const row = parse(cut, "line");
    if (row !== undefined) yield row;
  }
}

/** An object that begins with a list of objects by one of these names is a wrapping around its rows. */
const wrapping = /^\{\s*"(?:data|rows|problems|train|validation|test)"\s*:\s*\[\s*\{/;

/**
 * A `.json` file: a list of rows, alone or in an object such as `{"data": […]}`, or, as many tools write
 * under that name, one row a line.
 *
 * @throws DataError where it is none of them, or is cut off
 */
export async function* jsonRows(file: string): AsyncGenerator<Row> {
  const begins = await beginning(file);
  if (begins === "") return;
  const isWrapped = wrapping.test(begins);
  if (begins.startsWith("{") && !isWrapped) {
    yield* jsonLines(file);
    return;
  }
  if (!begins.startsWith("[") && !isWrapped) {
    throw notRows(file, `a file that begins with ${JSON.stringify(begins[0])}`);
  }
  for await (const cut of elements(file, isWrapped ? 2 : 1)) {
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
  if (isDeep(bytes)) return { ...at, because: `is nested more than ${DEEPEST_ROW} deep` };
  try {
    const value: unknown = JSON.parse(text);
    const exact = keepNumbers(text);
    return exact === text ? { ...at, value } : { ...at, value, exact: JSON.parse(exact) as unknown };
  } catch {
    return { ...at, because: "is not JSON" };
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

async function* lines(file: string): AsyncGenerator<Cut> {
  const row = new Pieces(file, "line");
  for await (const chunk of chunks(file)) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      row.add(chunk.subarray(from, at));
      yield row.take();
      from = at + 1;
    }
    row.add(chunk.subarray(from));
  }
  yield row.take();
}

/**
 * The elements of a list that is all there is in the file, or the only list in an object that is.
 *
 * @param level  the depth within the list: 1, or 2 in an object
 */
async function* elements(file: string, level: 1 | 2): AsyncGenerator<Cut> {
  const nesting = new Nesting();
  const row = new Pieces(file, "row");
  let state: "before" | "inside" | "after" = "before";
  let ended = false;
  for await (const chunk of chunks(file)) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      const before = nesting.depth;
      const depth = nesting.read(byte);
      if (ended && byte > 0x20) throw damaged(file, "more after the list's end");
      if (before < level && depth === level && byte === OPEN_LIST) {
        if (state === "after") throw notRows(file, "an object with several lists");
        state = "inside";
        from = at + 1;
      } else if (state === "inside" && (depth < level || (depth === level && byte === COMMA))) {
        // a comma in a string is part of it
        if (depth === level && nesting.inString) continue;
        row.add(chunk.subarray(from, at));
        yield row.take();
        from = at + 1;
        if (depth < level) state = "after";
      } else if (depth > DEEPEST_ROW + level) {
        throw damaged(file, `row ${row.place}, nested more than ${DEEPEST_ROW} deep`);
      }
      if (before > 0 && depth === 0) ended = true;
    }
    if (state === "inside") row.add(chunk.subarray(from));
  }
  if (!ended) throw damaged(file, `an end of the file in row ${row.place}`);
}

const CHUNK_BYTES = 2 ** 20;

function chunks(file: string): AsyncIterable<Buffer> {
  return textChunks(file, CHUNK_BYTES);
}

/** What a file begins with after blanks, in the first part of it: "" where it is empty. */
async function beginning(file: string): Promise<string> {
  let blank = 0;
  for await (const chunk of chunks(file)) {
    const at = chunk.findIndex((byte) => byte > 0x20 && byte < 0x80);
    if (at >= 0) return chunk.toString("latin1", at, at + 1000);
    blank += chunk.length;
    if (blank >= CHUNK_BYTES) throw damaged(file, `${blank} bytes of nothing`);
  }
  return "";
}

function notRows(file: string, got: string): DataError {
  return new DataError({
    where: file,
    expected: "a JSON list of problems, or one problem a line",
    got,
    next: "Put the problems into one list, [ … ], or write each into a line of its own in a .jsonl file.",
  });
}

function damaged(file: string, got: string): DataError {
  return new DataError({
    where: file,
    expected: "a JSON list of problems",
    got,
    next: "The file is damaged or cut off; write it again.",
  });
}
