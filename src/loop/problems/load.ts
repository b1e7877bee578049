/**
 * Loading problems: a data set's rows, or a generator's, as one list in a fixed order.
 *
 *   a path or a name  →  problems, and what was left out
 *
 * Everything that is wrong with a data set is said before the first answer is sampled.
 */
import { existsSync } from "node:fs";
import { DataError } from "../../errors.ts";
import type { HubContext } from "../../hub/snapshot.ts";
import type { LeftOut, Problem } from "../types.ts";
import { Repeats } from "./deduplicate.ts";
import type { Fields } from "./fields.ts";
import { rowsOf } from "./files/rows.ts";
import { generators } from "./generators.ts";
import { Ids } from "./ids.ts";
import { type Need, readRow } from "./row.ts";
import { isHopeless, nameSome, refuseMostlyBad } from "./skipped-rows.ts";
import { findFiles } from "./source.ts";

export interface LoadOptions {
  /** Problems to use; 0 is all of a file, `generatedSize` of a generator. */
  readonly size: number;
  readonly generatedSize: number;
  /** Of a generator, and of a folder or a set of the hub that does not name its own. */
  readonly split: "train" | "test";
  /** Of a generator's problems. */
  readonly seed: number;
  readonly need: Need;
  /** Where columns with other names are; none by default. */
  readonly fields?: Fields;
  /** Hears of a download, or stops it. */
  readonly hub?: HubContext;
}

export interface DataSet {
  /** A short name, for metrics: the file's without its ending, or the generator's. */
  readonly name: string;
  /** All different. */
  readonly problems: readonly Problem[];
  /** Sentences about rows that are not used, or that contradict each other. */
  readonly notices: readonly string[];
  /** Bad rows, one by one. */
  readonly leftOut: readonly LeftOut[];
}

/** Characters kept: what fits memory with room to spare. */
const mostCharacters = 2 ** 29;

/**
 * @param source  a file, a folder with splits, a data set of the hub, or a generator's name
 * @throws DataError where it cannot be read, most rows are bad, or there are none; HubError where the hub
 *   does not give it
 */
export async function loadProblems(source: string, options: LoadOptions): Promise<DataSet> {
  if (Object.hasOwn(generators, source) && !existsSync(source)) {
    const count = options.size === 0 ? options.generatedSize : options.size;
    const problems = generators[source]!({ count, seed: options.seed, split: options.split });
    return { name: source, problems, notices: [], leftOut: [] };
  }
  const { name, files } = await findFiles(source, options.split, options.hub);
  const { problems, leftOut, repeats } = await readFiles(source, files, options);
  refuseMostlyBad(source, options.need, problems.length + repeats.again, leftOut, files.length);
  const bad =
    leftOut.length === 0
      ? []
      : [
          `${name}: ${leftOut.length} ${leftOut.length === 1 ? "row is" : "rows are"} left out: ${nameSome(leftOut, files.length)}`,
        ];
  return { name, problems, notices: [...bad, ...repeats.notices(name)], leftOut };
}

async function readFiles(source: string, files: readonly string[], options: LoadOptions) {
  const { size, need, fields = {} } = options;
  const problems: Problem[] = [];
  const leftOut: LeftOut[] = [];
  const repeats = new Repeats();
  const ids = new Ids();
  let characters = 0;
  for (const file of files) {
    for await (const row of rowsOf(file)) {
      const { unit, place } = row;
      const problem =
        "because" in row
          ? row.because
          : readRow(row.value, place, { need, fields, typed: row.typed === true, exact: row.exact });
      if (typeof problem === "string") {
        leftOut.push({ where: file, what: `${unit} ${place}`, because: problem });
        if (isHopeless(problems.length, leftOut.length)) return { problems, leftOut, repeats };
        continue;
      }
      if (!repeats.isNew(problem)) continue;
      problems.push({ ...problem, id: ids.take(problem.id) });
      if (problems.length === size) return { problems, leftOut, repeats };
      characters += row.size;
      if (characters > mostCharacters) throw tooLarge(source, problems.length);
    }
  }
  return { problems, leftOut, repeats };
}

function tooLarge(source: string, read: number): DataError {
  return new DataError({
    where: source,
    expected: `problems of at most ${mostCharacters} characters in all`,
    got: `more, after ${read} problems`,
    next: `Use a part of it, such as the first: dataset_size=${Math.floor(read / 2)}.`,
  });
}
