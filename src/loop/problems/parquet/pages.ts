/**
 * The pages of a column, checked before they are decoded.
 *
 * The library that decodes them takes counts from page headers and lengths of runs at their word, and
 * writes as many values as they say. Here each is held against the page it is in.
 */
import type { ColumnMetaData, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import type { Budgets } from "./budget.ts";
import { checkDeltas, checkRuns } from "./runs.ts";
import { definitionLevel, repetitionLevel } from "./schema.ts";
import { endOfStruct } from "./thrift.ts";
import type { Unpack } from "./unpack.ts";

/** A column's values and how they are written. */
export interface Column {
  readonly about: ColumnMetaData;
  readonly path: SchemaTree[];
  readonly unpack: Unpack;
}

/** Bytes that any page may unpack to; one that is larger as it lies in the file may have more. */
const LONGEST_PAGE = 2 ** 26;

type Header = ReturnType<typeof parquetHeader>;

/**
 * @param chunk  the bytes of all pages of the column in one group of rows
 * @returns      how many values the pages hold, nulls and places of empty lists included
 * @throws Error where a page claims what it does not hold, or the file unfolds to more than it may
 */
export function checkPages(chunk: ArrayBuffer, column: Column, budgets: Budgets): number {
  const view = new DataView(chunk);
  let values = 0;
  // the last byte is never a page: the decoder stops there
  for (let at = 0; at < chunk.byteLength - 1; ) {
    const start = endOfStruct(view, at);
    const header = parquetHeader({ view, offset: at });
    const { compressed_page_size: packed, uncompressed_page_size: length } = header;
    const isPlausible = length >= 0 && length <= LONGEST_PAGE + 20 * packed;
    if (!(packed >= 0 && packed <= chunk.byteLength - start && isPlausible)) {
      throw new Error(`a page of ${packed} bytes that unpacks to ${length}`);
    }
    budgets.unpacked.take(length);
    values += checkPage(new Uint8Array(chunk, start, packed), header, column, budgets);
    at = start + packed;
  }
  return values;
}

function checkPage(bytes: Uint8Array, header: Header, column: Column, budgets: Budgets): number {
  const {
    type,
    data_page_header: first,
    data_page_header_v2: second,
    dictionary_page_header: words,
  } = header;
  const length = header.uncompressed_page_size;
  if (type === "DICTIONARY_PAGE" && words !== undefined) {
    budgets.values.take(words.num_values);
    return 0;
  }
  if (type === "DATA_PAGE" && first !== undefined) {
    budgets.values.take(first.num_values * column.path.length);
    const page = unpacked(bytes, length, column);
    checkFirstKind(page, first.num_values, first.encoding, column, budgets);
    return first.num_values;
  }
  if (type === "DATA_PAGE_V2" && second !== undefined) {
    budgets.values.take(second.num_values * column.path.length);
    checkSecondKind(bytes, length, second, column, budgets);
    return second.num_values;
  }
  throw new Error(`a page of the kind ${type ?? "unknown"}`);
}

function unpacked(bytes: Uint8Array, length: number, { about, unpack }: Column): DataView {
  const page = unpack(bytes, length);
  if (page.length !== length) {
    throw new Error(`a page of ${page.length} bytes that says ${length} (${about.codec})`);
  }
  return new DataView(page.buffer, page.byteOffset, page.byteLength);
}

/** Levels stand before the values, each with its length; how many values are null is told by the levels alone. */
function checkFirstKind(
  page: DataView,
  count: number,
  encoding: string,
  column: Column,
  budgets: Budgets,
): void {
  let at = 0;
  let values = count;
  const repeats = repetitionLevel(column.path);
  if (column.path.length > 1 && repeats > 0) at = checkLevels(page, at, width(repeats), count);
  const defined = definitionLevel(column.path);
  if (defined > 0) {
    const start = at;
    at = checkLevels(page, at, width(defined), count);
    const levels = new Array<number>(count);
    readRleBitPackedHybrid({ view: page, offset: start }, width(defined), levels);
    values = levels.reduce((sum, level) => sum + (level === defined ? 1 : 0), 0);
  }
  // words of no bits are all the first: some writers leave their runs away, and the decoder reads none
  const isFirstWord = encoding.endsWith("_DICTIONARY") && at < page.byteLength && page.getUint8(at) === 0;
  if (!isFirstWord) checkValues(page, at, values, encoding, column, budgets);
}

/** @returns the end of the levels that begin with their length in four bytes */
function checkLevels(page: DataView, at: number, bits: number, count: number): number {
  const end = at + 4 + page.getUint32(at, true);
  if (end > page.byteLength) throw new Error("a page with levels after its end");
  checkRuns(page, at + 4, end, bits, count);
  return end;
}

/** Levels stand before what is packed, and the header says their lengths. */
function checkSecondKind(
  bytes: Uint8Array,
  length: number,
  header: NonNullable<Header["data_page_header_v2"]>,
  column: Column,
  budgets: Budgets,
): void {
  const {
    num_values: count,
    num_nulls: nulls,
    num_rows: rows,
    repetition_levels_byte_length: repeats,
    definition_levels_byte_length: defines,
  } = header;
  const levels = repeats + defines;
  if (!(nulls >= 0 && nulls <= count && rows >= 0 && rows <= count))
    throw new Error(`a page of ${count} values, ${nulls} of them null`);
  if (!(repeats >= 0 && defines >= 0 && levels <= bytes.length && levels <= length)) {
    throw new Error(`a page of ${bytes.length} bytes with levels of ${levels}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const depth = { repeats: repetitionLevel(column.path), defines: definitionLevel(column.path) };
  if (depth.repeats > 0) checkRuns(view, 0, repeats, width(depth.repeats), count);
  if (depth.defines > 0) checkRuns(view, repeats, levels, width(depth.defines), count);
  const rest = bytes.subarray(levels);
  const page =
    header.is_compressed === false
      ? new DataView(rest.buffer, rest.byteOffset, rest.byteLength)
      : unpacked(rest, length - levels, column);
  checkValues(page, 0, count - nulls, header.encoding, column, budgets);
}

function checkValues(
  page: DataView,
  at: number,
  count: number,
  encoding: string,
  column: Column,
  budgets: Budgets,
): void {
  const { type } = column.about;
  switch (encoding) {
    case "PLAIN":
    case "BYTE_STREAM_SPLIT":
      return;
    case "PLAIN_DICTIONARY":
    case "RLE_DICTIONARY":
    case "RLE":
      if (type === "BOOLEAN") checkLevels(page, at, 1, count);
      else if (count > 0) checkRuns(page, at + 1, page.byteLength, page.getUint8(at), count);
      return;
    case "DELTA_BINARY_PACKED":
    case "DELTA_LENGTH_BYTE_ARRAY":
      checkDeltas(page, at);
      return;
    case "DELTA_BYTE_ARRAY": {
      checkDeltas(page, at);
      const reader = { view: page, offset: at };
      const [shared, own] = [new Int32Array(count), new Int32Array(count)];
      deltaBinaryUnpack(reader, count, shared);
      checkDeltas(page, reader.offset);
      deltaBinaryUnpack(reader, count, own);
      // each value repeats the beginning of the one before, so that lengths add up to far more than the page's
      for (const lengths of [shared, own]) for (const length of lengths) budgets.unpacked.take(length);
      return;
    }
    default:
      throw new Error(`values written as ${encoding}`);
  }
}

/** Bits of a level. */
function width(level: number): number {
  return 32 - Math.clz32(level);
}
