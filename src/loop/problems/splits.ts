/**
 * Which files of a data set are the split that is asked for.
 *
 * The card's own list is followed where there is one; else the names of files and folders say it, as
 * `main/train-00000-of-00001.parquet` does: a configuration, then a split.
 */
import { DataError } from "../../errors.ts";

/** A part of a data set. */
export interface Part {
  /** True where the user named the split, false where the command's own is looked for. */
  readonly asked: boolean;
  readonly split: string;
  /** One of several data sets side by side, such as languages. */
  readonly config?: string;
}

/** One split of one configuration, as a card lists it. */
export interface ListedSplit {
  readonly config: string;
  /** True of the configuration that is meant where none is named. */
  readonly isDefault: boolean;
  readonly split: string;
  /** With `*` for any characters. */
  readonly patterns: readonly string[];
}

/** `name:split` or `name:config/split`, taken apart; a configuration may be a folder in a folder. */
export function readPart(source: string): { name: string; part?: Omit<Part, "asked"> } {
  const [, name, config, split] = /^(.+):(?:([^:/][^:]*)\/)?([^:/]+)$/.exec(source) ?? [];
  // the colon of `hf:owner/name` is not a split's
  if (name === undefined || split === undefined || name === "hf") return { name: source };
  return { name, part: { split, ...(config === undefined ? {} : { config }) } };
}

/** Words that files of a split are named by. */
const words: Readonly<Record<string, readonly string[]>> = {
  train: ["train", "training"],
  validation: ["validation", "valid", "val", "dev"],
  test: ["test", "testing", "eval", "evaluation"],
};

/**
 * @param files  paths with `/`, sorted
 * @throws DataError where there is no such split, or several configurations have one
 */
export function chooseFiles(
  source: string,
  files: readonly string[],
  listed: readonly ListedSplit[],
  part: Part,
): readonly string[] {
  if (files.length === 0) {
    throw new DataError({
      where: source,
      expected: "files with problems",
      got: "none",
      next: "Put .jsonl, .json, .csv, .tsv or .parquet files there.",
    });
  }
  const byCard = listed.flatMap(({ patterns, ...one }): ListedFiles[] => {
    const own = files.filter((file) => patterns.some((pattern) => matches(pattern, file)));
    return own.length === 0 ? [] : [{ ...one, files: own }];
  });
  const splits = byCard.length > 0 ? byCard : splitsOf(files);
  const own = splits.filter(({ config }) => part.config === undefined || config === part.config);
  const isMeant = ({ config, isDefault }: ListedFiles) => isDefault || (part.asked && config === "");
  for (const configs of part.config === undefined ? [own.filter(isMeant), own] : [own]) {
    const [first, ...others] = fitting(configs, part);
    if (first !== undefined && others.length === 0) return whole(source, first.files);
  }
  throw notOne(source, splits, fitting(own, part), part);
}

/** The splits of these configurations that are the one asked for, or stand for it. */
function fitting(configs: readonly ListedFiles[], part: Part): readonly ListedFiles[] {
  const isNamed = ({ split }: ListedFiles) => isSplit(split, part.split);
  const found = configs.filter(
    (one) =>
      isNamed(one) ||
      // what is in no split is there to train on
      (one.split === "" &&
        part.split === "train" &&
        !configs.some((other) => other.config === one.config && isNamed(other))),
  );
  if (found.length > 0 || part.asked) return found;
  // a folder that names no splits is one
  if (configs.length === 1 && configs[0]!.split === "") return configs;
  // held-out problems of a set without a test split are its validation split
  return part.split === "test" ? configs.filter(({ split }) => isSplit(split, "validation")) : [];
}

/** Says which splits there are, each as it may be typed. */
function notOne(
  source: string,
  splits: readonly ListedFiles[],
  found: readonly ListedFiles[],
  part: Part,
): DataError {
  const named = (some: readonly ListedFiles[]) =>
    some.map(({ config, split }) => nameOf(config, split || "train"));
  const hint = named([...found, ...splits]).find((name) => readPart(`set:${name}`).part !== undefined);
  return new DataError({
    where: source,
    expected: found.length === 0 ? `a split ${nameOf(part.config ?? "", part.split)}` : "one configuration",
    got: [...new Set(named(splits))].slice(0, 20).join(", "),
    next:
      hint === undefined
        ? "Name one of the files itself."
        : `Name one of these after a colon: ${part.asked ? readPart(source).name : source}:${hint}.`,
  });
}

/** @throws DataError where files that are numbered `1-of-4` are not all there, counted for each name by itself */
function whole(source: string, files: readonly string[]): readonly string[] {
  const shards = new Map<string, { counted: number; here: number }>();
  for (const file of files) {
    const [, name, count] = /^(.*)-\d{5}-of-(\d{5})\./.exec(file) ?? [];
    if (name === undefined) continue;
    const { counted, here } = shards.get(name) ?? { counted: Number(count), here: 0 };
    shards.set(name, { counted, here: here + 1 });
  }
  for (const [name, { counted, here }] of shards) {
    if (here === counted) continue;
    throw new DataError({
      where: source,
      expected: `${counted} files ${name}-…, as their names say`,
      got: String(here),
      next: here < counted ? "Fetch the others, too." : "Remove those of another time.",
    });
  }
  return files;
}

interface ListedFiles extends Omit<ListedSplit, "patterns"> {
  readonly files: readonly string[];
}

function nameOf(config: string, split: string): string {
  return config === "" ? split : `${config}/${split}`;
}

function isSplit(split: string, asked: string): boolean {
  return split === asked || (words[asked]?.includes(split) ?? false);
}

/** Splits by the names of files: the folder a file is in is its configuration, unless that is a split's name or just `data`. */
function splitsOf(files: readonly string[]): ListedFiles[] {
  const groups = new Map<string, ListedFiles & { files: string[] }>();
  for (const file of files) {
    const parts = file.split("/");
    const at = parts.findLastIndex((part) => splitIn(part) !== undefined);
    const split = at < 0 ? "" : splitIn(parts[at]!)!;
    const folders = parts.slice(0, at < 0 ? -1 : at).filter((folder) => folder !== "data");
    const config = folders.join("/");
    const key = nameOf(config, split);
    const group = groups.get(key) ?? { config, isDefault: config === "default", split, files: [] };
    group.files.push(file);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The split a file's or folder's name says: a word of it, or what stands before `-00000-of-00001`. */
function splitIn(name: string): string | undefined {
  const shard = /^(.+)-\d{5}-of-\d{5}\b/.exec(name)?.[1];
  const parts = (shard ?? name).toLowerCase().split(/[^a-z0-9]+/);
  const known = Object.entries(words).find(([, own]) => parts.some((part) => own.includes(part)));
  return known?.[0] ?? shard;
}

/** Whether a path fits a pattern, `*` and `**` being any characters. Takes time in line with their lengths. */
function matches(pattern: string, path: string): boolean {
  const [head, ...rest] = pattern.replace(/^\.\//, "").split(/\*+/);
  if (rest.length === 0) return head === path;
  if (!path.startsWith(head!)) return false;
  const tail = rest.pop()!;
  let at = head!.length;
  for (const piece of rest) {
    const found = path.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return path.length - tail.length >= at && path.endsWith(tail);
}
