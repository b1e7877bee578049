/**
 * The thread that decodes parquet files, one after another: a footer, then groups of rows, handed on in parts as
 * they are asked for.
 *
 * The library that decodes believes what a file claims; here are the limits on what that may cost in memory.
 */
import { once } from "node:events";
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { type FileMetaData, parquetReadObjects, parquetSchema } from "hyparquet";
import { LONGEST_ROW } from "../files/row-of-file.ts";
import { countMemory } from "./counted-memory.ts";
import { readFooter, type Slice } from "./footer.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { numberColumns, withoutDecimals } from "./numbers.ts";
import type { FromParquetThread, ToParquetThread } from "./parquet-thread.ts";
import { unpackers } from "./unpack.ts";
import { type Plain, parsersWithin, plain } from "./values.ts";

/** Rows are handed on after so many characters, each row counting as some more. */
const PART_SIZE = 2 ** 20;
const ROW_COST = 200;

const port = parentPort!;
const say = (message: FromParquetThread): void => port.postMessage(message);
let limits = limitsOf(0);
countMemory(() => limits);

say({ kind: "done" });
for (;;) {
  const [{ file, bytes }] = (await once(port, "message")) as [ToParquetThread];
  limits = limitsOf(bytes);
  try {
    for await (const message of decode(file, bytes, limits)) {
      say(message);
      await once(port, "message");
    }
    say({ kind: "done" });
  } catch (fault) {
    // a claim that the bytes do not keep shows as an index or a length that is out of range
    const isBroken = fault instanceof TypeError || fault instanceof RangeError;
    say({ kind: "failed", got: isBroken ? `damaged data (${fault.message})` : (fault as Error).message });
  }
}

async function* decode(file: string, bytes: number, allowed: Limits): AsyncGenerator<FromParquetThread> {
  const { arrays, buffers, unpacked, characters } = allowed;
  const descriptor = openSync(file, "r");
  try {
    const slice = sliceOf(descriptor, bytes);
    const metadata = readFooter(slice, bytes);
    yield { kind: "footer" };
    const numbers = numberColumns(parquetSchema(metadata));
    const schema = withoutDecimals(metadata.schema);
    const columns = metadata.row_groups.flatMap((group) => group.columns);
    const compressors = await unpackers(new Set(columns.map((one) => one.meta_data!.codec)), unpacked);
    const parsers = parsersWithin(arrays);
    let part: Plain[] = [];
    let room = PART_SIZE;
    for (const group of metadata.row_groups) {
      arrays.refill();
      buffers.refill();
      const { onPage, checkRows } = rowCounts(group);
      const rows = await parquetReadObjects({
        file: { byteLength: bytes, slice: (start, end = bytes) => slice(start, end) },
        metadata: { ...metadata, schema, row_groups: [group], num_rows: group.num_rows },
        compressors,
        parsers,
        onPage,
      });
      checkRows();
      for (const row of rows) {
        const { value, size } = plain(row, numbers);
        characters.take(size);
        const isLong = size > LONGEST_ROW;
        part.push({ value: isLong ? undefined : value, size });
        room -= isLong ? ROW_COST : size + ROW_COST;
        if (room > 0) continue;
        yield { kind: "rows", rows: part };
        part = [];
        room = PART_SIZE;
      }
    }
    yield { kind: "rows", rows: part };
  } finally {
    closeSync(descriptor);
  }
}

/** Counts the rows of each column, because one that is short would be filled up with nulls. */
function rowCounts({ columns, num_rows }: FileMetaData["row_groups"][number]) {
  const ends = new Map<string, number>();
  return {
    onPage: (page: { readonly pathInSchema: string[]; readonly rowEnd: number }): void => {
      ends.set(page.pathInSchema.join("."), page.rowEnd);
    },
    /** @throws Error where a column has more or fewer than the group */
    checkRows: (): void => {
      for (const { meta_data: about } of columns) {
        const name = about!.path_in_schema.join(".");
        const count = ends.get(name) ?? 0;
        if (count !== Number(num_rows)) throw new Error(`${count} values of ${name} in ${num_rows} rows`);
      }
    },
  };
}

/** Reads by place, within the file's real size. */
function sliceOf(descriptor: number, bytes: number): Slice {
  return (start, end) => {
    if (!(start >= 0 && start <= end && end <= bytes))
      throw new Error(`bytes ${start} to ${end} of ${bytes}`);
    const into = new Uint8Array(end - start);
    for (let done = 0; done < into.length; ) {
      const count = readSync(descriptor, into, done, into.length - done, start + done);
      if (count === 0) throw new Error(`an end of the file after ${start + done} bytes`);
      done += count;
    }
    return into.buffer;
  };
}
