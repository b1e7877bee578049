/**
 * Parquet: a table in columns, with a footer that says where each of them is.
 */
import { DataError, ErrataError } from "../../../errors.ts";
import { decodedRows } from "../parquet/parquet-thread.ts";
import { LONGEST_ROW, type Row } from "./row-of-file.ts";

/** @throws DataError where the file is not parquet, is damaged, or unfolds to more than it may */
export async function* parquetRows(file: string, bytes: number): AsyncGenerator<Row> {
  try {
    let place = 0;
    for await (const { value, size } of decodedRows({ file, bytes })) {
      const at = { unit: "row", place: ++place, size } as const;
      yield size > LONGEST_ROW
        ? { ...at, because: `has more than ${LONGEST_ROW} characters` }
        : { ...at, value };
    }
  } catch (cause) {
    if (cause instanceof ErrataError) throw cause;
    throw new DataError({
      where: file,
      expected: "a parquet file that can be read",
      got: (cause as Error).message,
      next: "Fetch or write it again; with unusual columns or packing, write it as .jsonl.",
      cause,
    });
  }
}
