/**
 * One process to a run: two that append to the same files would leave a run of neither.
 *
 *   lock/3171-9f2c41d07a3b     held by the process of this name
 *
 * The lock is a folder that is made beside with the name already in it, then renamed: a rename onto a folder
 * that holds something fails, so one of many takes it, whole. What a dead process left is removed by its
 * name, so that nobody removes the lock of another who came first.
 */
import { readdirSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../errors.ts";
import { asRunError } from "../files/disk-errors.ts";
import { isAlive, ownName, pidOf } from "./process-name.ts";

/** Each attempt after the first follows one of another process that went further. */
const MOST_ATTEMPTS = 100;

/** True of what locking leaves in a folder, also where the process was killed in the middle of it. */
export function isLock(entry: string): boolean {
  return entry === "lock" || ownerOfPrepared(entry) !== undefined;
}

/** The number of the process that is at work on a run; undefined where none of this machine is. */
export function holderOf(folder: string): number | undefined {
  let names: string[];
  try {
    names = readdirSync(join(folder, "lock"));
  } catch {
    return undefined;
  }
  const alive = names.find((name) => !Number.isNaN(pidOf(name)) && isAlive(name));
  return alive === undefined ? undefined : pidOf(alive);
}

/**
 * Takes a run's lock; that of a process that is no longer there is taken over.
 *
 * @returns   gives the lock back
 * @throws RunError where another process holds it, or the folder may not be written
 */
export async function takeLock(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "lock");
  try {
    await removePrepared(folder);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      for (const name of (await readdir(path).catch(unless("ENOENT"))) ?? []) {
        if (isAlive(name)) throw refused(folder, path, name);
        await unlink(join(path, name)).catch(unless("ENOENT"));
      }
      if (await place(folder, path)) return () => giveBack(path);
    }
  } catch (cause) {
    throw asRunError(cause, folder);
  }
  throw new RunError({
    where: folder,
    expected: "to be the only process that starts here",
    got: "others that take the lock at the same time",
    next: "Start one run at a time in a folder.",
  });
}

/** @returns whether the lock is ours now */
async function place(folder: string, path: string): Promise<boolean> {
  const prepared = await mkdtemp(join(folder, `lock-${ownName()}-`));
  try {
    await writeFile(join(prepared, ownName()), "");
    // an empty one is nobody's; Windows renames onto no folder, not even such a one
    await rmdir(path).catch(unless("ENOENT", "ENOTEMPTY", "EEXIST"));
    await rename(prepared, path);
    return true;
  } catch (cause) {
    await rm(prepared, { recursive: true, force: true });
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (["ENOTEMPTY", "EEXIST"].includes(code)) return false;
    if (process.platform === "win32" && ["EPERM", "EACCES"].includes(code)) return false;
    throw cause;
  }
}

async function giveBack(path: string): Promise<void> {
  await unlink(join(path, ownName())).catch(unless("ENOENT"));
  await rmdir(path).catch(unless("ENOENT", "ENOTEMPTY", "EEXIST"));
}

/** What processes left that were killed between making a lock and taking it. */
async function removePrepared(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    const owner = ownerOfPrepared(entry);
    if (owner !== undefined && !isAlive(owner))
      await rm(join(folder, entry), { recursive: true, force: true });
  }
}

function ownerOfPrepared(entry: string): string | undefined {
  return /^lock-(\d+-[0-9a-f]{12})-.{6}$/.exec(entry)?.[1];
}

function refused(folder: string, path: string, name: string): RunError {
  return new RunError({
    where: folder,
    expected: "a run that no process is at work on",
    got: `process ${pidOf(name)}, which holds ${path}`,
    next: "Wait for it or stop it.",
  });
}

/** Passes over a refusal of the system that says no more than that another was first. */
function unless(...codes: readonly string[]): (cause: unknown) => undefined {
  return (cause) => {
    if (!codes.includes((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
  };
}
