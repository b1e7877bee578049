/**
 * A run on the disk: made whole, resumed exactly, never overwritten.
 *
 *   options.yaml   steps.jsonl   rollouts.jsonl   evals.jsonl   checkpoints/step-0040/   replay/
 *
 * Lines are only appended. A checkpoint holds the weights, the optimizer and `position.json`: all the
 * loop knows, and how long each file was; resuming cuts the files back to there and goes on.
 */
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CallRecord } from "../engine/recorded-engine.ts";
import { RunError } from "../errors.ts";
import { writeWhole } from "../files/atomic-write.ts";
import { asRunError } from "../files/disk-errors.ts";
import { pathKind } from "../files/path-kind.ts";
import type { Options } from "../options/options.ts";
import { isKept, printOptions } from "../options/print-options.ts";
import { checkCheckpoint } from "./check-checkpoint.ts";
import { type LineFile, type Lines, lineFiles, openLines, RESUME_WHEN_FULL } from "./line-file.ts";
import { type Position, position as positionSchema } from "./position.ts";
import type { EvalRecord } from "./records.ts";
import { Replay } from "./replay.ts";
import {
  checkpointPath,
  checkpointsOf,
  isEvaluation,
  isRun,
  optionsPath,
  RUNS_FOLDER,
} from "./run-folder.ts";
import { isLock, takeLock } from "./run-lock.ts";

export interface Run {
  readonly folder: string;
  /** Where the last checkpoint left off; a new run's start where there is none. */
  readonly position: Position;
  /** The path of the last whole checkpoint. */
  readonly checkpoint: string | undefined;
  /** The evaluations so far, first to last. */
  readonly evals: readonly EvalRecord[];
  /** Adds lines to one of the run's files. @throws RunError where the disk is full or refuses */
  append(file: LineFile, records: Iterable<object>): Promise<void>;
  /**
   * Writes a checkpoint beside, then gives it its name; the oldest beyond `keep` go.
   *
   * @param write  puts the weights and the optimizer's state into the folder it is given
   */
  save(position: Position, keep: number, write: (folder: string) => Promise<void>): Promise<string>;
  /** Adds the lines that came since the last checkpoint to it; `position` is the one it was saved at. */
  keepLines(position: Position): Promise<void>;
  /** What the engine said since the last checkpoint. */
  readonly replay: CallRecord;
  close(): Promise<void>;
}

/**
 * Opens a new run's folder, or the one being resumed.
 *
 * @param resumes  the folder of the run to go on with
 * @param name     of a new run under `runs/`, where `options.outputDir` is not set
 * @throws RunError where the folder holds something else, another process runs there, or it may not be written
 */
export async function openRun(
  command: "train" | "sft",
  options: Options,
  resumes: string | undefined,
  name: string,
): Promise<Run> {
  const folder = resumes ?? (await makeFolder(options.outputDir, name));
  const unlock = await takeLock(folder);
  try {
    // asked with the lock in hand: another may have begun and ended a run here since
    if (resumes === undefined) await refuseOccupied(folder);
    await writeWhole(optionsPath(folder), (handle) =>
      handle.writeFile(`# errata ${command}\n${printOptions(command, options, isKept)}`),
    );
    await mkdir(join(folder, "checkpoints"), { recursive: true });
    await removePartial(folder);
    const last = checkpointsOf(folder).at(-1);
    const position = last === undefined ? positionSchema.start : await positionSchema.read(last.path);
    if (last !== undefined) await checkCheckpoint(folder, last, position);
    const lines = {} as Record<LineFile, Lines>;
    for (const file of lineFiles)
      lines[file] = await openLines(join(folder, `${file}.jsonl`), position.bytes[file]);
    return makeRun(folder, position, last?.path, lines, unlock);
  } catch (cause) {
    await unlock();
    throw asRunError(cause, folder);
  }
}

async function makeRun(
  folder: string,
  position: Position,
  checkpoint: string | undefined,
  lines: Readonly<Record<LineFile, Lines>>,
  unlock: () => Promise<void>,
): Promise<Run> {
  const evals = (await lines.evals.read()) as EvalRecord[];
  const lengths = async () => {
    const bytes = {} as Record<LineFile, number>;
    for (const file of lineFiles) bytes[file] = await lines[file].sync();
    return bytes;
  };
  const replay = new Replay(folder, position.step);
  const run = {
    replay,
    folder,
    position,
    checkpoint,
    evals,
    async append(file: LineFile, records: Iterable<object>) {
      await lines[file].append(records);
      if (file === "evals") evals.push(...(records as Iterable<EvalRecord>));
    },
    async save(at: Position, keep: number, write: (folder: string) => Promise<void>) {
      const path = checkpointPath(folder, at.step);
      const partial = join(folder, "checkpoints", `partial-${at.step}`);
      try {
        await mkdir(partial, { recursive: true });
        await write(partial);
        await positionSchema.write(partial, { ...at, bytes: await lengths() });
        await syncAll(partial);
        await rename(partial, path);
        await syncAll(join(folder, "checkpoints"));
      } catch (cause) {
        await rm(partial, { recursive: true, force: true }).catch(() => undefined);
        throw asRunError(cause, path, RESUME_WHEN_FULL);
      }
      run.checkpoint = path;
      await replay.begin(at.step);
      await removeOld(folder, keep);
      return path;
    },
    async keepLines(at: Position) {
      await positionSchema.write(checkpointPath(folder, at.step), { ...at, bytes: await lengths() });
    },
    async close() {
      await replay.close();
      for (const file of lineFiles) await lines[file].close();
      await unlock();
    },
  };
  return run;
}

/** A folder of its own: what is there already is never written over. */
async function makeFolder(outputDir: string | undefined, name: string): Promise<string> {
  try {
    if (outputDir === undefined) {
      await mkdir(RUNS_FOLDER, { recursive: true });
      for (let n = 1; ; n++) {
        const folder = join(RUNS_FOLDER, n === 1 ? name : `${name}-${n}`);
        try {
          await mkdir(folder);
          return folder;
        } catch (cause) {
          if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
        }
      }
    }
    await mkdir(outputDir, { recursive: true });
  } catch (cause) {
    throw asRunError(cause, outputDir ?? RUNS_FOLDER);
  }
  return outputDir;
}

/** @throws RunError where a new run's folder is there and holds anything */
export async function refuseOccupied(outputDir: string | undefined): Promise<void> {
  if (outputDir === undefined) return;
  const kind = pathKind(outputDir);
  if (kind === undefined) return;
  if (kind === "file") throw occupied(outputDir, "a file");
  const held = await readdir(outputDir).catch((cause: unknown) => {
    throw asRunError(cause, outputDir);
  });
  // a run that was killed before it wrote its options leaves its lock
  if (held.every((entry) => isLock(entry) || entry === "options.yaml.tmp")) return;
  const what = isRun(outputDir) ? "a run" : isEvaluation(outputDir) ? "an evaluation" : "other files";
  throw occupied(outputDir, `one that holds ${what}`);
}

function occupied(outputDir: string, got: string): RunError {
  return new RunError({
    where: `output_dir ${outputDir}`,
    expected: "a new or an empty folder",
    got,
    next: isRun(outputDir)
      ? `Go on with it: --resume ${outputDir}. Or name another folder.`
      : "Name another folder; nothing is ever written over.",
  });
}

/** What a killed run was writing or removing; none of it was whole. */
async function removePartial(folder: string): Promise<void> {
  for (const name of await readdir(join(folder, "checkpoints"))) {
    if (/^(partial|old)-\d+$/.test(name)) {
      await rm(join(folder, "checkpoints", name), { recursive: true, force: true });
    }
  }
}

/** Takes the name first, so that a checkpoint half removed is never read as whole. */
async function removeOld(folder: string, keep: number): Promise<void> {
  for (const { step, path } of checkpointsOf(folder).slice(0, -keep)) {
    const old = join(folder, "checkpoints", `old-${step}`);
    await rename(path, old);
    await rm(old, { recursive: true, force: true });
  }
}

/** Flushes the files of a folder and the folder itself to the disk. */
async function syncAll(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  for (const path of [...files.map((entry) => join(folder, entry.name)), folder]) {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
