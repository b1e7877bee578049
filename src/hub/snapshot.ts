/**
 * A revision of a repository, some of its files → a folder in the hub's usual cache.
 *
 *   HF_HUB_CACHE/models--owner--name/  blobs/<hash>  refs/<revision>  snapshots/<commit>/<path>
 *
 * The hub says which commit a revision is and what is in it. Where the hub cannot be reached, what
 * was whole in the cache stands in; where HF_HUB_OFFLINE is set, it is not asked.
 */
import { mkdir, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HubError } from "../errors.ts";
import { type Cached, cachedSnapshot, linkBlob, rememberList, repoFolder, writeRef } from "./cache.ts";
import { commitOf, isCommit, listing } from "./commit.ts";
import { download, type HubFile, isThere, sizeOf } from "./download.ts";
import { diskError, hubErrorOf, Unreachable } from "./hub-errors.ts";
import { hubFetch } from "./hub-fetch.ts";
import { staysInside } from "./hub-id.ts";
import { type HubRequest, nameOf, pageOf } from "./hub-request.ts";
import { type HubSettings, hubSettings } from "./hub-settings.ts";

/** What a caller may want to hear, and how it stops a download. */
export interface HubContext {
  readonly onNote?: ((text: string) => void) | undefined;
  /** Bytes, of all files of the request that were not in the cache. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const PROGRESS_MS = 100;

/**
 * @returns the folder, and the chosen files' paths in it
 * @throws HubError where something is neither to be had nor in the cache
 */
export async function snapshot(request: HubRequest, context: HubContext = {}): Promise<Cached> {
  const settings = hubSettings();
  const where = nameOf(request);
  const cached = await cachedSnapshot(settings.cache, request);
  if (settings.offline) {
    if (cached === undefined) throw notCached(where, settings);
    return cached;
  }
  // a commit never changes: what was chosen from all its files needs no question. What was chosen from
  // those that are here may be another choice than the hub's files would give.
  if (cached?.listed && isCommit(request.revision)) return cached;
  try {
    return await fetchSnapshot(request, settings, context);
  } catch (cause) {
    const told = hubErrorOf(cause, { settings, where, page: pageOf(request, settings) });
    if (cached === undefined || !(told instanceof Unreachable)) throw told;
    context.onNote?.(`${where}: ${told.got} from ${settings.endpoint}; the copy in the cache is used`);
    return cached;
  }
}

async function fetchSnapshot(
  request: HubRequest,
  settings: HubSettings,
  context: HubContext,
): Promise<Cached> {
  const fetch = hubFetch(settings, context.signal);
  const where = nameOf(request);
  const commit = await commitOf(request, settings, fetch);
  const listed = await listing(request, commit, settings, fetch);
  const choice = request.choose([...listed.keys()]);
  if ("missing" in choice)
    throw new HubError({ where, expected: choice.missing, got: choice.got, next: choice.next });
  // other files may have any name: they are not written
  const outside = choice.files.find((path) => !staysInside(path));
  if (outside !== undefined)
    throw new HubError({
      where,
      expected: "files whose names every system can have",
      got: JSON.stringify(outside.slice(0, 120)),
      next: "Choose another split or revision, or have the file renamed at the hub.",
    });
  const folder = repoFolder(settings.cache, request);
  await rememberList(folder, commit, [...listed.keys()]);
  const files = choice.files.map((path) => listed.get(path)!);
  const blobOf = ({ hash }: HubFile) => join(folder, "blobs", hash);
  const lacking: HubFile[] = [];
  for (const file of files) if (!(await isThere(file, blobOf(file)))) lacking.push(file);
  if (lacking.length > 0) await fetchAll(request, commit, lacking, blobOf, settings, context);
  for (const file of files) await linkBlob(folder, commit, file.path, blobOf(file));
  // last, so that what a revision points to is whole
  if (request.revision !== commit) await writeRef(folder, request.revision, commit);
  return { folder: join(folder, "snapshots", commit), files: choice.files };
}

async function fetchAll(
  request: HubRequest,
  commit: string,
  files: readonly HubFile[],
  blobOf: (file: HubFile) => string,
  settings: HubSettings,
  { onNote, onProgress, signal }: HubContext,
): Promise<void> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  await checkSpace(dirname(blobOf(files[0]!)), files, blobOf, settings);
  const many = files.length === 1 ? "1 file" : `${files.length} files`;
  onNote?.(
    `fetching ${nameOf(request)}: ${many}, ${(total / 1e6).toFixed(1)} MB, from ${settings.endpoint} into ${settings.cache}`,
  );
  const page = pageOf(request, settings);
  let before = 0;
  let told = 0;
  for (const file of files) {
    const path = file.path.split("/").map(encodeURIComponent).join("/");
    await download(file, blobOf(file), {
      settings,
      page,
      url: `${page}/resolve/${commit}/${path}`,
      where: `${nameOf(request)}: ${file.path}`,
      signal,
      onBytes(bytes) {
        if (performance.now() - told < PROGRESS_MS && before + bytes < total) return;
        told = performance.now();
        onProgress?.(before + bytes, total);
      },
    });
    before += file.size;
  }
}

/** Held against what the disk has before the first byte is asked for. */
async function checkSpace(
  folder: string,
  files: readonly HubFile[],
  blobOf: (file: HubFile) => string,
  { cache }: HubSettings,
): Promise<void> {
  let needed = 0;
  for (const file of files) needed += Math.max(0, file.size - (await sizeOf(`${blobOf(file)}.incomplete`)));
  let free: number;
  try {
    await mkdir(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    free = bavail * bsize;
  } catch (cause) {
    throw diskError(cause, folder);
  }
  if (needed <= free) return;
  throw new HubError({
    where: cache,
    expected: `${(needed / 1e9).toFixed(2)} GB of free space`,
    got: `${(free / 1e9).toFixed(2)} GB`,
    next: "Free space, or set HF_HOME to a folder on a larger disk.",
  });
}

function notCached(where: string, { cache }: HubSettings): HubError {
  return new HubError({
    where,
    expected: `it in the cache (${cache}), as HF_HUB_OFFLINE is set`,
    got: "nothing whole there",
    next: "Unset HF_HUB_OFFLINE to fetch it, or set HF_HOME to where it is.",
  });
}
