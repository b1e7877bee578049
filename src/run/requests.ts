/**
 * Asking something of a run that is at work, by files, from wherever its folder can be written.
 *
 *   requests/1764417600000-9f2c41-pause     an empty file, read by the run within a second or so
 *
 * The run answers with an `asked` event. One that has asked for a pause stays until the run is told to go on, so that a
 * run that is resumed is still paused; the others go as they are read.
 */
import { randomBytes } from "node:crypto";
import { accessSync, constants, readdirSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../errors.ts";
import { asRunError } from "../files/disk-errors.ts";
import { type RequestName, requestNames } from "./events.ts";
import { isRun } from "./run-folder.ts";
import { holderOf } from "./run-lock.ts";

export interface Request {
  /** Of the `asked` event that answers it. */
  readonly id: string;
  readonly request: RequestName;
}

const requestFile = new RegExp(`^(\\d{13}-[0-9a-f]{6})-(${requestNames.join("|")})$`);
const folderOf = (run: string) => join(run, "requests");

/** Whether a run is at work here and this user may ask something of it. */
export function canAsk(run: string): boolean {
  if (holderOf(run) === undefined) return false;
  try {
    accessSync(run, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks a run for something.
 *
 * @returns the request's id
 * @throws RunError where no process is at work on it, or its folder may not be written
 */
export async function ask(run: string, request: RequestName): Promise<string> {
  if (holderOf(run) === undefined)
    throw new RunError({
      where: run,
      expected: "a run that a process of this machine is at work on",
      got: isRun(run) ? "one that nobody is at work on" : "no run",
      next: isRun(run) ? `Go on with it: --resume ${run}.` : "Name the folder the run printed when it began.",
    });
  const id = `${Date.now()}-${randomBytes(3).toString("hex")}`;
  try {
    await mkdir(folderOf(run), { recursive: true });
    await writeFile(join(folderOf(run), `${id}-${request}`), "", { flag: "wx" });
  } catch (cause) {
    throw asRunError(cause, folderOf(run));
  }
  return id;
}

/** The requests to one run, as the run reads them. */
export class Requests {
  readonly #run: string;
  /** Files of pauses that hold. */
  readonly #pauses = new Map<string, Request>();

  constructor(run: string) {
    this.#run = run;
  }

  /** Those that came since it was last asked, oldest first. */
  take(): Request[] {
    const fresh: Request[] = [];
    for (const { file, id, request } of this.#waiting()) {
      if (this.#pauses.has(file)) continue;
      fresh.push({ id, request });
      if (request === "pause") this.#pauses.set(file, { id, request });
      else rmSync(join(folderOf(this.#run), file), { force: true });
      if (request === "continue" || request === "stop") this.#endPauses();
    }
    return fresh;
  }

  #waiting(): (Request & { readonly file: string })[] {
    let names: string[];
    try {
      names = readdirSync(folderOf(this.#run));
    } catch {
      return [];
    }
    return names.sort().flatMap((file) => {
      const match = requestFile.exec(file);
      return match === null ? [] : [{ file, id: match[1]!, request: match[2] as RequestName }];
    });
  }

  #endPauses(): void {
    for (const file of this.#pauses.keys()) rmSync(join(folderOf(this.#run), file), { force: true });
    this.#pauses.clear();
  }
}
