/**
 * What `compare_with` names: an evaluation that is kept, or a model to measure beside. It is looked at before the
 * first answer is drawn, as a wrong name found after the last would have cost all of them.
 */
import { existsSync } from "node:fs";
import { ModelError, OptionError, RunError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";
import { promptRenderer } from "../../loop/rollouts/prompt.ts";
import { tokenizerOf } from "../../loop/session/load-model.ts";
import { type Locating, locateModel } from "../../loop/session/locate-model.ts";
import type { Problem } from "../../loop/types.ts";
import type { Options } from "../../options/options.ts";
import type { ResultRecord } from "../../run/records.ts";
import { type Identity, readIdentity } from "./fingerprint.ts";
import { noneShared } from "./paired.ts";
import { identityPath, resultsPath } from "./result-folder.ts";
import { problemKey, readResults } from "./result-lines.ts";

/** An evaluation on the disk to compare with. */
export interface KeptResults {
  readonly identity: Identity;
  readonly results: readonly ResultRecord[];
}

/**
 * @returns  the evaluation to compare with, or the model's files; undefined where nothing is named
 * @throws OptionError where a server is to be asked for both; ModelError or HubError where the model cannot be opened or asked; RunError where an evaluation is damaged or
 *   holds no answers yet; DataError where none of them is to these problems
 */
export async function checkCompareWith(
  options: Options,
  sets: readonly { readonly problems: readonly Problem[] }[],
  locating: Locating,
): Promise<KeptResults | ModelFiles | undefined> {
  const named = options.compareWith;
  if (named === undefined) return undefined;
  if (isEvaluation(named)) {
    const kept = await readKept(named);
    const asked = new Set(sets.flatMap(({ problems }) => problems.map(problemKey)));
    if (kept.results.some(({ key }) => asked.has(key))) return kept;
    throw noneShared(named, kept.results.length);
  }
  if (options.engine === undefined) return checkedModel(named, options, locating);
  throw new OptionError({
    where: "compare_with",
    expected: "an evaluation that is kept, as engine is a server",
    got: named,
    next: "Measure that model first, by itself; then name the folder of its evaluation here.",
  });
}

/** True where a name given as `compare_with` is an evaluation's folder, and not a model. */
function isEvaluation(named: string): boolean {
  return existsSync(identityPath(named));
}

async function readKept(folder: string): Promise<KeptResults> {
  const identity = await readIdentity(identityPath(folder));
  const results = (await readResults(resultsPath(folder))).map(({ record }) => record);
  if (results.length > 0) return { identity, results };
  throw new RunError({
    where: `compare_with ${folder}`,
    expected: "an evaluation with answers in it",
    got: "one that has none yet",
    next: "Let it run on, or name a model to measure beside this one.",
  });
}

/** The model is there, whole, and can be asked as the options say. */
async function checkedModel(named: string, options: Options, locating: Locating): Promise<ModelFiles> {
  const path = await locateModel(named, locating).catch((cause: unknown) => {
    if (!(cause instanceof ModelError) || existsSync(named)) throw cause;
    throw new ModelError({
      where: `compare_with ${named}`,
      expected: `an evaluation's folder, or ${cause.expected}`,
      got: cause.got,
      next: cause.next,
      cause,
    });
  });
  const files = await openModel(path);
  promptRenderer(tokenizerOf(files), options);
  return files;
}
