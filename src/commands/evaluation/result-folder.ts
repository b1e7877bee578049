/**
 * The folder of an evaluation: written as it goes, and gone on with where it stopped.
 *
 *   options.yaml   evaluation.json   results.jsonl   summary.json   summary.md   (failed.jsonl)
 *
 * Problems are answered in chunks. A chunk that was not written whole is asked again whole, beside the same
 * neighbours, so that a run that was killed leaves the same bytes as one that was not.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../../errors.ts";
import { writeJson, writeWhole } from "../../files/atomic-write.ts";
import { asRunError } from "../../files/disk-errors.ts";
import { modelName } from "../../loop/session/model-name.ts";
import type { Options } from "../../options/options.ts";
import { isKept, printOptions } from "../../options/print-options.ts";
import { openLines } from "../../run/line-file.ts";
import type { ResultRecord } from "../../run/records.ts";
import { optionsPath, RUNS_FOLDER } from "../../run/run-folder.ts";
import { isLock, takeLock } from "../../run/run-lock.ts";
import { type Identity, readIdentity, shortName } from "./fingerprint.ts";
import { difference } from "./fingerprint-diff.ts";
import { changed, readResults } from "./result-lines.ts";

/** Some problems of one data set, answered together. */
export interface Chunk {
  readonly set: number;
  /** Places in the data set. */
  readonly from: number;
  readonly to: number;
}

/** Answers of a chunk: enough to keep the engine busy, few enough to lose. */
const CHUNK_ANSWERS = 128;

/** What to do where the disk is full: whole chunks are kept, and half a one is asked again. */
const GO_ON = "Free some space and give the same command again; it goes on with what is missing.";

/** The chunks of all data sets, in order. */
export function chunksOf({ sets }: Identity): readonly Chunk[] {
  return sets.flatMap(({ k, problems }, set) => {
    const size = Math.max(1, Math.floor(CHUNK_ANSWERS / k));
    return Array.from({ length: Math.ceil(problems / size) }, (_, i) => ({
      set,
      from: i * size,
      to: Math.min(problems, (i + 1) * size),
    }));
  });
}

export interface ResultFolder {
  readonly folder: string;
  /** What was there already, of whole chunks, in order. */
  readonly done: readonly ResultRecord[];
  /** Adds a chunk. @throws RunError where the disk is full or refuses */
  append(records: readonly ResultRecord[]): Promise<void>;
  /** Keeps a chunk that the verifier could not judge, to be looked at; it is none of the results. @returns the file */
  setAside(records: readonly ResultRecord[]): Promise<string>;
  close(): Promise<void>;
}

export const resultsPath = (folder: string): string => join(folder, "results.jsonl");
export const identityPath = (folder: string): string => join(folder, "evaluation.json");

/** Where an evaluation goes when `output_dir` is not set: one place for each. */
export function defaultFolder(model: string, identity: Identity): string {
  return join(RUNS_FOLDER, `eval-${modelName(model)}-${shortName(identity)}`);
}

/**
 * Opens an evaluation's folder, new or begun.
 *
 * @param keys  `problemKey` of every problem, in order
 * @throws RunError where the folder holds something else or another evaluation, another process is at work in it,
 *   or it may not be written
 */
export async function openResults(
  folder: string,
  identity: Identity,
  options: Options,
  keys: readonly string[],
): Promise<ResultFolder> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw asRunError(cause, folder, GO_ON);
  });
  const unlock = await takeLock(folder).catch((cause: unknown) => {
    throw asRunError(cause, folder, GO_ON);
  });
  try {
    await refuseOther(folder, identity);
    const path = resultsPath(folder);
    const failed = join(folder, "failed.jsonl");
    if (!existsSync(identityPath(folder))) {
      const text = `# errata eval\n${printOptions("eval", options, isKept)}`;
      await writeWhole(optionsPath(folder), (handle) => handle.writeFile(text));
      await writeJson(identityPath(folder), identity);
    }
    const { done, bytes } = await begun(path, identity, keys);
    const lines = await openLines(path, bytes, GO_ON);
    return {
      folder,
      done,
      async append(records) {
        await lines.append(records);
        await lines.sync();
        // a chunk set aside is the next to be asked
        await rm(failed, { force: true });
      },
      async setAside(records) {
        const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
        await writeWhole(failed, (handle) => handle.writeFile(text));
        return failed;
      },
      async close() {
        await lines.close();
        await unlock();
      },
    };
  } catch (cause) {
    await unlock();
    throw asRunError(cause, folder, GO_ON);
  }
}

async function begun(path: string, identity: Identity, keys: readonly string[]) {
  const lines = await readResults(path);
  let whole = 0;
  for (const { from, to } of chunksOf(identity)) {
    if (whole + to - from > lines.length) break;
    whole += to - from;
  }
  const done = lines.slice(0, whole).map(({ record }) => record);
  const ks = identity.sets.flatMap(({ k, problems }) => Array.from({ length: problems }, () => k));
  for (const [i, { key, answers, problem }] of done.entries()) {
    if (key === keys[i] && answers.length === ks[i]) continue;
    throw changed(
      path,
      `${ks[i]} answers to problem ${i + 1} of the evaluation`,
      `${answers.length} to ${problem}`,
    );
  }
  return { done, bytes: lines[whole - 1]?.end ?? 0 };
}

/** A folder is taken where it is empty, or holds the same evaluation. */
async function refuseOther(folder: string, identity: Identity): Promise<void> {
  if (existsSync(identityPath(folder))) {
    const other = difference(await readIdentity(identityPath(folder)), identity);
    if (other === undefined) return;
    throw new RunError({
      where: `output_dir ${folder}`,
      expected: "the evaluation that was begun there",
      got: other,
      next: "Name another output_dir; nothing is ever written over.",
    });
  }
  const held = await readdir(folder);
  // one that was killed before it wrote its identity leaves these
  if (held.every((name) => isLock(name) || name === "options.yaml" || name.endsWith(".tmp"))) return;
  throw new RunError({
    where: `output_dir ${folder}`,
    expected: "a new or an empty folder, or an evaluation to go on with",
    got: "one that holds other files",
    next: "Name another folder; nothing is ever written over.",
  });
}
