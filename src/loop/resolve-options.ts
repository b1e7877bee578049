/**
 * Resolving options: defaults, then the resumed run's own, then a YAML file, then what was typed.
 *
 * Nothing is guessed: an unknown name is an error with a suggestion, another tool's name for an
 * option is taken with a note, and a resumed run refuses a change that would make it another run.
 */
import { resolve } from "node:path";
import { stringify } from "yaml";
import { OptionError } from "../errors.ts";
import { loraOf } from "./choose-lora.ts";
import { evalNames } from "./eval-sources.ts";
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
  rowsOf,
} from "./options.ts";
import { type Preset, presetOf } from "./presets.ts";
import { findRun, optionsPath } from "./run-folder.ts";

export interface OptionSources {
  /** What was typed after the command: `key=value`, `--key value`, `--key=value`, `--key`, `--no-key`. */
  readonly argv?: readonly string[];
  /** A YAML file; `--config FILE` in `argv` names one too. */
  readonly config?: string;
  /** The library's caller's options, in camelCase. They come last. */
  readonly given?: GivenOptions;
  /** What a run needs may be left unset, for who only looks at what is set. */
  readonly incomplete?: boolean;
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

  const resumes = layResumedRun(command, values, places, notes);
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

/** A preset as the YAML that `readConfig` reads, in flow order, with what it is on top. */
export function presetYaml({ name, about, command, options }: Preset): string {
  const given = options as Readonly<Record<string, OptionValue>>;
  const lines = rowsOf(command).flatMap(({ key }) => {
    const value = given[camelCase(key)];
    return value === undefined ? [] : [stringify({ [key]: value }, { lineWidth: 0 })];
  });
  return `# ${name}: ${about}\n${lines.join("")}`;
}

/** Options that are not a run's but of one command: they are not kept with it. */
export const notKept: readonly string[] = ["output_dir", "resume_from_checkpoint"];

/** `options.yaml`: the options of a command in flow order, as `readConfig` reads them. */
export function printOptions(command: Command, options: Options, without: readonly string[] = []): string {
  const blocks: string[] = [];
  let section = "";
  for (const row of rowsOf(command)) {
    if (without.includes(row.key)) continue;
    if (row.section !== section) {
      section = row.section;
      blocks.push(`${blocks.length === 0 ? "" : "\n"}# ${section}\n`);
    }
    const value = (options as unknown as Record<string, OptionValue>)[camelCase(row.key)]!;
    blocks.push(stringify({ [row.key]: value }, { lineWidth: 0 }));
  }
  return blocks.join("");
}

/** Lays a resumed run's own options under what was set, and refuses what would make it another run. */
function layResumedRun(
  command: Command,
  values: Map<string, OptionValue>,
  places: Map<string, string>,
  notes: string[],
): string | undefined {
  const wanted = (values.get("resume_from_checkpoint") ?? "") as string;
  if (wanted === "") return undefined;
  const folder = findRun(command, wanted, (values.get("output_dir") ?? "") as string);
  if (folder === undefined) return undefined;
  const path = optionsPath(folder);
  const own = new Map<string, OptionValue>();
  for (const { key, value, place } of readConfig(path)) {
    const { row } = findRow(command, key, place);
    own.set(row.key, checkValue(row, value, place));
  }
  for (const row of rowsOf(command)) {
    const before = own.get(row.key) ?? defaultOf(row, command);
    const after = values.get(row.key);
    if (after === undefined) {
      values.set(row.key, before);
      if (before !== defaultOf(row, command)) places.set(row.key, path);
      continue;
    }
    const falls =
      own.get("lr_scheduler_type") ??
      defaultOf(rowsOf(command).find((r) => r.key === "lr_scheduler_type")!, command);
    const length = row.key === "max_steps" || row.key === "num_train_epochs";
    if (after === before || notKept.includes(row.key)) continue;
    if (row.free === true && !(length && falls !== "constant")) {
      // a caller of the library knows what it set
      if (places.get(row.key) !== "options")
        notes.push(`${row.key} is ${after} from here on; the run began with ${before}`);
      continue;
    }
    throw new OptionError({
      where: `${row.key} (${places.get(row.key)})`,
      expected: `${JSON.stringify(before)}, as the run in ${folder} began`,
      got: JSON.stringify(after),
      next: length
        ? "The learning rate falls to 0 at the run's last step, so the end cannot move. Leave it out, or begin a new run."
        : "Leave it out to go on with that run, or begin a new one with another output_dir.",
    });
  }
  const asked = (values.get("output_dir") ?? "") as string;
  if (asked !== "" && resolve(asked) !== resolve(folder)) {
    throw new OptionError({
      where: `output_dir (${places.get("output_dir")})`,
      expected: `${folder}, the run being resumed`,
      got: asked,
      next: "A run goes on in its own folder. Leave output_dir out.",
    });
  }
  values.set("output_dir", folder);
  return folder;
}

function checkRequired(command: Command, options: Options): void {
  for (const row of rowsOf(command)) {
    if (!row.required?.includes(command)) continue;
    if ((options as unknown as Record<string, OptionValue>)[camelCase(row.key)] !== "") continue;
    throw new OptionError({
      where: `errata ${command}`,
      expected: `${row.key}: ${row.help}`,
      got: "nothing",
      next: `Add --${row.shortIn?.[command]?.[0] ?? row.key} …`,
    });
  }
}

/** Options that are each in range and still make no sense together. */
function checkTogether(command: Command, options: Options, places: ReadonlyMap<string, string>): void {
  const refuse = (key: string, expected: string, got: unknown, next: string): never => {
    const place = places.get(key);
    throw new OptionError({
      where: place === undefined ? key : `${key} (${place})`,
      expected,
      got: String(got),
      next,
    });
  };
  if (command === "train") {
    if (options.temperature === 0) {
      refuse("temperature", "more than 0", 0, "At 0 all answers to a problem are the same one; 1 is usual.");
    }
    if (options.beta !== 0 && options.algorithm !== "dpo" && options.objective === "") {
      refuse(
        "beta",
        `0, as algorithm is ${options.algorithm}`,
        options.beta,
        "There is no KL term and no reference model here: beta is the scale of the log-ratios in dpo.",
      );
    }
    if (options.overlongBufferEnable && options.overlongBufferLen > options.maxCompletionLength) {
      refuse(
        "overlong_buffer.len",
        `at most max_completion_length (${options.maxCompletionLength})`,
        options.overlongBufferLen,
        "The penalty begins so many tokens before the longest answer.",
      );
    }
    if (options.topP === 0) refuse("top_p", "more than 0", 0, "1 is off.");
    if (options.maxSteps === 0) refuse("max_steps", "1 or more", 0, "Say how many steps to take.");
    if (options.miniBatchSize > options.promptsPerStep) {
      refuse(
        "mini_batch_size",
        `at most prompts_per_step (${options.promptsPerStep})`,
        options.miniBatchSize,
        "A step's problems are cut into mini-batches, one optimizer step each. Set mini_batch_size lower or prompts_per_step higher.",
      );
    }
  }
  if (command !== "eval" && evalNames(options.evalDataset).length > 1) {
    refuse(
      "eval_dataset",
      "one data set",
      options.evalDataset,
      "A run measures itself on one; errata eval measures any model on several.",
    );
  }
  if (command === "train" || command === "eval") {
    if (options.evalTemperature === 0 && options.evalNumGenerations > 1) {
      refuse(
        "eval_num_generations",
        "1, as eval_temperature is 0",
        options.evalNumGenerations,
        "The likeliest answer to a problem is always the same one.",
      );
    }
  }
  if (command === "train" || command === "sft") loraOf(options);
  if (command === "sft" && options.model === "new" && options.loraRank > 0) {
    refuse(
      "lora_rank",
      "0, as model is new",
      options.loraRank,
      "Adapters go beside weights that know something.",
    );
  }
  if (command === "sft" && options.model === "new") {
    const { hiddenSize, numAttentionHeads, numKeyValueHeads } = options;
    if (hiddenSize % (2 * numAttentionHeads) !== 0) {
      refuse(
        "hidden_size",
        `a multiple of ${2 * numAttentionHeads} (num_attention_heads is ${numAttentionHeads}, and a head has an even width)`,
        hiddenSize,
        "Change hidden_size or num_attention_heads.",
      );
    }
    if (numAttentionHeads % numKeyValueHeads !== 0) {
      refuse(
        "num_key_value_heads",
        `a divisor of num_attention_heads (${numAttentionHeads})`,
        numKeyValueHeads,
        "1 always is.",
      );
    }
  }
  if (options.promptTemplate !== "" && !options.promptTemplate.includes("{problem}")) {
    refuse(
      "prompt_template",
      "{problem} somewhere in it",
      JSON.stringify(options.promptTemplate),
      "The problem's text takes its place.",
    );
  }
  if (options.promptFormat === "raw" && options.systemPrompt !== "") {
    refuse(
      "system_prompt",
      "nothing, as prompt_format is raw",
      JSON.stringify(options.systemPrompt),
      "Put the words into prompt_template.",
    );
  }
}
