/**
 * Rows of a data file, one at a time, whatever its format.
 *
 *   path  →  rows, each a value or what is wrong with it
 *
 * Files are read as a stream and every row has a bound, so that no file is larger than memory and no
 * row larger than a problem can be.
 */
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { DataError } from "../../../errors.ts";
import { csvRows } from "./csv.ts";
import { jsonLines, jsonRows } from "./json.ts";
import { parquetRows } from "./parquet.ts";
import type { Row } from "./row-of-file.ts";

const readers: Readonly<Record<string, (file: string, bytes: number) => AsyncIterable<Row>>> = {
  ".jsonl": jsonLines,
  ".ndjson": jsonLines,
  ".json": jsonRows,
  ".csv": (file) => csvRows(file),
  ".tsv": (file) => csvRows(file, "\t"),
  ".parquet": parquetRows,
};

/** Endings of the files that can be read, with their dots. */
export const fileEndings: readonly string[] = Object.keys(readers);

/**
 * The rows of a file, in their order.
 *
 * @throws DataError where there is no such file, its format is not known, or the file as a whole is damaged
 *   or hostile; a single bad row comes as a row that says so
 */
export async function* rowsOf(file: string): AsyncGenerator<Row> {
  const reader = readers[extname(file).toLowerCase()];
  if (reader === undefined) {
    throw new DataError({
      where: file,
      expected: `a file that ends in ${fileEndings.join(", ")}`,
      got: extname(file) || "a file without an ending",
      next: "Write one problem a line as JSON and name the file .jsonl.",
    });
  }
  yield* reader(file, await sizeOf(file));
}

/** Bytes of a regular file: a pipe would wait for a writer that may never come. */
async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isFile()) return found.size;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new DataError({
      where: file,
      expected: "a data file",
      got: code === "ENOENT" ? "no file of that name" : code,
      next: "Check the path given as dataset or eval_dataset.",
      cause,
    });
  }
  throw new DataError({
    where: file,
    expected: "a data file",
    got: "a folder, a pipe or a device",
    next: "Name a file with problems in it.",
  });
}
