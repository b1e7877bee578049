/**
 * One process to a run: two that append to the same files would leave a run of neither.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RunError } from "../errors.ts";
import { asRunError } from "../files/disk-errors.ts";

/** Locks of this process: after a restart another may have been given the same id. */
const held = new Set<string>();

/**
 * Takes a run's lock; that of a process that is no longer there is taken over.
 *
 * @returns   gives the lock back
 * @throws RunError where another process holds it, or the folder may not be written
 */
export async function takeLock(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "lock");
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: "wx" });
      held.add(resolve(path));
      return async () => {
        held.delete(resolve(path));
        await rm(path, { force: true });
      };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw asRunError(cause, folder);
    }
    const holder = Number((await readFile(path, "utf8").catch(() => "")).trim());
    if (holder === process.pid ? held.has(resolve(path)) : isAlive(holder)) {
      throw new RunError({
        where: folder,
        expected: "a run that no process is at work on",
        got: `process ${holder}, which holds ${path}`,
        next: `Wait for it or stop it. If it is no errata, remove ${path}.`,
      });
    }
    await rm(path, { force: true });
  }
  throw new RunError({
    where: folder,
    expected: "to be the only process that starts here",
    got: "another that takes the lock at the same time",
    next: "Start one run at a time in a folder.",
  });
}

/** Whether a process has this number, also where it belongs to somebody else. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}
