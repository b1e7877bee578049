/**
 * What the page asks of the named runs, read from their files at each request.
 *
 *   runs            →  each run: its options, its checkpoints
 *   step?run&step   →  the groups of a step, a row each        group?run&step&draw  →  one of them, whole
 *
 * A request names a run by its place and a file by a word: no path comes from outside.
 */
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parse } from "yaml";
import { type ReadRun, readRun } from "../../run/read-run.ts";
import { ApiError } from "../server/api-error.ts";
import { linesFrom, type ReadLines } from "./read-lines.ts";
import type { RunInfo } from "./records.ts";
import { stepGroup, stepGroups } from "./step-groups.ts";

export interface PageData {
  /** Files that are followed, as `RUN.FILE`. */
  lineFiles(): readonly string[];
  linesFrom(run: number, file: string, from: number): Promise<ReadLines | undefined>;
  /** @throws ApiError where there is no such thing */
  answer(name: string, params: URLSearchParams): Promise<object>;
  /** Asks a run that is alive for something. */
  tell(params: URLSearchParams, body: unknown): Promise<object>;
}

const followed = ["steps", "evals"];

/** @throws RunError where a folder is no run */
export function openRuns(folders: readonly string[]): PageData {
  const runs = folders.map((folder) => readRun(folder));
  const runAt = (params: URLSearchParams): ReadRun => {
    const run = runs[wholeNumber(params, "run")];
    if (run === undefined) throw new ApiError(404, "There is no such run here.", "run", "not_found");
    return run;
  };
  const answers: Readonly<Record<string, (params: URLSearchParams) => Promise<object>>> = {
    runs: async () => ({ runs: await Promise.all(runs.map(runInfo)) }),
    step: async (params) => {
      const run = runAt(params);
      const last = await run.lastRollouts();
      if (last === undefined) return { groups: [] };
      return stepGroups(run, params.has("step") ? wholeNumber(params, "step") : last, last);
    },
    group: async (params) =>
      stepGroup(runAt(params), wholeNumber(params, "step"), wholeNumber(params, "draw")),
  };
  return {
    lineFiles: () => runs.flatMap((_, i) => followed.map((file) => `${i}.${file}`)),
    async linesFrom(run, file, from) {
      if (runs[run] === undefined || !followed.includes(file)) return undefined;
      return linesFrom(join(runs[run].folder, `${file}.jsonl`), from);
    },
    async answer(name, params) {
      const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
      if (answer === undefined) throw new ApiError(404, "There is nothing here.", null, "not_found");
      return answer(params);
    },
    async tell() {
      throw new ApiError(404, "This run takes no requests.", null, "not_found");
    },
  };
}

async function runInfo(run: ReadRun): Promise<RunInfo> {
  // what is written goes on growing: checkpoints are looked for anew
  const { folder, command, checkpoints } = readRun(run.folder);
  return {
    name: basename(resolve(folder)),
    folder,
    command,
    options: parse(await readFile(join(folder, "options.yaml"), "utf8")) as Record<string, unknown>,
    checkpoints: checkpoints.map(({ step }) => step),
  };
}

function wholeNumber(params: URLSearchParams, name: string): number {
  const word = params.get(name) ?? "";
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new ApiError(400, `${name}: expected a whole number.`, name, "invalid_value");
}
