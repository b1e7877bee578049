/**
 * The footer of a parquet file: its columns, and where in the file their pages are.
 *
 * Everything in it is a claim until it is held against the file's size.
 */
import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from "hyparquet";

/** Bytes of a footer; a thousand groups of a hundred columns take fewer. */
const LONGEST_FOOTER = 2 ** 24;
const MOST_COLUMNS = 1000;
const MOST_GROUPS = 10_000;
/** Lists and structs within each other; a conversation takes 4. */
const DEEPEST_COLUMN = 12;
const MAGIC = 0x31524150; // PAR1
const ENCRYPTED = 0x45524150; // PARE

/** Bytes `start` to `end` of a file. */
export type Slice = (start: number, end: number) => ArrayBuffer;

/**
 * Reads and checks a footer.
 *
 * @param bytes  of the file
 * @throws Error saying what the file is instead of a parquet file that can be read
 */
export function readFooter(slice: Slice, bytes: number): FileMetaData {
  if (bytes < 12) throw new Error(`a file of ${bytes} bytes`);
  const ending = new DataView(slice(bytes - 8, bytes));
  const mark = ending.getUint32(4, true);
  if (mark === ENCRYPTED) throw new Error("an encrypted file");
  if (mark !== MAGIC) throw new Error("a file that does not end as parquet does, or is cut off");
  const length = ending.getUint32(0, true);
  if (length > bytes - 12 || length > LONGEST_FOOTER) throw new Error(`a footer of ${length} bytes`);
  const metadata = parquetMetadata(slice(bytes - 8 - length, bytes), { geoparquet: false });
  checkClaims(metadata, bytes);
  return metadata;
}

function checkClaims(metadata: FileMetaData, bytes: number): void {
  const { schema, row_groups: groups } = metadata;
  if (schema.length > MOST_COLUMNS) throw new Error(`${schema.length} columns`);
  if (groups.length > MOST_GROUPS) throw new Error(`${groups.length} groups of rows`);
  if (schema.some(({ logical_type: kind }) => kind?.type === "VARIANT"))
    throw new Error("a column of the kind VARIANT");
  const leaves = leavesOf(parquetSchema(metadata));
  if (leaves.some((path) => path.length > DEEPEST_COLUMN))
    throw new Error(`columns nested more than ${DEEPEST_COLUMN} deep`);
  let packed = 0n;
  for (const { columns } of groups) {
    if (columns.length !== leaves.length)
      throw new Error(`a group of ${columns.length} columns of ${leaves.length}`);
    for (const [i, { meta_data: about, crypto_metadata: secret }] of columns.entries()) {
      if (about === undefined || secret !== undefined) throw new Error("a column that is encrypted");
      if (about.path_in_schema.join(".") !== leaves[i]!.join("."))
        throw new Error("columns in another order than the schema's");
      if (about.total_compressed_size < 0n) throw new Error("a column of fewer than no bytes");
      packed += about.total_compressed_size;
    }
  }
  // pages that are read twice could be read a million times
  if (packed > bytes) throw new Error(`columns of ${packed} bytes in a file of ${bytes}`);
}

function leavesOf(tree: SchemaTree): readonly (readonly string[])[] {
  return tree.children.length === 0 ? [tree.path] : tree.children.flatMap(leavesOf);
}
