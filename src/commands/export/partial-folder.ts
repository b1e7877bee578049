/**
 * The folder an export is written into, beside its place and on the same disk, until it can have its name.
 *
 *   exports/pocket  →  exports/.pocket.partial-<process>
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAlive, ownName, pidOf } from "../../run/process-name.ts";

/** Makes it, empty; what exports of the same name left that were killed goes. */
export async function makePartial(output: string): Promise<string> {
  const parent = dirname(output);
  const prefix = `.${basename(output)}.partial-`;
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const owner = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (!Number.isNaN(pidOf(owner)) && !isAlive(owner))
      await rm(join(parent, name), { recursive: true, force: true });
  }
  const partial = join(parent, `${prefix}${ownName()}`);
  await mkdir(partial);
  return partial;
}
