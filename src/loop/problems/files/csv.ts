/**
 * CSV and TSV: a header that names the columns, then a row a record.
 *
 * In a .csv file the header says what stands between cells: commas, or semicolons or tabs where there are more.
 * Every cell is text here; what kind of text is decided where the column's meaning is known, because
 * an answer of `[1,2]` or `007` must stay as it was typed.
 */
import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { DataError } from "../../../errors.ts";
import { quoteFault } from "./quotes.ts";
import type { Row } from "./row-of-file.ts";
import { textChunks } from "./text-source.ts";

/** Columns of the widest table. */
const MOST_COLUMNS = 1000;
/** Bytes of a row, and of a line in a cell: the parser looks at each byte several times. */
const LONGEST_ROW = 2 ** 20;

interface Record {
  readonly record: readonly string[];
  /** The record as it stands in the file. */
  readonly raw: string;
  /** `lines` is the line it ends on, from 1. */
  readonly info: { readonly lines: number };
}

/** What may stand between cells. */
export type Delimiter = "," | ";" | "\t";

/**
 * @param given  what stands between cells; left out, the header says it
 * @throws DataError where there is no header, or quotes are left open
 */
export async function* csvRows(file: string, given?: Delimiter): AsyncGenerator<Row> {
  const delimiter = given ?? (await delimiterOf(file));
  const parser = parse({
    delimiter,
    // a character for each byte, so that what is not UTF-8 is found below and not replaced here
    encoding: "latin1",
    info: true,
    max_record_size: LONGEST_ROW,
    raw: true,
    // all of them at once: a file may have been put together from several
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
  });
  const lines = Readable.from(boundedLines(file));
  lines.on("error", (cause) => parser.destroy(cause));
  lines.pipe(parser);
  let header: readonly string[] | undefined;
  let twice = 0;
  try {
    for await (const { record, raw, info } of parser as AsyncIterable<Record>) {
      // not by the parser, which would keep the raw text of all empty lines
      if (/^[\r\n]*$/.test(raw)) continue;
      // the parser counts a \r\n within a cell as two lines
      twice += record.reduce((sum, cell) => sum + cell.split("\r\n").length - 1, 0);
      const place = info.lines - twice;
      // between tabs a quote is text like any other
      const fault = delimiter === "\t" ? undefined : quoteFault(record, raw, delimiter);
      const cells = fault === undefined ? textOf(record) : { because: fault };
      if (header === undefined) header = checkHeader(file, cells);
      else if (record.length > MOST_COLUMNS) throw tooLong(file, place, `${record.length} columns`);
      else yield { ...readRecord(header, cells), unit: "line", place, size: sizeOf(record) };
    }
  } catch (cause) {
    throw cause instanceof CsvError ? damaged(file, cause) : cause;
  } finally {
    lines.destroy();
  }
}

/** What stands most often in the first line outside of quotes; a comma where nothing does. */
async function delimiterOf(file: string): Promise<Delimiter> {
  for await (const chunk of textChunks(file)) {
    const line = /[^\r\n]+/.exec(chunk.toString("latin1"))?.[0];
    if (line === undefined) continue;
    const bare = line.replace(/"[^"]*"/g, "");
    const times = (one: Delimiter) => bare.split(one).length;
    return ([",", ";", "\t"] as const).reduce((best, one) => (times(one) > times(best) ? one : best));
  }
  return ",";
}

/** The bytes as they come, as long as lines end: the parser's own bound does not see empty cells. */
async function* boundedLines(file: string): AsyncGenerator<Buffer> {
  let begun = 0;
  for await (const chunk of textChunks(file)) {
    const end = Math.max(chunk.lastIndexOf(0x0a), chunk.lastIndexOf(0x0d));
    begun = end < 0 ? begun + chunk.length : chunk.length - end - 1;
    if (begun > LONGEST_ROW) throw tooLong(file, undefined, "a longer line");
    yield chunk;
  }
}

/** A record's cells as text, or what is wrong with it. */
type Cells = readonly string[] | { readonly because: string };

function textOf(record: readonly string[]): Cells {
  try {
    return record.map((cell) => utf8.decode(Buffer.from(cell, "latin1")));
  } catch {
    return { because: NOT_TEXT };
  }
}

const NOT_TEXT = "is not UTF-8 text";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function sizeOf(record: readonly string[]): number {
  return record.reduce((sum, { length }) => sum + length, 0);
}

function readRecord(header: readonly string[], cells: Cells) {
  if ("because" in cells) return cells;
  if (cells.length !== header.length) {
    return { because: `has ${cells.length} columns where the header has ${header.length}` };
  }
  // an empty cell is a column that this row does not have
  const filled = header.map((name, i) => [name, cells[i]!] as const).filter(([, cell]) => cell !== "");
  return { value: Object.fromEntries(filled), typed: true as const };
}

function checkHeader(file: string, cells: Cells): readonly string[] {
  const names = "because" in cells ? [] : cells.map((cell) => cell.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (!("because" in cells) && names.length <= MOST_COLUMNS && twice === undefined) return names;
  throw new DataError({
    where: `${file}, line 1`,
    expected: `a header of at most ${MOST_COLUMNS} names, all different`,
    got:
      "because" in cells
        ? `a line that ${cells.because}`
        : names.length > MOST_COLUMNS
          ? `${names.length} columns`
          : `${JSON.stringify(twice)} twice`,
    next:
      "because" in cells && cells.because === NOT_TEXT
        ? "Save it as UTF-8, or as UTF-16 with a byte order mark."
        : "The first line names the columns, such as problem,answer.",
  });
}

function tooLong(file: string, line: number | undefined, got: string): DataError {
  return new DataError({
    where: line === undefined ? file : `${file}, line ${line}`,
    expected: `rows of at most ${LONGEST_ROW} bytes and ${MOST_COLUMNS} columns`,
    got,
    next: "One problem does not need so much; is this a table, with one problem a row?",
  });
}

function damaged(file: string, cause: CsvError): DataError {
  const line = (cause as { readonly lines?: number }).lines;
  return new DataError({
    where: line === undefined ? file : `${file}, line ${line}`,
    expected:
      cause.code === "CSV_MAX_RECORD_SIZE" ? `rows of at most ${LONGEST_ROW} bytes` : "quotes that close",
    got: cause.message.slice(0, 200),
    next: "A cell that holds quotes, line breaks or the delimiter stands in quotes, and a quote in it is written twice.",
    cause,
  });
}
