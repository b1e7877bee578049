/**
 * The footer of a parquet file: its columns, and where in the file their pages are.
 *
 * Everything in it is a claim until it is held against the file's size.
 */
import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from "hyparquet";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { endOfStruct } from "./thrift.ts";

/** Bytes of a footer; a thousand groups of a hundred columns take fewer. */
const LONGEST_FOOTER = 2 ** 24;
const MOST_COLUMNS = 1000;
const MOST_GROUPS = 10_000;
/** Lists and structs within each other; a conversation takes 4. */
const DEEPEST_COLUMN = 12;
/** Bytes of a DECIMAL number, which are read in time that grows with their square. */
const LONGEST_DECIMAL = 64;
const MAGIC = 0x31524150; // PAR1
const ENCRYPTED = 0x45524150; // PARE

/** Bytes `start` to `end` of a file. */
export type Slice = (start: number, end: number) => Promise<ArrayBuffer>;

/**
 * Reads and checks a footer.
 *
 * @param bytes  of the file
 * @throws Error saying what the file is instead of a parquet file that can be read
 */
export async function readFooter(slice: Slice, bytes: number): Promise<FileMetaData> {
  if (bytes < 12) throw new Error(`a file of ${bytes} bytes`);
  const ending = new DataView(await slice(bytes - 8, bytes));
  const mark = ending.getUint32(4, true);
  if (mark === ENCRYPTED) throw new Error("an encrypted file");
  if (mark !== MAGIC) throw new Error("a file that does not end as parquet does, or is cut off");
  const length = ending.getUint32(0, true);
  if (length > bytes - 12 || length > LONGEST_FOOTER) throw new Error(`a footer of ${length} bytes`);
  const footer = await slice(bytes - 8 - length, bytes);
  const view = new DataView(footer, 0, length);
  endOfStruct(view, 0);
  refuseLongDecimals(deserializeTCompactProtocol({ view, offset: 0 }));
  const metadata = parquetMetadata(footer, { geoparquet: false });
  checkSchema(metadata);
  checkGroups(metadata, bytes);
  return metadata;
}

interface RawFooter {
  readonly field_2?: readonly {
    readonly field_6?: number;
    readonly field_7?: number;
    readonly field_2?: number;
  }[];
  readonly field_4?: readonly {
    readonly field_1?: readonly { readonly field_3?: { readonly field_12?: object } }[];
  }[];
}

/** The statistics of a DECIMAL column are read with the footer, whatever they hold. */
function refuseLongDecimals(raw: RawFooter): void {
  const decimal = 5;
  const decimals = raw.field_2?.filter(({ field_6 }) => field_6 === decimal) ?? [];
  if (decimals.length === 0) return;
  const statistics = raw.field_4?.flatMap(
    (group) => group.field_1?.map((column) => column.field_3?.field_12 ?? {}) ?? [],
  );
  const values = statistics?.flatMap((one) => Object.values(one)) ?? [];
  if (values.some((value) => value instanceof Uint8Array && value.length > LONGEST_DECIMAL)) {
    throw new Error(`a number of more than ${LONGEST_DECIMAL} bytes`);
  }
}

function checkSchema({ schema }: FileMetaData): void {
  if (schema.length > MOST_COLUMNS) throw new Error(`${schema.length} columns`);
  // depth first, as the schema is written: how many children are still to come at each level
  const open: number[] = [];
  for (const [
    i,
    { num_children: children = 0, converted_type, logical_type, type, type_length },
  ] of schema.entries()) {
    if (i > 0 && open.length === 0) throw new Error("a schema with more columns than it says");
    if (open.length > 0) open[open.length - 1]!--;
    if (children < 0 || children > schema.length) throw new Error(`a column of ${children} columns`);
    if (children > 0) open.push(children);
    if (open.length > DEEPEST_COLUMN) throw new Error(`columns nested more than ${DEEPEST_COLUMN} deep`);
    while (open.at(-1) === 0) open.pop();
    if (logical_type?.type === "VARIANT") throw new Error("a column of the kind VARIANT");
    const isLong = type === "BYTE_ARRAY" || (type_length ?? 0) > LONGEST_DECIMAL;
    if (converted_type === "DECIMAL" && isLong)
      throw new Error(`a number of more than ${LONGEST_DECIMAL} bytes`);
  }
  if (open.length > 0 || schema.length < 2) throw new Error("a schema with fewer columns than it says");
}

function checkGroups(metadata: FileMetaData, bytes: number): void {
  const { row_groups: groups } = metadata;
  if (groups.length > MOST_GROUPS) throw new Error(`${groups.length} groups of rows`);
  const leaves = leavesOf(parquetSchema(metadata)).map((path) => path.join("."));
  let packed = 0n;
  for (const { columns, num_rows: rows } of groups) {
    if (typeof rows !== "bigint" || rows < 0n) throw new Error(`a group of ${String(rows)} rows`);
    if (columns.length !== leaves.length)
      throw new Error(`a group of ${columns.length} columns of ${leaves.length}`);
    for (const [i, { file_path: path, meta_data: about, crypto_metadata: secret }] of columns.entries()) {
      if (about === undefined || secret !== undefined) throw new Error("a column that is encrypted");
      if (path !== undefined) throw new Error("a column in another file");
      if (about.path_in_schema.join(".") !== leaves[i])
        throw new Error("columns in another order than the schema's");
      const start = about.dictionary_page_offset || about.data_page_offset;
      const size = about.total_compressed_size;
      if (
        typeof start !== "bigint" ||
        typeof size !== "bigint" ||
        start < 0n ||
        size < 0n ||
        start + size > bytes
      ) {
        throw new Error(`a column at byte ${String(start)} of ${bytes}`);
      }
      packed += size;
    }
  }
  // pages that are read twice could be read a million times
  if (packed > bytes) throw new Error(`columns of ${packed} bytes in a file of ${bytes}`);
}

function leavesOf(tree: SchemaTree): readonly (readonly string[])[] {
  return tree.children.length === 0 ? [tree.path] : tree.children.flatMap(leavesOf);
}
