/**
 * Loading problems: a file's rows, or a generator's, as one list in a fixed order.
 *
 *   a path or a name  →  problems
 *
 * Everything that is wrong with a data set is said before the first answer is sampled.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, extname } from "node:path";
import { DataError } from "../../errors.ts";
import type { Problem } from "../types.ts";
import { generators } from "./generators.ts";
import { type Need, readRow } from "./row.ts";

export interface LoadOptions {
  /** Problems to use; 0 is all of a file, `generatedSize` of a generator. */
  readonly size: number;
  readonly generatedSize: number;
  readonly split: "train" | "test";
  /** Of a generator's problems. */
  readonly seed: number;
  readonly need: Need;
}

export interface DataSet {
  /** A short name, for metrics: the file's without its ending, or the generator's. */
  readonly name: string;
  readonly problems: readonly Problem[];
}

/** Bad rows listed before the rest are only counted. */
const mostListed = 5;
/** Bytes; a longer file does not fit one string. */
const longestFile = 2 ** 29 - 1;

/** @throws DataError where the source cannot be read, a row is bad, or there are no rows */
export function loadProblems(source: string, options: LoadOptions): DataSet {
  if (Object.hasOwn(generators, source) && !existsSync(source)) {
    const count = options.size === 0 ? options.generatedSize : options.size;
    return {
      name: source,
      problems: generators[source]!({ count, seed: options.seed, split: options.split }),
    };
  }
  const rows = readRows(source);
  const wanted = options.size === 0 ? rows : rows.slice(0, options.size);
  const problems: Problem[] = [];
  const bad: string[] = [];
  const ids = new Set<string>();
  for (const { place, row } of wanted) {
    const problem = typeof row === "string" ? row : readRow(row.value, place, options.need);
    if (typeof problem === "string") {
      bad.push(`line ${place} ${problem}`);
      continue;
    }
    // a repeated id would make two problems one in the records
    const id = ids.has(problem.id) ? `${problem.id}#${place}` : problem.id;
    ids.add(id);
    problems.push({ ...problem, id });
  }
  if (bad.length > 0) {
    const more = bad.length > mostListed ? `; and ${bad.length - mostListed} more` : "";
    throw new DataError({
      where: source,
      expected: `a problem with ${options.need === "answer" ? "an answer" : "a solution"} in every row`,
      got: `${bad.slice(0, mostListed).join("; ")}${more}`,
      next: `Mend or remove ${bad.length === 1 ? "that line" : "those lines"}. A row is {"problem": "…", "${options.need}": "…"}.`,
    });
  }
  if (problems.length === 0) {
    throw new DataError({
      where: source,
      expected: "at least one problem",
      got: "none",
      next: `Write one row a line: {"problem": "…", "${options.need}": "…"}.`,
    });
  }
  return { name: basename(source, extname(source)), problems };
}

/** Drops rows that ask the same thing again, as files made for avg@k do. */
export function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const text = JSON.stringify([problem.prompt, problem.answer]);
    return !seen.has(text) && seen.add(text);
  });
}

/** A row's place in the file, from 1, and its value, or what is wrong with it. */
interface Row {
  readonly place: number;
  readonly row: { readonly value: unknown } | string;
}

function readRows(source: string): Row[] {
  const text = readText(source);
  switch (extname(source).toLowerCase()) {
    case ".jsonl":
    case ".ndjson":
      return text.split("\n").flatMap((line, i): Row[] => {
        if (line.trim() === "") return [];
        try {
          return [{ place: i + 1, row: { value: JSON.parse(line) as unknown } }];
        } catch {
          return [{ place: i + 1, row: "is not JSON" }];
        }
      });
    case ".json": {
      const list = parseJson(source, text);
      if (Array.isArray(list)) return list.map((value: unknown, i) => ({ place: i + 1, row: { value } }));
      throw new DataError({
        where: source,
        expected: "a JSON list of problems",
        got: list === null ? "null" : typeof list,
        next: "Put the problems into [ ], or write one a line into a .jsonl file.",
      });
    }
    default:
      throw new DataError({
        where: source,
        expected: "a .jsonl or .json file",
        got: extname(source) || "a file without an ending",
        next: "Write one problem a line as JSON and name the file .jsonl.",
      });
  }
}

function readText(source: string): string {
  try {
    const { size } = statSync(source);
    if (size > longestFile) {
      throw new DataError({
        where: source,
        expected: `a file of at most ${longestFile} bytes`,
        got: `${size} bytes`,
        next: "Split it; a run needs no more problems than it can see.",
      });
    }
    return readFileSync(source, "utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new DataError({
      where: source,
      expected: `a file, or a generator (${Object.keys(generators).join(", ")})`,
      got: code === "ENOENT" ? "no file of that name" : code,
      next: "Check the path given as dataset or eval_dataset.",
      cause,
    });
  }
}

function parseJson(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError({
      where: source,
      expected: "JSON",
      got: (cause as Error).message,
      next: "The file is damaged or cut off; write it again.",
      cause,
    });
  }
}
