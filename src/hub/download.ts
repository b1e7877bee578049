/**
 * One file of a repository → its blob in the cache, whole and of the right content, or not there.
 *
 * What comes is written to `<blob>.incomplete`, where an interrupted download goes on by HTTP range.
 * Writers of two processes put the same bytes at the same places, so neither spoils the other's.
 */
import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { HubError } from "../errors.ts";
import { type Asked, diskError, hubErrorOf, isAbort, refusal, stopped, Unreachable } from "./hub-errors.ts";
import { headersFor } from "./hub-fetch.ts";
import { proxyFetch } from "./proxy-fetch.ts";

/** A file as the hub lists it. */
export interface HubFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** The content's SHA-256, or git's SHA-1 of it, in hexadecimal. */
  readonly hash: string;
}

export interface Download extends Asked {
  readonly url: string;
  readonly signal: AbortSignal | undefined;
  /** Told the bytes of this file that are there. */
  readonly onBytes: (bytes: number) => void;
}

/** Interruptions in a row, with less than a few new bytes between them, before the download gives up. */
const MOST_FAILURES = 4;
const FEW_BYTES = 2 ** 16;
const FIRST_WAIT_MS = 250;

/**
 * Fetches a file into the cache as `blob`.
 *
 * @throws HubError where the hub refuses, stays away, or sends another size or content than it lists
 */
export async function download(file: HubFile, blob: string, to: Download): Promise<void> {
  try {
    await fetchBlob(file, blob, to);
  } catch (cause) {
    // another process, at work on the same file, was faster
    if (!(await isThere(file, blob))) throw cause;
  }
}

async function fetchBlob(file: HubFile, blob: string, to: Download): Promise<void> {
  const partial = `${blob}.incomplete`;
  const resumed = (await sizeOf(partial)) > 0;
  await fetchAll(file, partial, to);
  if (!(await matches(partial, file))) {
    await rm(partial, { force: true });
    // what an earlier process left may be another upload's, or a disk's mistake
    if (resumed) return fetchBlob(file, blob, to);
    throw new HubError({
      where: to.where,
      expected: `content of hash ${file.hash}`,
      got: "another",
      next: "It was damaged on its way or changed at the hub: give the same command again.",
    });
  }
  await onDisk(blob, rename(partial, blob));
}

/** Fills `partial` up to the file's size, going on after interruptions. */
async function fetchAll(file: HubFile, partial: string, to: Download): Promise<void> {
  let failures = 0;
  let most = 0;
  for (;;) {
    const have = await sizeOf(partial);
    if (have === file.size && have > 0) return;
    if (have > file.size) await onDisk(partial, rm(partial));
    try {
      return await fetchRest(file, partial, have > file.size ? 0 : have, to);
    } catch (cause) {
      if (to.signal?.aborted) throw stopped(to.where, cause);
      const told = isAbort(cause) ? silence(to) : hubErrorOf(cause, to);
      const now = await sizeOf(partial);
      failures = now > most + FEW_BYTES ? 1 : failures + 1;
      most = Math.max(most, now);
      if (!(told instanceof Unreachable) || failures > MOST_FAILURES) throw told;
      await sleep(FIRST_WAIT_MS * 2 ** (failures - 1));
    }
  }
}

/** One request, for the bytes from `have` on. @throws Unreachable where trying again may help */
async function fetchRest(file: HubFile, partial: string, have: number, to: Download): Promise<void> {
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), to.settings.silenceMs);
  try {
    const asked = {
      headers: headersFor(to.settings, to.url, {
        "accept-encoding": "identity",
        ...(have > 0 ? { range: `bytes=${have}-` } : {}),
      }),
      signal: AbortSignal.any([quiet.signal, ...(to.signal === undefined ? [] : [to.signal])]),
    };
    const response = await proxyFetch(to.url, asked, to.settings.proxies);
    const start = await startOf(response, have, partial, to);
    // not emptied: another process may have written the same bytes there already
    const handle = await onDisk(partial, open(partial, constants.O_WRONLY | constants.O_CREAT, 0o644));
    try {
      await copy(response, { handle, partial, start }, file, to, () => timer.refresh());
    } finally {
      await handle.close();
    }
  } finally {
    clearTimeout(timer);
    quiet.abort();
  }
}

/** Where in the file the answer begins: where it was asked to, or at 0 where the server knows no ranges. */
async function startOf(response: Response, have: number, partial: string, to: Download): Promise<number> {
  const { status } = response;
  if (status === 200) return 0;
  if (status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${have}-`)) return have;
  if (status === 416 || status === 206) {
    await rm(partial, { force: true });
    throw interrupted(to, `an answer that does not go on from byte ${have}`);
  }
  if (status === 429 || status >= 500) throw interrupted(to, `status ${status}`);
  throw refusal(status, to);
}

async function copy(
  response: Response,
  { handle, partial, start }: { handle: FileHandle; partial: string; start: number },
  { size }: HubFile,
  to: Download,
  heard: () => void,
): Promise<void> {
  let at = start;
  for await (const chunk of response.body ?? []) {
    heard();
    if (at + chunk.length > size) {
      await rm(partial, { force: true });
      throw new HubError({
        where: to.where,
        expected: `${size} bytes, as the hub lists`,
        got: "more",
        next: "It changed at the hub: give the same command again.",
      });
    }
    await onDisk(partial, handle.write(chunk, 0, chunk.length, at));
    at += chunk.length;
    to.onBytes(at);
  }
  if (at < size) throw interrupted(to, `an end after ${at} bytes`);
  await onDisk(partial, handle.sync());
}

/**
 * Whether the file's content has the hash that is listed.
 *
 * SHA-256 is told from git's SHA-1 by its length; git hashes the size before the content.
 */
async function matches(path: string, { size, hash }: HubFile): Promise<boolean> {
  const digest = createHash(hash.length === 64 ? "sha256" : "sha1");
  if (hash.length !== 64) digest.update(`blob ${size}\0`);
  const read = (async () => {
    for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  })();
  await onDisk(path, read);
  return digest.digest("hex") === hash;
}

/** Whether the file's blob is there; an empty one, too, is a file. */
export async function isThere({ size }: HubFile, blob: string): Promise<boolean> {
  return (await stat(blob).catch(() => undefined))?.size === size;
}

/** Bytes of the file at `path`; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function onDisk<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw diskError(cause, path);
  }
}

function interrupted(to: Download, got: string): Unreachable {
  return new Unreachable({
    where: to.where,
    expected: `the whole file from ${new URL(to.settings.endpoint).host}`,
    got,
    next: "Give the same command again to go on; what has come is kept.",
  });
}

function silence(to: Download): Unreachable {
  return interrupted(to, `nothing for ${to.settings.silenceMs / 1000} s`);
}
