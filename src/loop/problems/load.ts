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
import { type Fields, printFields } from "./fields.ts";
import { rowsOf } from "./files/rows.ts";
import { generators } from "./generators.ts";
import { guessFields } from "./guess-fields.ts";
import { Ids } from "./ids.ts";
import { type Need, readRow } from "./row.ts";
import { isHopeless, isMostlyBad, mostlyBad, nameSome } from "./skipped-rows.ts";
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
  /** The option that `fields` is from, for errors; data_fields by default. */
  readonly fieldsOption?: string;
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
  const { need, fields = {}, fieldsOption: option = "data_fields" } = options;
  let read = await readFiles(source, files, options);
  const guess = isMisread(read) ? guessFields(read.misread, need, fields, read.typed) : undefined;
  if (guess?.isSure) read = await readFiles(source, files, { ...options, fields: guess.fields });
  const { problems, leftOut, repeats } = read;
  if (isMisread(read)) throw mostlyBad(source, leftOut, files.length, { need, option, guess });
  const taken =
    guess === undefined
      ? []
      : [`${name}: its columns are read as ${printFields(guess.fields)}; ${option} says otherwise`];
  const bad =
    leftOut.length === 0
      ? []
      : [
          `${name}: ${leftOut.length} ${leftOut.length === 1 ? "row is" : "rows are"} left out: ${nameSome(leftOut, files.length)}`,
        ];
  return { name, problems, notices: [...taken, ...bad, ...repeats.notices(name)], leftOut };
}

interface ReadRows {
  readonly problems: Problem[];
  readonly leftOut: LeftOut[];
  readonly repeats: Repeats;
  /** The first rows that are values, but no problems. */
  readonly misread: unknown[];
  /** True where their values are text as it was typed. */
  typed: boolean;
}

/** Rows that are looked at for where their columns are. */
const sampleSize = 100;

function isMisread({ problems, leftOut, repeats }: ReadRows): boolean {
  return isMostlyBad(problems.length + repeats.again, leftOut.length);
}

async function readFiles(source: string, files: readonly string[], options: LoadOptions): Promise<ReadRows> {
  const { size, need, fields = {} } = options;
  const read: ReadRows = { problems: [], leftOut: [], repeats: new Repeats(), misread: [], typed: false };
  const { problems, leftOut, repeats, misread } = read;
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
        if ("value" in row && misread.length < sampleSize) {
          misread.push(row.value);
          read.typed ||= row.typed === true;
        }
        if (isHopeless(problems.length, leftOut.length)) return read;
        continue;
      }
      if (!repeats.isNew(problem)) continue;
      problems.push({ ...problem, id: ids.take(problem.id) });
      if (problems.length === size) return read;
      characters += row.size;
      if (characters > mostCharacters) throw tooLarge(source, problems.length);
    }
  }
  return read;
}

function tooLarge(source: string, read: number): DataError {
  return new DataError({
    where: source,
    expected: `problems of at most ${mostCharacters} characters in all`,
    got: `more, after ${read} problems`,
    next: `Use a part of it, such as the first: dataset_size=${Math.floor(read / 2)}.`,
  });
}
