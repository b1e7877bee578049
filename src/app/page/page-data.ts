/**
 * What the page asks of the named runs, read from their files at each request.
 *
 *   runs                     each run: its options, its checkpoints
 *   step?run&step            the groups of a step, a row each
 *   group?run&step&draw      one of them, with what the step did to its tokens
 *   answers?run&step&place   the answers to one held-out problem at one evaluation
 *   doubts?run  judge?run&step   verdicts that look doubtful; a step's answers judged again
 *
 * A request names a run by its place and a file by a word: no path comes from outside.
 */
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parse } from "yaml";
import { RunError } from "../../errors.ts";
import { requestNames } from "../../run/events.ts";
import { type Followed, follow, stampOf } from "../../run/follow.ts";
import { type ReadRun, readRun } from "../../run/read-run.ts";
import { ask, canAsk } from "../../run/requests.ts";
import { holderOf } from "../../run/run-lock.ts";
import { ApiError } from "../server/api-error.ts";
import { doubtsOf } from "./doubts.ts";
import type { JudgedStep, RunInfo, RunState } from "./records.ts";
import { heldOutAnswers, stepGroup, stepGroups } from "./step-groups.ts";

export interface PageData {
  /** Files that are followed, as `RUN.FILE`. */
  readonly lineFiles: readonly string[];
  /** @param file  one of `lineFiles` */
  linesFrom(file: string, cursor: string | undefined): Promise<Followed>;
  /** Another word once the file has changed. */
  stampOf(file: string): Promise<string>;
  states(): readonly RunState[];
  /** @throws ApiError where there is no such thing */
  answer(name: string, params: URLSearchParams): Promise<object>;
  /** Asks a run that is at work for something. */
  tell(params: URLSearchParams, body: unknown): Promise<object>;
}

const followed = ["steps", "evals", "events"];

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
    step: async (params) =>
      stepGroups(runAt(params), params.has("step") ? wholeNumber(params, "step") : undefined),
    group: async (params) =>
      stepGroup(runAt(params), wholeNumber(params, "step"), wholeNumber(params, "draw")),
    answers: async (params) =>
      heldOutAnswers(runAt(params), wholeNumber(params, "step"), wholeNumber(params, "place")),
    doubts: async (params) => doubtsOf(runAt(params)),
    judge: async (params): Promise<JudgedStep> => {
      const { audit } = await import("../../commands/audit/audit.ts");
      return audit(runAt(params).folder, { step: wholeNumber(params, "step") });
    },
  };
  const pathOf = (key: string): string => {
    const [run, file] = key.split(".") as [string, string];
    return join(runs[Number(run)]!.folder, `${file}.jsonl`);
  };
  return {
    lineFiles: runs.flatMap((_, i) => followed.map((file) => `${i}.${file}`)),
    linesFrom: (key, cursor) => follow(pathOf(key), cursor, PIECE_BYTES),
    stampOf: (key) => stampOf(pathOf(key)),
    states: () =>
      runs.map(({ folder }) => ({ isAlive: holderOf(folder) !== undefined, canAsk: canAsk(folder) })),
    async answer(name, params) {
      const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
      if (answer === undefined) throw new ApiError(404, "There is nothing here.", null, "not_found");
      return answer(params);
    },
    async tell(params, body) {
      const { folder } = runAt(params);
      const { request } = Object(body) as { request?: unknown };
      const name = requestNames.find((one) => one === request);
      if (name === undefined)
        throw new ApiError(400, `request: expected one of ${requestNames.join(", ")}.`, "request");
      return { id: await ask(folder, name) };
    },
  };
}

/** Of a line file, sent in one message. */
const PIECE_BYTES = 2 ** 18;

async function runInfo(run: ReadRun): Promise<RunInfo> {
  // a run goes on writing: checkpoints are looked for anew
  const { folder, command, checkpoints } = readRun(run.folder);
  return {
    name: basename(resolve(folder)),
    folder,
    command,
    options: await optionsOf(join(folder, "options.yaml")),
    checkpoints: checkpoints.map(({ step }) => step),
  };
}

async function optionsOf(path: string): Promise<Record<string, unknown>> {
  try {
    return Object(parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new RunError({
      where: path,
      expected: "the options that the run wrote, in YAML",
      got: (cause as Error).message.split("\n", 1)[0]!,
      next: "Put the file back as it was; the run's other files are not touched.",
      cause,
    });
  }
}

function wholeNumber(params: URLSearchParams, name: string): number {
  const word = params.get(name) ?? "";
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new ApiError(400, `${name}: expected a whole number.`, name, "invalid_value");
}
