/**
 * Files that are whole or not there: written beside, flushed to the disk, then renamed.
 *
 * A crash at any moment leaves the old file, or none, and at worst a `.tmp` that nobody reads.
 */
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { asRunError } from "./disk-errors.ts";

/**
 * Writes a file through `write` and gives it its name once every byte is on the disk.
 *
 * @throws RunError where the disk is full or the folder may not be written
 */
export async function writeWhole(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, "w");
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw asRunError(cause, path);
  }
}

/** Writes JSON as `writeWhole` does, two spaces deep. */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, (handle) => handle.writeFile(`${JSON.stringify(value, null, 2)}\n`));
}

/** A rename is on the disk once its folder is; Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
