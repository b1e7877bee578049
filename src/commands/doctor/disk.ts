/**
 * The disk: whether a run's folder can be written, how fast, and how much fits.
 */
import { randomFillSync } from "node:crypto";
import { existsSync } from "node:fs";
import { open, rm, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { asRunError } from "../../files/disk-errors.ts";
import type { AnyOptions } from "../../options/options.ts";
import { refuseOccupied } from "../../run/run.ts";
import { RUNS_FOLDER } from "../../run/run-folder.ts";
import { digits, type OnFinding, problemOf, size } from "./finding.ts";

const CHUNK_BYTES = 4 * 2 ** 20;
const CHUNKS = 16;
/** With less than this free nothing is written to measure. */
const LEAST_FREE = 2 ** 29;

export interface Disk {
  readonly freeBytes: number;
  readonly bytesPerSecond: number;
}

/**
 * Writes a file for a moment where the run would be written.
 *
 * @returns undefined where nothing can be written, which is told as a problem
 */
export async function examineDisk(
  options: AnyOptions,
  resumes: string | undefined,
  tell: OnFinding,
): Promise<Disk | undefined> {
  const wanted = options.outputDir ?? RUNS_FOLDER;
  const folder = nearest(resolve(wanted));
  try {
    if (resumes === undefined) await refuseOccupied(options.outputDir);
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    if (freeBytes < LEAST_FREE) {
      tell({
        section: "machine",
        name: "disk",
        status: "problem",
        text: `${size(freeBytes)} free for ${wanted}`,
        next: "Free space, or name another folder as output_dir.",
        values: { freeBytes },
      });
      return undefined;
    }
    const bytesPerSecond = await writeSpeed(folder);
    tell({
      section: "machine",
      name: "disk",
      status: "ok",
      text: `${size(freeBytes)} free for ${wanted}, written at ${digits(bytesPerSecond / 1e6)} MB/s`,
      values: { freeBytes, bytesPerSecond },
    });
    return { freeBytes, bytesPerSecond };
  } catch (cause) {
    tell(problemOf("machine", "disk", asRunError(cause, folder)));
    return undefined;
  }
}

/** The folder, or the one above it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

async function writeSpeed(folder: string): Promise<number> {
  const path = join(folder, `.errata-doctor-${process.pid}`);
  // zeros would be measured too fast on a disk that compresses
  const chunk = randomFillSync(new Uint8Array(CHUNK_BYTES));
  const handle = await open(path, "wx");
  try {
    // it has no name while it is written, so that Ctrl-C leaves nothing; where a system refuses, it goes at the end
    await rm(path).catch(() => undefined);
    const began = performance.now();
    for (let i = 0; i < CHUNKS; i++) await handle.write(chunk);
    await handle.sync();
    return (1000 * CHUNKS * CHUNK_BYTES) / (performance.now() - began);
  } finally {
    await handle.close();
    await rm(path, { force: true });
  }
}
