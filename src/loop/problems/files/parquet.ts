/**
 * Parquet: a table in columns, with a footer that says where each of them is.
 *
 * A group of rows is checked, then decoded, then handed on before the next, so that a file need not fit
 * memory; nothing is decoded that has not been checked.
 */
import { type FileHandle, open } from "node:fs/promises";
import { type FileMetaData, parquetReadObjects, parquetSchema } from "hyparquet";
import { DataError, ErrataError } from "../../../errors.ts";
import { type Budgets, budgets } from "../parquet/budget.ts";
import { readFooter, type Slice } from "../parquet/footer.ts";
import { numberColumns, withoutDecimals } from "../parquet/numbers.ts";
import { checkPages } from "../parquet/pages.ts";
import { isRepeated, pathOf } from "../parquet/schema.ts";
import { unpackers } from "../parquet/unpack.ts";
import { parsers, plain } from "../parquet/values.ts";
import { LONGEST_ROW, type Row } from "./row-of-file.ts";

type Unpackers = Awaited<ReturnType<typeof unpackers>>;

/** @throws DataError where the file is not parquet, is damaged, or unfolds to more than it may */
export async function* parquetRows(file: string, bytes: number): AsyncGenerator<Row> {
  const handle = await open(file);
  try {
    yield* readGroups(sliceOf(handle, bytes), bytes);
  } catch (cause) {
    if (cause instanceof ErrataError) throw cause;
    throw new DataError({
      where: file,
      expected: "a parquet file that can be read",
      got: (cause as Error).message,
      next: "Fetch or write it again; with unusual columns or packing, write it as .jsonl.",
      cause,
    });
  } finally {
    await handle.close();
  }
}

async function* readGroups(slice: Slice, bytes: number): AsyncGenerator<Row> {
  const metadata = await readFooter(slice, bytes);
  const numbers = numberColumns(parquetSchema(metadata));
  const schema = withoutDecimals(metadata.schema);
  const compressors = await unpackers();
  const allowed = budgets(bytes);
  let place = 0;
  for (const group of metadata.row_groups) {
    await checkGroup(slice, metadata, group, compressors, allowed);
    const rows = await parquetReadObjects({
      file: { byteLength: bytes, slice: (start, end = bytes) => slice(start, end) },
      metadata: { ...metadata, schema, row_groups: [group], num_rows: group.num_rows },
      compressors,
      parsers,
    });
    for (const row of rows) {
      const { value, size } = plain(row, numbers);
      allowed.characters.take(size);
      const at = { unit: "row", place: ++place, size } as const;
      yield size > LONGEST_ROW
        ? { ...at, because: `has more than ${LONGEST_ROW} characters` }
        : { ...at, value };
    }
  }
}

async function checkGroup(
  slice: Slice,
  metadata: FileMetaData,
  group: FileMetaData["row_groups"][number],
  compressors: Unpackers,
  allowed: Budgets,
): Promise<void> {
  const tree = parquetSchema(metadata);
  for (const { meta_data } of group.columns) {
    const about = meta_data!;
    const path = pathOf(tree, about.path_in_schema);
    const unpack = compressors[about.codec];
    if (unpack === undefined) throw new Error(`a column packed with ${about.codec ?? "an unknown codec"}`);
    const start = Number(about.dictionary_page_offset || about.data_page_offset);
    const chunk = await slice(start, start + Number(about.total_compressed_size));
    const values = checkPages(chunk, { about, path, unpack }, allowed);
    const rows = Number(group.num_rows);
    if (path.some(isRepeated) ? values < rows : values !== rows) {
      throw new Error(`${values} values of ${about.path_in_schema.join(".")} in ${rows} rows`);
    }
  }
}

/** Reads by place, within the file's real size. */
function sliceOf(handle: FileHandle, bytes: number): Slice {
  return async (start, end) => {
    if (!(start >= 0 && start <= end && end <= bytes))
      throw new Error(`bytes ${start} to ${end} of ${bytes}`);
    const into = new Uint8Array(end - start);
    for (let done = 0; done < into.length; ) {
      const { bytesRead } = await handle.read(into, done, into.length - done, start + done);
      if (bytesRead === 0) throw new Error(`an end of the file after ${start + done} bytes`);
      done += bytesRead;
    }
    return into.buffer;
  };
}
