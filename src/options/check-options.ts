/**
 * Options that are each in range and still cannot be run: one that is missing, one that is not read, some that
 * contradict each other.
 */
import { OptionError } from "../errors.ts";
import { overlongBufferLength } from "./batch-sizes.ts";
import { loraOf } from "./choose-lora.ts";
import { evalNames } from "./eval-sources.ts";
import { type AnyOptions, type Command, flagOf, rowsOf, valueIn } from "./options.ts";
import { unreadOptions } from "./read-by-algorithm.ts";

/** What the command needs and is not set. */
export function missingOptions(command: Command, options: AnyOptions): OptionError[] {
  return rowsOf(command).flatMap((row) =>
    row.required?.includes(command) && valueIn(row, options) === undefined
      ? [
          new OptionError({
            where: `errata ${command}`,
            expected: row.needs ?? row.help,
            got: "nothing",
            next: `Add --${flagOf(row, command)} …`,
          }),
        ]
      : [],
  );
}

/**
 * Options that contradict each other. The defaults never do: `fitDefaults`.
 *
 * @param places  where each option was set, by key
 */
export function contradictions(
  command: Command,
  options: AnyOptions,
  places: ReadonlyMap<string, string>,
): OptionError[] {
  const faults: OptionError[] = [];
  const refuse = (key: string, expected: string, got: unknown, next: string) => {
    const place = places.get(key);
    const where = place === undefined ? key : `${key} (${place})`;
    faults.push(new OptionError({ where, expected, got: String(got), next }));
  };
  if (command === "train") {
    faults.push(...unreadOptions(options, places));
    const { maxCompletionLength, miniBatchSize, promptsPerStep } = options;
    const overlong = overlongBufferLength(options);
    if (options.overlongBufferEnable && overlong > maxCompletionLength)
      refuse(
        "overlong_buffer.len",
        `at most max_completion_length (${maxCompletionLength})`,
        overlong,
        "The penalty begins so many tokens before the longest answer.",
      );
    const { screeningGenerations: screening } = options;
    if (screening !== undefined && !options.filterGroupsEnable)
      refuse(
        "screening_generations",
        "nothing, as filter_groups.enable is off",
        screening,
        "Every problem is learnt from then: leave one of the two out.",
      );
    const { selectionExploration: exploration } = options;
    if (exploration !== undefined && options.problemSelection === "shuffled")
      refuse(
        "selection_exploration",
        "nothing, as problem_selection is shuffled",
        exploration,
        "Every problem is asked once a pass then. Set problem_selection to solve_rate, or leave this out.",
      );
    // a server refuses eight bits by itself
    if (options.engine === undefined && options.rolloutPrecision === "int8" && options.recomputeLogprobs)
      refuse(
        "recompute_logprobs",
        "false, as rollout_precision is int8",
        true,
        "The old policy is the one that sampled: scored in float32, answers would be held against a policy that they are not from. Leave it out.",
      );
    if (miniBatchSize > promptsPerStep)
      refuse(
        "mini_batch_size",
        `at most prompts_per_step (${promptsPerStep})`,
        miniBatchSize,
        "A step's problems are cut into mini-batches, one optimizer step each. Set mini_batch_size lower or prompts_per_step higher.",
      );
  }
  if (command !== "eval" && evalNames(options.evalDataset).length > 1)
    refuse(
      "eval_dataset",
      "one data set",
      options.evalDataset,
      "A run measures itself on one; errata eval measures any model on several.",
    );
  if (options.evalFraction !== undefined && options.evalDataset !== undefined)
    refuse(
      "eval_fraction",
      "nothing, as eval_dataset is set",
      options.evalFraction,
      "Leave one of the two out: held-out problems come from a data set of their own, or from dataset.",
    );
  if ((command === "train" || command === "eval") && options.evalTemperature === 0) {
    if (options.evalNumGenerations > 1)
      refuse(
        "eval_num_generations",
        "1, as eval_temperature is 0",
        options.evalNumGenerations,
        "The likeliest answer to a problem is always the same one.",
      );
  }
  if (command === "train" || command === "sft") loraOf(options);
  if (options.engine !== undefined) refuseOnServer(command, options, refuse);
  if (command === "sft" && options.model === "new") refuseOddShapes(options, refuse);
  if (options.promptTemplate !== undefined && !options.promptTemplate.includes("{problem}"))
    refuse(
      "prompt_template",
      "{problem} somewhere in it",
      JSON.stringify(options.promptTemplate),
      "The problem's text takes its place.",
    );
  if (options.promptFormat === "raw" && options.systemPrompt !== undefined)
    refuse(
      "system_prompt",
      "nothing, as prompt_format is raw",
      JSON.stringify(options.systemPrompt),
      "Put the words into prompt_template.",
    );
  if (options.promptFormat === "raw" && options.chatTemplateKwargs !== undefined)
    refuse(
      "chat_template_kwargs",
      "nothing, as prompt_format is raw",
      options.chatTemplateKwargs,
      "Bare text goes through no template: leave one of the two out.",
    );
  return faults;
}

/** What no Tinker server can do: said before one is asked. */
function refuseOnServer(
  command: Command,
  { loraRank, temperature, evalTemperature, rolloutPrecision }: AnyOptions,
  refuse: (key: string, expected: string, got: unknown, next: string) => void,
): void {
  const others = "Servers tell log-probs at temperature 1, and of the likeliest tokens.";
  if (command === "train" && loraRank === undefined)
    refuse(
      "lora_rank",
      "a rank, as engine is a server",
      "none",
      "Set it: a server trains adapters beside the model's weights.",
    );
  if (command === "train" && temperature !== 1)
    refuse("temperature", "1, as engine is a server", temperature, "Leave it out.");
  if (command === "train" && rolloutPrecision !== "float32")
    refuse(
      "rollout_precision",
      "float32, as engine is a server",
      rolloutPrecision,
      "Leave it out: a server samples as it does.",
    );
  if ((command === "chat" || command === "serve") && temperature !== 1 && temperature !== 0)
    refuse("temperature", "1 or 0, as engine is a server", temperature, others);
  if ((command === "train" || command === "eval") && evalTemperature !== 1 && evalTemperature !== 0)
    refuse("eval_temperature", "1 or 0, as engine is a server", evalTemperature, others);
}

/** A new model's shape. */
function refuseOddShapes(
  { loraRank, hiddenSize, numAttentionHeads, numKeyValueHeads }: AnyOptions,
  refuse: (key: string, expected: string, got: unknown, next: string) => void,
): void {
  if (loraRank !== undefined)
    refuse(
      "lora_rank",
      "nothing, as model is new",
      loraRank,
      "Adapters go beside weights that know something.",
    );
  if (hiddenSize % (2 * numAttentionHeads) !== 0)
    refuse(
      "hidden_size",
      `a multiple of ${2 * numAttentionHeads} (num_attention_heads is ${numAttentionHeads}, and a head has an even width)`,
      hiddenSize,
      "Change hidden_size or num_attention_heads.",
    );
  if (numAttentionHeads % numKeyValueHeads !== 0)
    refuse(
      "num_key_value_heads",
      `a divisor of num_attention_heads (${numAttentionHeads})`,
      numKeyValueHeads,
      "1 always is.",
    );
}
