/**
 * Resolving options: defaults, then the resumed run's own, a preset, a YAML file, what was typed, and what a
 * caller of the library gives.
 *
 * Nothing is guessed: an unknown name is an error with a suggestion, another tool's name for an
 * option is taken with a note, and a resumed run refuses a change that would make it another run.
 */
import { OptionError } from "../errors.ts";
import { contradictions, missingOptions } from "./check-options.ts";
import { fitDefaults } from "./fit-defaults.ts";
import { inLibraryWords, libraryWords } from "./library-words.ts";
import { collect, throwAll } from "./option-faults.ts";
import { findRow } from "./option-names.ts";
import { readArguments, readConfig } from "./option-sources.ts";
import { checkValue, type Setting } from "./option-values.ts";
import {
  type AnyOptions,
  type Command,
  camelCase,
  defaultOf,
  type GivenOptions,
  type Incomplete,
  type OptionRow,
  type Options,
  type OptionValue,
  optionTable,
} from "./options.ts";
import { type Preset, presetOf } from "./presets.ts";
import { METHOD_PLACE, passOverUnread } from "./read-by-algorithm.ts";
import { type FindRun, layResumedRun } from "./resumed-options.ts";

export interface OptionSources {
  /** What was typed after the command: `key=value`, `--key value`, `--key=value`, `--key`, `--no-key`. */
  readonly argv?: readonly string[];
  /** A YAML file; `--config FILE` in `argv` names one too. */
  readonly config?: string;
  /** The library's caller's options, in camelCase. They come last. */
  readonly given?: GivenOptions;
  /** Finds the run to resume; `resolveRunOptions` hands it over, for the commands that can. */
  readonly findRun?: FindRun;
  /** Words of one method of a comparison: what else is typed is for every method, and each takes what it reads. */
  readonly method?: readonly string[];
}

export interface ResolvedOptions<O extends AnyOptions = Options> {
  readonly options: O;
  /** Sentences to show: other tools' names taken, options without effect here. */
  readonly notes: readonly string[];
  /** Where each option that is not a default was set, by key. */
  readonly places: ReadonlyMap<string, string>;
  /** The folder of the run being resumed. */
  readonly resumes: string | undefined;
  /** Keys of what was set for several algorithms and is not read by this one. */
  readonly passedOver: readonly string[];
}

/**
 * Every option of a command.
 *
 * @param sources  with `incomplete`, what a run needs may be left unset, for who only looks at what is set
 * @throws OptionError where a name is unknown, a value is out of range, a required option is not set
 *   or options contradict each other
 */
export function resolveOptions<C extends Command>(
  command: C,
  sources: OptionSources & { readonly incomplete: true },
): ResolvedOptions<Incomplete<C>>;
export function resolveOptions<C extends Command>(
  command: C,
  sources: OptionSources,
): ResolvedOptions<Options<C>>;
export function resolveOptions(
  command: Command,
  sources: OptionSources & { readonly incomplete?: boolean },
): ResolvedOptions<AnyOptions> {
  if (sources.given === undefined) return resolve(command, sources);
  try {
    const resolved = resolve(command, sources);
    return { ...resolved, notes: resolved.notes.map((note) => libraryWords(note)) };
  } catch (cause) {
    throw cause instanceof OptionError ? inLibraryWords(cause) : cause;
  }
}

function resolve(
  command: Command,
  sources: OptionSources & { readonly incomplete?: boolean },
): ResolvedOptions<AnyOptions> {
  const notes: string[] = [];
  const values = new Map<string, OptionValue | undefined>();
  const places = new Map<string, string>();
  const faults: OptionError[] = [];
  for (const { key, value, place } of settingsOf(command, sources, faults))
    collect(faults, () => {
      const { row, note } = findRow(command, key, place);
      if (note !== undefined && !notes.includes(note)) notes.push(note);
      const checked = checkValue(command, row, value, place);
      values.set(row.key, checked);
      if (checked === undefined) places.delete(row.key);
      else places.set(row.key, place);
    });
  throwAll(faults);

  const { findRun } = sources;
  const resumes = findRun === undefined ? undefined : layResumedRun(command, findRun, values, places, notes);
  const passedOver = command === "train" ? passOverUnread(values, places, sources.method !== undefined) : [];
  const options = withDefaults(command, values);
  throwAll([
    ...(sources.incomplete === true ? [] : missingOptions(command, options)),
    ...contradictions(command, options, places),
  ]);
  if (options.loraRank !== undefined && resumes === undefined && !places.has("learning_rate"))
    notes.push(
      `learning_rate is ${options.learningRate}, which suits training all weights; adapters usually want ten times that, or more`,
    );
  return { options, notes, places, resumes, passedOver };
}

/** The options that were set, without the defaults of others: to be given on. */
export function givenOf({ options, places }: ResolvedOptions<AnyOptions>): GivenOptions {
  const set = Object.entries(options).filter(([name]) =>
    (optionTable as readonly OptionRow[]).some(({ key }) => places.has(key) && camelCase(key) === name),
  );
  return Object.fromEntries(set);
}

/** What was set, in the order in which it counts: the last goes before all others. */
function settingsOf(
  command: Command,
  { argv, config: named, given, method }: OptionSources,
  faults: OptionError[],
): Setting[] {
  const typed = readArguments(command, argv ?? [], faults);
  const config = typed.config ?? named;
  const settings = [
    ...(config === undefined ? [] : readConfig(config)),
    ...typed.settings,
    ...readArguments(command, method ?? [], faults).settings.map((setting) => ({
      ...setting,
      place: METHOD_PLACE,
    })),
    ...givenSettings(command, given ?? {}),
  ];
  const preset = settings.findLast(({ key }) => key === "preset")?.value;
  if ((command !== "train" && command !== "eval") || typeof preset !== "string" || preset === "")
    return settings;
  return [...presetSettings(presetOf(preset, command)), ...settings];
}

function givenSettings(command: Command, given: GivenOptions): Setting[] {
  return Object.entries(given).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const row = (optionTable as readonly OptionRow[]).find((one) => camelCase(one.key) === key);
    // a resolved object of one command holds the other commands' defaults too
    if (row !== undefined && !row.commands.includes(command) && value === defaultOf(row, command)) return [];
    return [{ key, value, place: "options" }];
  });
}

function presetSettings({ name, options }: Preset): Setting[] {
  return Object.entries(options).map(([key, value]) => ({ key, value, place: `preset ${name}` }));
}

function withDefaults(command: Command, values: ReadonlyMap<string, OptionValue | undefined>): AnyOptions {
  const fitted: Readonly<Record<string, OptionValue>> = fitDefaults(command, values);
  const options: Record<string, OptionValue | undefined> = {};
  for (const row of optionTable as readonly OptionRow[])
    options[camelCase(row.key)] = values.get(row.key) ?? fitted[row.key] ?? defaultOf(row, command);
  return options as unknown as AnyOptions;
}
