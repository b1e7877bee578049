/**
 * The hub's cache on disk, in the layout that every tool of Hugging Face shares: a blob is a content
 * once, a snapshot is a commit's names for blobs, a ref is what a revision was when it was last asked.
 *
 * A snapshot holds what some tool once asked for, which may be less than the commit has. So the list
 * of a commit's files is kept, too, in a folder of errata's own that other tools do not look into.
 */
import { randomUUID } from "node:crypto";
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { getRepoFolderName } from "@huggingface/hub";
import { z } from "zod";
import { isFile, readJson } from "../files/checked-file.ts";
import { diskError } from "./hub-errors.ts";
import { isPath, staysInside } from "./hub-id.ts";
import type { HubRequest } from "./hub-request.ts";

/** Files of one commit, in a folder. */
export interface Cached {
  readonly folder: string;
  /** Paths in the folder, with `/`. */
  readonly files: readonly string[];
}

export interface CachedSnapshot extends Cached {
  /** True where the files were chosen from all that the commit has, not from what happens to be here. */
  readonly listed: boolean;
}

/** Bytes of a remembered list; what the hub may list is shorter. */
const LONGEST_LIST = 2 ** 27;
const pathsSchema = z.array(z.string());

/** `models--owner--name` in the cache. */
export function repoFolder(cache: string, { kind, repo }: Pick<HubRequest, "kind" | "repo">): string {
  return join(cache, getRepoFolderName({ type: kind, name: repo }));
}

/** What the cache has of a request, or undefined where that is not all it needs. */
export async function cachedSnapshot(
  cache: string,
  request: HubRequest,
): Promise<CachedSnapshot | undefined> {
  if (!isPath(request.revision)) return undefined;
  const repo = repoFolder(cache, request);
  const ref = await readFile(join(repo, "refs", request.revision), "utf8").catch(() => request.revision);
  const commit = ref.trim();
  if (!/^[0-9a-f]{40}$/.test(commit)) return undefined;
  const folder = join(repo, "snapshots", commit);
  const list = await listOf(repo, commit);
  const choice = request.choose(list ?? (await pathsIn(folder)));
  if (!("files" in choice)) return undefined;
  for (const file of choice.files)
    if (!staysInside(file) || !(await isFile(join(folder, file)))) return undefined;
  return { folder, files: choice.files, listed: list !== undefined };
}

async function pathsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

const listPath = (repo: string, commit: string): string => join(repo, ".errata", `${commit}.json`);

/** The paths of all files of a commit, where they were remembered. */
async function listOf(repo: string, commit: string): Promise<readonly string[] | undefined> {
  const list = await readJson(listPath(repo, commit), LONGEST_LIST).catch(() => undefined);
  return pathsSchema.safeParse(list).data;
}

/** Remembers what a commit has. A cache that cannot be written does without: the list only saves a question. */
export async function rememberList(repo: string, commit: string, paths: readonly string[]): Promise<void> {
  const list = JSON.stringify(paths);
  const path = listPath(repo, commit);
  if ((await readFile(path, "utf8").catch(() => undefined)) === list) return;
  await putInPlace(path, (fresh) => writeFile(fresh, list)).catch(() => undefined);
}

/**
 * Gives a blob its name in a commit. Where the system has no links, the name gets a copy.
 *
 * A name that is there already is left alone: a cache that all is in need not be one to write into.
 */
export async function linkBlob(repo: string, commit: string, path: string, blob: string): Promise<void> {
  const name = join(repo, "snapshots", commit, path);
  const [there, meant] = await Promise.all([name, blob].map((one) => realpath(one).catch(() => undefined)));
  if (there !== undefined && there === meant) return;
  await putInPlace(name, (fresh) =>
    symlink(relative(dirname(name), blob), fresh).catch(() => copyFile(blob, fresh)),
  );
}

export async function writeRef(repo: string, revision: string, commit: string): Promise<void> {
  const ref = join(repo, "refs", revision);
  if ((await readFile(ref, "utf8").catch(() => undefined)) === commit) return;
  await putInPlace(ref, (fresh) => writeFile(fresh, commit));
}

/** Makes something under a name of its own, then renames it: another process may be at the same. */
async function putInPlace(path: string, make: (fresh: string) => Promise<void>): Promise<void> {
  const fresh = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await make(fresh);
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw diskError(cause, path);
  }
}
