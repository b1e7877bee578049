/**
 * The folder an export is written into, beside its place and on the same disk, until it can have its name.
 *
 *   exports/pocket  →  exports/.pocket.partial-<process>
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAlive } from "../../run/run-lock.ts";

/** Makes it, empty; what exports of the same name left that were killed goes. */
export async function makePartial(output: string): Promise<string> {
  const parent = dirname(output);
  const prefix = `.${basename(output)}.partial-`;
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const id = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (/^\d+$/.test(id) && !isAlive(Number(id)))
      await rm(join(parent, name), { recursive: true, force: true });
  }
  const partial = join(parent, `${prefix}${process.pid}`);
  // an earlier process had this one's number
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  return partial;
}
