/**
 * Options that are each in range and still cannot be run: one that is missing, some that contradict each other.
 */
import { OptionError } from "../errors.ts";
import { loraOf } from "./choose-lora.ts";
import { evalNames } from "./eval-sources.ts";
import { type Command, camelCase, type Options, type OptionValue, rowsOf } from "./options.ts";

/** @throws OptionError for the first option that the command needs and that is not set */
export function checkRequired(command: Command, options: Options): void {
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

/** @param places  where each option was set, by key */
export function checkTogether(command: Command, options: Options, places: ReadonlyMap<string, string>): void {
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
