/**
 * What a data set's name stands for: a file, or the files of one split of a folder.
 *
 *   dapo.parquet    data/gsm8k    data/gsm8k:test    data/gsm8k:main/test
 */
import { readdir, stat } from "node:fs/promises";
import { basename, extname, join, sep } from "node:path";
import { DataError } from "../../errors.ts";
import { readCard } from "./card.ts";
import { fileEndings } from "./files/rows.ts";
import { generators } from "./generators.ts";
import { chooseFiles, type Part, readPart } from "./splits.ts";

export interface Source {
  /** A short name: the file's without its ending, or the folder's. */
  readonly name: string;
  /** Paths, in their order. */
  readonly files: readonly string[];
}

/** Files looked at in a folder; more is not a data set but a disk. */
const mostFiles = 10_000;

/**
 * @param split  taken of a folder where the name does not say which
 * @throws DataError where there is nothing of that name, or no such split in it
 */
export async function findFiles(source: string, split: "train" | "test"): Promise<Source> {
  const whole = await kindOf(source);
  if (whole === "file") return { name: basename(source, extname(source)), files: [source] };
  if (whole === "folder") return inFolder(source, { asked: false, split }, source);
  const { name, part } = readPart(source);
  if (part !== undefined && (await kindOf(name)) === "folder") {
    return inFolder(name, { ...part, asked: true }, source);
  }
  throw new DataError({
    where: source,
    expected: `a file (${fileEndings.join(", ")}), a folder of such files, or a generator (${Object.keys(generators).join(", ")})`,
    got: "no file of that name",
    next: "Check the path given as dataset or eval_dataset.",
  });
}

async function inFolder(folder: string, part: Part, source: string): Promise<Source> {
  const files = await dataFiles(folder);
  const card = await readCard(join(folder, "README.md"));
  const chosen = chooseFiles(source, files, card, part);
  return { name: basename(folder), files: chosen.map((file) => join(folder, file)) };
}

/** What is at the path; a link counts as what it points to. */
async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? "folder" : found && "file";
}

/** The files with problems in a folder, by their paths in it with `/`, sorted. */
async function dataFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const path of await readdir(folder, { recursive: true })) {
    const plain = path.split(sep).join("/");
    if (!fileEndings.includes(extname(plain).toLowerCase()) || /(^|\/)\./.test(plain)) continue;
    if (files.push(plain) > mostFiles) {
      throw new DataError({
        where: folder,
        expected: `at most ${mostFiles} data files`,
        got: "more",
        next: "Name the folder of one data set, or a file.",
      });
    }
  }
  return files.sort();
}
