/**
 * Resolving options: defaults, then the resumed run's own, a preset, a YAML file, what was typed, and what a
 * caller of the library gives.
 *
 * Nothing is guessed: an unknown name is an error with a suggestion, another tool's name for an
 * option is taken with a note, and a resumed run refuses a change that would make it another run.
 */
import { checkRequired, checkTogether } from "./check-options.ts";
import { readArguments, readConfig } from "./option-sources.ts";
import { checkValue, findRow, type Setting } from "./option-values.ts";
import {
  type Command,
  camelCase,
  defaultOf,
  type GivenOptions,
  type OptionRow,
  type Options,
  type OptionValue,
  optionTable,
} from "./options.ts";
import { type Preset, presetOf } from "./presets.ts";
import { type FindRun, layResumedRun } from "./resumed-options.ts";

export interface OptionSources {
  /** What was typed after the command: `key=value`, `--key value`, `--key=value`, `--key`, `--no-key`. */
  readonly argv?: readonly string[];
  /** A YAML file; `--config FILE` in `argv` names one too. */
  readonly config?: string;
  /** The library's caller's options, in camelCase. They come last. */
  readonly given?: GivenOptions;
  /** What a run needs may be left unset, for who only looks at what is set. */
  readonly incomplete?: boolean;
  /** Finds the run to resume; `resolveRunOptions` hands it over, for the commands that can. */
  readonly findRun?: FindRun;
}

export interface ResolvedOptions {
  readonly options: Options;
  /** Sentences to show: other tools' names taken, options without effect here. */
  readonly notes: readonly string[];
  /** Where each option that is not a default was set, by key. */
  readonly places: ReadonlyMap<string, string>;
  /** The folder of the run being resumed. */
  readonly resumes: string | undefined;
}

/**
 * Every option of a command.
 *
 * @throws OptionError where a name is unknown, a value is out of range, a required option is not set
 *   or options contradict each other
 */
export function resolveOptions(command: Command, sources: OptionSources): ResolvedOptions {
  const typed = readArguments(command, sources.argv ?? []);
  const config = typed.config ?? sources.config;
  const settings: Setting[] = [
    ...(config === undefined ? [] : readConfig(config)),
    ...typed.settings,
    ...Object.entries(sources.given ?? {}).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const row = (optionTable as readonly OptionRow[]).find((one) => camelCase(one.key) === key);
      // a resolved object of one command holds the other commands' defaults too
      if (row !== undefined && !row.commands.includes(command) && value === defaultOf(row, command))
        return [];
      return [{ key, value, place: "options" }];
    }),
  ];

  const preset = settings.findLast(({ key }) => key === "preset")?.value;
  if ((command === "train" || command === "eval") && typeof preset === "string" && preset !== "")
    settings.unshift(...presetSettings(presetOf(preset, command)));

  const notes: string[] = [];
  const values = new Map<string, OptionValue>();
  const places = new Map<string, string>();
  for (const { key, value, place } of settings) {
    const { row, note } = findRow(command, key, place);
    if (note !== undefined && !notes.includes(note)) notes.push(note);
    values.set(row.key, checkValue(row, value, place));
    places.set(row.key, place);
  }

  const { findRun } = sources;
  const resumes = findRun === undefined ? undefined : layResumedRun(command, findRun, values, places, notes);
  const options: Record<string, OptionValue> = {};
  for (const row of optionTable as readonly OptionRow[]) {
    options[camelCase(row.key)] = values.get(row.key) ?? defaultOf(row, command);
  }
  const resolved = options as unknown as Options;
  if (sources.incomplete !== true) checkRequired(command, resolved);
  checkTogether(command, resolved, places);
  if (resolved.loraRank > 0 && resumes === undefined && !places.has("learning_rate"))
    notes.push(
      `learning_rate is ${resolved.learningRate}, which suits training all weights; adapters usually want ten times that, or more`,
    );
  return { options: resolved, notes, places, resumes };
}

function presetSettings({ name, options }: Preset): Setting[] {
  return Object.entries(options).map(([key, value]) => ({ key, value, place: `preset ${name}` }));
}
