/**
 * The options of a command that can go on with a run: what is set, over what the run it resumes began with.
 */
import type { AnyOptions, Command, Incomplete, Options } from "../options/options.ts";
import { type OptionSources, type ResolvedOptions, resolveOptions } from "../options/resolve-options.ts";
import { findRun, optionsPath } from "./run-folder.ts";

/** @throws OptionError as `resolveOptions` does, RunError where the run to resume is not there */
export function resolveRunOptions<C extends Command>(
  command: C,
  sources: OptionSources & { readonly incomplete: true },
): ResolvedOptions<Incomplete<C>>;
export function resolveRunOptions<C extends Command>(
  command: C,
  sources: OptionSources,
): ResolvedOptions<Options<C>>;
export function resolveRunOptions(command: Command, sources: OptionSources): ResolvedOptions<AnyOptions> {
  return resolveOptions(command, {
    ...sources,
    findRun: (of, wanted, outputDir) => {
      const folder = findRun(of, wanted, outputDir);
      return folder === undefined ? undefined : { folder, path: optionsPath(folder) };
    },
  });
}
