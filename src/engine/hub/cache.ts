/**
 * The hub's cache on disk, in the layout that every tool of Hugging Face shares: a blob is a content
 * once, a snapshot is a commit's names for blobs, a ref is what a revision was when it was last asked.
 */
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { getRepoFolderName } from "@huggingface/hub";
import { isFile } from "../models/checked-file.ts";
import { diskFault } from "./hub-fault.ts";
import { isPath } from "./hub-id.ts";
import type { HubRequest } from "./hub-request.ts";

/** Files of one commit, in a folder. */
export interface Cached {
  readonly folder: string;
  /** Paths in the folder, with `/`. */
  readonly files: readonly string[];
}

/** `models--owner--name` in the cache. */
export function repoFolder(cache: string, { kind, repo }: Pick<HubRequest, "kind" | "repo">): string {
  return join(cache, getRepoFolderName({ type: kind, name: repo }));
}

/** What the cache has of a request, or undefined where that is not all it needs. */
export async function cachedSnapshot(cache: string, request: HubRequest): Promise<Cached | undefined> {
  if (!isPath(request.revision)) return undefined;
  const repo = repoFolder(cache, request);
  const ref = await readFile(join(repo, "refs", request.revision), "utf8").catch(() => request.revision);
  const commit = ref.trim();
  if (!/^[0-9a-f]{40}$/.test(commit)) return undefined;
  const folder = join(repo, "snapshots", commit);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const choice = request.choose(paths);
  if (!("files" in choice)) return undefined;
  for (const file of choice.files) if (!(await isFile(join(folder, file)))) return undefined;
  return { folder, files: choice.files };
}

/** Gives a blob its name in a commit. Where the system has no links, the name gets a copy. */
export function linkBlob(repo: string, commit: string, path: string, blob: string): Promise<void> {
  const name = join(repo, "snapshots", commit, path);
  return putInPlace(name, (fresh) =>
    symlink(relative(dirname(name), blob), fresh).catch(() => copyFile(blob, fresh)),
  );
}

export function writeRef(repo: string, revision: string, commit: string): Promise<void> {
  return putInPlace(join(repo, "refs", revision), (fresh) => writeFile(fresh, commit));
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
    throw diskFault(cause, path);
  }
}
