/**
 * What a data set's name stands for: a file, or the files of one split, in a folder or on the hub.
 *
 *   dapo.parquet    data/gsm8k    data/gsm8k:main/test    openai/gsm8k:main/test    hf:owner/name@revision
 */
import { readdir, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { DataError } from "../../errors.ts";
import { typedPath } from "../../files/typed-path.ts";
import { type HubId, parseHubId } from "../../hub/hub-id.ts";
import type { Choice } from "../../hub/hub-request.ts";
import type { HubContext } from "../../hub/snapshot.ts";
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
const MOST_FILES = 10_000;

/**
 * @param split    taken of a folder or a set of the hub where the name does not say which
 * @param context  hears of a download, or stops it
 * @throws DataError where there is nothing of that name, or no such split in it; HubError where the hub
 *   does not give it
 */
export async function findFiles(
  typed: string,
  split: "train" | "test",
  context: HubContext = {},
): Promise<Source> {
  const source = typedPath(typed);
  const whole = await kindOf(source);
  if (whole === "file") return { name: basename(source, extname(source)), files: [source] };
  if (whole === "folder") return inFolder(source, { asked: false, split }, source);
  const { name, part = { split } } = readPart(source);
  const asked = { ...part, asked: name !== source };
  if (asked.asked && (await kindOf(name)) === "folder") return inFolder(name, asked, source);
  const id = fileEndings.includes(extname(name).toLowerCase()) ? undefined : parseHubId(name);
  // a path that begins in a folder that is here is a mistyped path; `hf:` says that it is not
  if (id !== undefined && (await kindOf(name.split("/")[0]!)) === undefined) {
    return onHub(id, asked, source, context);
  }
  throw new DataError({
    where: source,
    expected: `a file (${fileEndings.join(", ")}), a folder of such files, a data set of the hub (owner/name), or a generator (${Object.keys(generators).join(", ")})`,
    got: `no file or folder ${resolve(name)}`,
    next: "Check the path given as dataset or eval_dataset.",
  });
}

async function inFolder(folder: string, part: Part, source: string): Promise<Source> {
  const chosen = chooseFiles(
    source,
    dataFiles(source, await pathsIn(folder)),
    await readCard(join(folder, "README.md")),
    part,
  );
  return { name: basename(folder), files: chosen.map((file) => join(folder, file)) };
}

/** The paths of a folder's files in it, with `/`; neither hidden folders nor installed packages are data. */
async function pathsIn(folder: string, inside = ""): Promise<string[]> {
  const entries = await readdir(join(folder, inside), { withFileTypes: true });
  const paths: string[] = [];
  for (const entry of entries) {
    const path = `${inside}${entry.name}`;
    if (!entry.isDirectory()) paths.push(path);
    else if (!entry.name.startsWith(".") && entry.name !== "node_modules")
      paths.push(...(await pathsIn(folder, `${path}/`)));
  }
  return paths;
}

/** The card first, because it says which files there are to choose from. */
async function onHub(
  { repo, revision }: HubId,
  part: Part,
  source: string,
  context: HubContext,
): Promise<Source> {
  // loaded where it is needed: most runs never ask the hub
  const { snapshot } = await import("../../hub/snapshot.ts");
  const request = { kind: "dataset", repo, revision } as const;
  const about = await snapshot({
    ...request,
    choose: (paths) => ({ files: paths.filter((path) => path === "README.md") }),
  });
  const card = await readCard(join(about.folder, "README.md"));
  const choose = (paths: readonly string[]): Choice => {
    try {
      return { files: chooseFiles(source, dataFiles(source, paths), card, part) };
    } catch (fault) {
      if (!(fault instanceof DataError)) throw fault;
      return { missing: fault.expected, got: fault.got, next: fault.next };
    }
  };
  const { folder, files } = await snapshot({ ...request, choose }, context);
  return { name: repo.split("/")[1]!, files: files.map((file) => join(folder, file)) };
}

/** What is at the path; a link counts as what it points to. */
async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? "folder" : found && "file";
}

/** Files beside problems that end as files with problems do. */
const besides = /(^|\/)(\.|dataset_infos\.json$|dataset_dict\.json$|state\.json$)/;

/** The files with problems among those of a folder, by their paths in it with `/`, sorted. */
function dataFiles(source: string, paths: readonly string[]): string[] {
  const files = paths.filter(
    (path) => fileEndings.includes(extname(path).toLowerCase()) && !besides.test(path),
  );
  if (files.length <= MOST_FILES) return files.sort();
  throw new DataError({
    where: source,
    expected: `at most ${MOST_FILES} data files`,
    got: String(files.length),
    next: "Name the folder of one data set, or a file.",
  });
}
