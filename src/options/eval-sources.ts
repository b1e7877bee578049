/**
 * Which data sets an evaluation measures, and with how many answers to each problem.
 *
 *   eval_dataset, eval_dataset_dir, eval_num_generations  →  sources
 */
import { existsSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { DataError, OptionError } from "../errors.ts";
import { readFault } from "../files/disk-errors.ts";
import type { Options } from "./options.ts";

export interface EvalSource {
  /** As `loadProblems` takes it. */
  readonly source: string;
  /** Answers to each problem. */
  readonly k: number;
}

const MOST_ANSWERS = 4096;

/** The words of `eval_dataset`: between commas, unless the whole is the name of something that is there. */
export function evalNames(evalDataset: string | undefined): readonly string[] {
  if (evalDataset === undefined) return [];
  if (existsSync(evalDataset)) return [evalDataset];
  return evalDataset.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
}

/**
 * @throws OptionError where a name is twice there, or asks for no number of answers
 * @throws DataError   where a name is not in `eval_dataset_dir`
 */
export function evalSources(options: Options): readonly EvalSource[] {
  const sources = evalNames(options.evalDataset).map((name): EvalSource => {
    const [, plain = name, digits] = existsSync(name) ? [] : (/^(.+)@(\d+)$/.exec(name) ?? []);
    const k = digits === undefined ? options.evalNumGenerations : Number(digits);
    if (k >= 1 && k <= MOST_ANSWERS) return { source: sourceIn(options.evalDatasetDir, plain), k };
    throw new OptionError({
      where: "eval_dataset",
      expected: `1 to ${MOST_ANSWERS} answers after the @`,
      got: name,
      next: `Write ${plain}@8 for eight answers to each problem.`,
    });
  });
  const twice = sources.find(({ source }, i) => sources.findIndex((each) => each.source === source) < i);
  if (twice === undefined) return sources;
  throw new OptionError({
    where: "eval_dataset",
    expected: "each data set once",
    got: `${twice.source} twice`,
    next: "Leave one of them out; an evaluation of its own may ask for another number of answers.",
  });
}

/** The file of a name in the folder, whatever its ending; the name itself where no folder is given. */
function sourceIn(folder: string | undefined, name: string): string {
  if (folder === undefined) return name;
  const path = join(folder, name);
  if (existsSync(path)) return path;
  let files: string[];
  try {
    files = readdirSync(folder).sort();
  } catch (cause) {
    throw new DataError({
      where: `eval_dataset_dir ${folder}`,
      expected: "a folder that can be read",
      got: readFault(cause),
      next: "Check the path.",
      cause,
    });
  }
  const fitting = files.filter((file) => file.slice(0, -extname(file).length || undefined) === name);
  if (fitting.length === 1) return join(folder, fitting[0]!);
  throw new DataError({
    where: `eval_dataset_dir ${folder}`,
    expected: `one file ${name} of any ending`,
    got: fitting.length === 0 ? "none" : fitting.join(", "),
    next:
      fitting.length === 0
        ? "Put it there under that name, or name the data sets that are there: --eval-dataset a b."
        : "Name it with its ending.",
  });
}
