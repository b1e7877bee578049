/**
 * The options of a command that can go on with a run: what is set, over what the run it resumes began with.
 */
import type { Command } from "../options/options.ts";
import { type OptionSources, type ResolvedOptions, resolveOptions } from "../options/resolve-options.ts";
import { findRun, optionsPath } from "./run-folder.ts";

/** @throws OptionError as `resolveOptions` does, RunError where the run to resume is not there */
export function resolveRunOptions(command: Command, sources: OptionSources): ResolvedOptions {
  return resolveOptions(command, {
    ...sources,
    findRun: (of, wanted, outputDir) => {
      const folder = findRun(of, wanted, outputDir);
      return folder === undefined ? undefined : { folder, path: optionsPath(folder) };
    },
  });
}
