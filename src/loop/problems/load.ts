/**
 * Loading problems: a data set's rows, or a generator's, as one list in a fixed order.
 *
 *   a path, a name, or rows  →  problems, and what was left out
 *
 * Everything that is wrong with a data set is said before the first answer is sampled.
 */
import { existsSync } from "node:fs";
import { DataError } from "../../errors.ts";
import type { HubContext } from "../../hub/snapshot.ts";
import type { LeftOut, Problem } from "../types.ts";
import { Repeats } from "./deduplicate.ts";
import { type Fields, printFields } from "./fields.ts";
import type { Row } from "./files/row-of-file.ts";
import { rowsOf } from "./files/rows.ts";
import { generators } from "./generators.ts";
import { guessFields } from "./guess-fields.ts";
import { Ids } from "./ids.ts";
import { type Need, readRow } from "./row.ts";
import { isHopeless, isMostlyBad, mostlyBad, nameSome } from "./skipped-rows.ts";
import { findFiles } from "./source.ts";

export interface LoadOptions {
  /** Problems to use; left out, all of a file, `generatedSize` of a generator. */
  readonly size?: number | undefined;
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
const MOST_CHARACTERS = 2 ** 29;

/** Rows that a caller of the library holds: objects as lines of a .jsonl file would be. */
export type Rows = readonly object[];

/**
 * @param source  a file, a folder with splits, a data set of the hub, a generator's name, or the rows themselves
 * @throws DataError where it cannot be read, most rows are bad, or there are none; HubError where the hub
 *   does not give it
 */
export async function loadProblems(source: string | Rows, options: LoadOptions): Promise<DataSet> {
  if (typeof source !== "string") {
    const where = options.split === "train" ? "dataset" : "evalDataset";
    return readProblems(
      { source: where, name: "rows", files: [where], rowsOf: () => givenRows(source) },
      options,
    );
  }
  if (Object.hasOwn(generators, source) && !existsSync(source)) {
    const count = options.size ?? options.generatedSize;
    const problems = generators[source]!({ count, seed: options.seed, split: options.split });
    return { name: source, problems, notices: [], leftOut: [] };
  }
  return readProblems({ source, ...(await findFiles(source, options.split, options.hub)), rowsOf }, options);
}

/** Where rows are read from. */
interface Source {
  /** As it was named, for errors. */
  readonly source: string;
  readonly name: string;
  readonly files: readonly string[];
  readonly rowsOf: (file: string) => AsyncIterable<Row> | Iterable<Row>;
}

/** Rows as JSON would keep them, so that they can be sent to a verifier's thread; later changes to them change nothing. */
function* givenRows(rows: Rows): Generator<Row> {
  for (const [i, row] of rows.entries()) {
    const at = { unit: "row", place: i + 1, size: 0 } as const;
    try {
      const json = JSON.stringify(row);
      yield json === undefined ? { ...at, because: `is ${typeof row}` } : { ...at, value: JSON.parse(json) };
    } catch (cause) {
      yield { ...at, because: `is no JSON: ${(cause as Error).message.split("\n")[0]}` };
    }
  }
}

async function readProblems(from: Source, options: LoadOptions): Promise<DataSet> {
  const { source, name, files } = from;
  const { need, fields = {}, fieldsOption: option = "data_fields" } = options;
  let read = await readAll(from, options);
  // answers that nobody asks for are still looked for: a verifier of one's own may read them
  const lacksAnswers = need === "nothing" && read.problems.every(({ answer }) => answer === "");
  const guesses = [...new Set<Need>([lacksAnswers ? "answer" : need, need])].map((wanted) =>
    isMisread(read) || lacksAnswers ? guessFields(read.misread, wanted, fields, read.typed) : undefined,
  );
  const guess = guesses.find((one) => one?.isSure) ?? guesses[0];
  if (guess?.isSure) read = await readAll(from, { ...options, fields: guess.fields });
  const { problems, leftOut, repeats } = read;
  if (isMisread(read)) throw mostlyBad(source, leftOut, files.length, { need, option, guess });
  const taken = !guess?.isSure
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
  /** The first rows that are values, but no problems, or problems without an answer. */
  readonly misread: unknown[];
  /** True where their values are text as it was typed. */
  typed: boolean;
}

/** Rows that are looked at for where their columns are. */
const SAMPLE_SIZE = 100;

function isMisread({ problems, leftOut, repeats }: ReadRows): boolean {
  return isMostlyBad(problems.length + repeats.again, leftOut.length);
}

async function readAll({ source, files, rowsOf }: Source, options: LoadOptions): Promise<ReadRows> {
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
      const isWhole = typeof problem !== "string" && problem.answer !== "";
      if (!isWhole && "value" in row && misread.length < SAMPLE_SIZE) {
        misread.push(row.value);
        read.typed ||= row.typed === true;
      }
      if (typeof problem === "string") {
        leftOut.push({ where: file, what: `${unit} ${place}`, because: problem });
        if (isHopeless(problems.length, leftOut.length)) return read;
        continue;
      }
      if (!repeats.isNew(problem)) continue;
      problems.push({ ...problem, id: ids.take(problem.id) });
      if (problems.length === size) return read;
      characters += row.size;
      if (characters > MOST_CHARACTERS) throw tooLarge(source, problems.length);
    }
  }
  return read;
}

function tooLarge(source: string, read: number): DataError {
  return new DataError({
    where: source,
    expected: `problems of at most ${MOST_CHARACTERS} characters in all`,
    got: `more, after ${read} problems`,
    next: `Use a part of it, such as the first: dataset_size=${Math.floor(read / 2)}.`,
  });
}
