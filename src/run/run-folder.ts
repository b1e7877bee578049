/**
 * A run's folder: which it is, and where its files are.
 *
 *   runs/<name>/  options.yaml  steps.jsonl  rollouts.jsonl  evals.jsonl  checkpoints/step-0040/  replay/
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { RunError } from "../errors.ts";
import { pathKind } from "../files/path-kind.ts";

/** Where new runs go when `output_dir` is not set. */
export const RUNS_FOLDER = "runs";

const checkpointName = /^step-(\d{4,})$/;

/** Whole checkpoints of a run, oldest first. What is being written has another name until it is whole. */
export function checkpointsOf(folder: string): { readonly step: number; readonly path: string }[] {
  const parent = join(folder, "checkpoints");
  if (pathKind(parent) !== "folder") return [];
  return readdirSync(parent)
    .flatMap((name) => {
      const match = checkpointName.exec(name);
      return match === null ? [] : [{ step: Number(match[1]), path: join(parent, name) }];
    })
    .sort((a, b) => a.step - b.step);
}

export function checkpointPath(folder: string, step: number): string {
  return join(folder, "checkpoints", `step-${String(step).padStart(4, "0")}`);
}

/** True of what train or sft began; an evaluation has its options.yaml too, and nothing to go on with or to ask. */
export function isRun(folder: string): boolean {
  const command = runCommand(folder);
  return command === "train" || command === "sft";
}

/** True of the folder that `errata eval` keeps its answers in. */
export function isEvaluation(folder: string): boolean {
  return runCommand(folder) === "eval";
}

/**
 * The folder of the run to resume, or undefined where `auto` finds none.
 *
 * @param wanted  `auto`, a run's folder, or one of its checkpoints (then it must be the last)
 * @throws RunError where a named run is not there, or was begun by another command
 */
export function findRun(command: string, wanted: string, outputDir: string | undefined): string | undefined {
  const folder = lookForRun(command, wanted, outputDir);
  if (folder !== undefined) refuseOtherCommand(folder, command);
  return folder;
}

function lookForRun(command: string, wanted: string, outputDir: string | undefined): string | undefined {
  if (wanted === "auto") {
    if (outputDir !== undefined) return isRun(outputDir) ? outputDir : undefined;
    return newestRun(command);
  }
  const path = resolve(wanted);
  if (isRun(path)) return wanted;
  if (checkpointName.test(basename(path)) && basename(dirname(path)) === "checkpoints") {
    const folder = dirname(dirname(wanted.replace(/\/+$/, "")));
    const last = checkpointsOf(folder).at(-1);
    if (isRun(folder) && last !== undefined && resolve(last.path) === path) return folder;
    if (last !== undefined) {
      throw new RunError({
        where: "resume_from_checkpoint",
        expected: `the run's last checkpoint, ${last.path}`,
        got: wanted,
        next: `Going on from an older one would undo the steps after it. To branch off there, begin a new run with --model ${wanted}.`,
      });
    }
  }
  throw new RunError({
    where: "resume_from_checkpoint",
    expected: "a run's folder (with options.yaml in it), one of its checkpoints, or auto",
    got: `${wanted}, which ${isEvaluation(path) ? "is an evaluation" : existsSync(path) ? "is not a run" : "does not exist"}`,
    next: "Name the folder the run printed when it began.",
  });
}

function refuseOtherCommand(folder: string, command: string): void {
  const began = runCommand(folder);
  if (began === command) return;
  throw new RunError({
    where: folder,
    expected: `a run of errata ${command}`,
    got: `one of errata ${began}`,
    next: `Resume it with errata ${began}, or take it as the model of a new run: --model ${folder}.`,
  });
}

/** The newest run of this command under `runs/`, by its latest change. */
function newestRun(command: string): string | undefined {
  if (pathKind(RUNS_FOLDER) !== "folder") return undefined;
  const changed = (path: string) => (existsSync(path) ? statSync(path).mtimeMs : 0);
  return readdirSync(RUNS_FOLDER)
    .map((name) => join(RUNS_FOLDER, name))
    .filter((folder) => isRun(folder) && runCommand(folder) === command)
    .map((folder) => ({
      folder,
      at: Math.max(changed(join(folder, "options.yaml")), changed(join(folder, "steps.jsonl"))),
    }))
    .sort((a, b) => a.at - b.at)
    .at(-1)?.folder;
}

/** The path of a run's options. */
export function optionsPath(folder: string): string {
  return join(folder, "options.yaml");
}

/** Which command began a folder: the first line of its options says so. Undefined where there are none. */
export function runCommand(folder: string): string | undefined {
  if (pathKind(optionsPath(folder)) !== "file") return undefined;
  return /^# errata (\w+)/.exec(readFileSync(optionsPath(folder), "utf8"))?.[1];
}

/** A model's path: a run's folder stands for its last checkpoint. @throws RunError where there is none in it */
export function modelPath(path: string): string {
  if (isEvaluation(path))
    throw new RunError({
      where: path,
      expected: "a model, or a run with a checkpoint",
      got: "an evaluation, which holds answers alone",
      next: "Name the model that it measured: model in its options.yaml.",
    });
  if (!isRun(path)) return path;
  const last = checkpointsOf(path).at(-1);
  if (last !== undefined) return last.path;
  throw new RunError({
    where: path,
    expected: "a run with a checkpoint",
    got: "a run that has saved none yet",
    next: "Let it run on, or name a model.",
  });
}
