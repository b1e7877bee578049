/**
 * Options: the one table, in the order of the flow.
 *
 * A key here is a flag of the command, a line of a YAML file, a word of `key=value` and, in
 * camelCase, a property of the library's options; `docs/options.md` and `--help` are printed from it.
 * An option that nobody sets and that has no default is absent: no 0 and no empty text stands for that.
 */
export type Command = "train" | "sft" | "eval" | "chat" | "export" | "serve";

/** The words of the flow, which are the headings of `--help`. */
export const sections = [
  "policy",
  "problems",
  "rollouts",
  "verdicts",
  "groups",
  "objective",
  "update",
  "evaluation",
  "checkpoint",
  "run",
] as const;
export type Section = (typeof sections)[number];

export type OptionValue = string | number | boolean;

export interface OptionRow {
  readonly key: string;
  readonly section: Section;
  /** A `date` is text, YYYY-MM-DD; `json` is the text of an object. */
  readonly type: "string" | "integer" | "number" | "boolean" | "choice" | "date" | "json";
  readonly choices?: readonly string[];
  /** True where several are taken, as words, by a flag for each, as a list of YAML or between commas; they are kept so. */
  readonly list?: boolean;
  /** True where it may hold a path, which is taken as shells and Node write them. */
  readonly path?: boolean;
  /** Other spellings of a choice, taken with a note. */
  readonly spellings?: Readonly<Record<string, string>>;
  readonly default?: OptionValue;
  readonly defaultIn?: Partial<Readonly<Record<Command, OptionValue>>>;
  /** How the default gives way to other options that are set, in words; `fitDefaults` does it. */
  readonly fits?: string;
  /** What holds where the option is absent, in words; of a row that `readBy` gives to algorithms, they know. */
  readonly unset?: string;
  readonly required?: readonly Command[];
  readonly unit?: string;
  /** Inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** Commands in which 0 is taken too, below `min`. */
  readonly orZero?: readonly Command[];
  /** What the field writes where it does without: taken, and the option is absent. */
  readonly off?: number;
  /** A whole number's divisor. */
  readonly multipleOf?: number;
  readonly help: string;
  /** True for the few that most people set: help begins with them. */
  readonly common?: boolean;
  /** What to say where it is required and not there. */
  readonly needs?: string;
  readonly commands: readonly Command[];
  /** The algorithms that read it, `objective` being one of the user's own; left out, all do. */
  readonly readBy?: readonly string[];
  /** A shorter or more natural name in one command, taken silently. */
  readonly shortIn?: Partial<Readonly<Record<Command, readonly string[]>>>;
  /** True where a resumed run may change it: it moves the end of the run, its speed or its records, not what is learnt. */
  readonly free?: boolean;
}

const all = ["train", "sft", "eval", "chat", "export", "serve"] as const;
const prompting = ["train", "sft", "eval", "chat", "serve"] as const;
const learning = ["train", "sft"] as const;
const measured = ["train", "sft", "eval"] as const;

/** Algorithms with a clipped ratio, and those that learn from advantages. */
const compared = ["grpo", "dr_grpo", "dapo", "gspo", "maxrl", "grpo_positive"] as const;
const clipped = [...compared, "w_reinforce", "nsr"] as const;
const advantages = [...compared, "cispo", "objective"] as const;

/** 2^53: seeds and sizes are exact integers up to here. */
const EXACT = Number.MAX_SAFE_INTEGER;

// biome-ignore format: a table reads by rows
export const optionTable = [
  { key: "model", section: "policy", type: "string", path: true, required: all, commands: all, needs: "a model: an id of the hub, a folder, a .gguf file or a run", common: true, help: "a Hugging Face id (owner/name, with @revision or /file.gguf where wanted), a folder (also of PEFT adapters, with their base), a .gguf file, or a run's folder (its last checkpoint); for sft also `new`: random weights and a character tokenizer" },
  { key: "lora_rank", section: "policy", type: "integer", unset: "all weights are trained", off: 0, min: 1, max: 16384, commands: learning, help: "train adapters of this rank beside the model's weights, which stay as they are (LoRA): much less memory. It wants a learning_rate ten times as high, or more" },
  { key: "lora_alpha", section: "policy", type: "number", default: 32, min: 1e-6, max: 1e6, commands: learning, help: "adapters count lora_alpha / lora_rank times" },
  { key: "lora_target_modules", section: "policy", type: "string", default: "all-linear", commands: learning, list: true, help: "the matrices of each layer that have adapters: all-linear, or some of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj" },
  { key: "engine", section: "policy", type: "string", unset: "this machine", commands: ["train", "eval", "chat", "serve", "export"], free: true, common: true, help: "the address of a Tinker server (SkyRL's, say) that holds the model, samples and learns: http://127.0.0.1:8000. `model` is then the same model here, for its config and tokenizer. TINKER_API_KEY of the environment is its key. An export fetches a run's adapters from there, or from where the run was" },
  { key: "engine_model", section: "policy", type: "string", unset: "the one that the server offers", commands: ["train", "eval", "chat", "serve"], free: true, help: "the model's name on the server of engine" },
  { key: "engine_dialect", section: "policy", type: "choice", choices: ["skyrl-jax", "hatchery"], default: "skyrl-jax", commands: ["train", "eval", "chat", "serve"], free: true, help: "the kind of server at engine, whose arithmetic was measured to be exact: SkyRL on JAX, or hatchery, which samples models of at most 1000 tokens" },
  { key: "hidden_size", section: "policy", type: "integer", default: 192, fits: "or 32 for each of num_attention_heads", min: 8, multipleOf: 2, max: 65536, commands: ["sft"], help: "width of a new model" },
  { key: "intermediate_size", section: "policy", type: "integer", default: 512, min: 8, max: 1 << 20, commands: ["sft"], help: "width inside a new model's feed-forward layers" },
  { key: "num_hidden_layers", section: "policy", type: "integer", default: 4, min: 1, max: 1024, commands: ["sft"], help: "layers of a new model" },
  { key: "num_attention_heads", section: "policy", type: "integer", default: 6, fits: "or as many as hidden_size and num_key_value_heads allow", min: 1, max: 1024, commands: ["sft"], help: "attention heads of a new model" },
  { key: "num_key_value_heads", section: "policy", type: "integer", default: 2, fits: "or 1 where that does not divide num_attention_heads", min: 1, max: 1024, commands: ["sft"], help: "key and value heads of a new model; divides num_attention_heads" },
  { key: "max_position_embeddings", section: "policy", type: "integer", default: 512, min: 8, max: 1 << 20, unit: "tokens", commands: ["sft"], help: "longest prompt and answer together, of a new model" },

  { key: "dataset", section: "problems", type: "string", path: true, required: learning, commands: learning, needs: "a data set to learn from: a file, a folder, an id of the hub or a generator", common: true, help: "a .jsonl, .json, .csv, .tsv or .parquet file, a folder of such files or a data set of the hub (owner/name, owner/name:split, owner/name:config/split), or the name of a generator" },
  { key: "data_fields", section: "problems", type: "string", unset: "columns of the usual names", commands: learning, help: "which columns hold problem, answer, solution and id: problem=question, answer=solution.final" },
  { key: "dataset_size", section: "problems", type: "integer", unset: "all of a file, 4096 of a generator", min: 1, max: 10_000_000, unit: "problems", commands: learning, help: "use the first so many problems" },
  { key: "problem_selection", section: "problems", type: "choice", choices: ["shuffled", "solve_rate"], default: "shuffled", fits: "or solve_rate where selection_exploration is set", commands: ["train"], help: "which problems are asked next: all in a shuffled order, pass by pass, or those whose answers are likeliest to be right and wrong, as predicted from how each was solved before. Then fewer answers are sampled for each learnt from, and the same problems are met again sooner" },
  { key: "selection_exploration", section: "problems", type: "number", unset: "0.2 with problem_selection solve_rate", min: 0, max: 1, commands: ["train"], help: "the share of problem_selection's problems that are drawn from all, each as likely: what was not solved before is tried again" },
  { key: "max_prompt_length", section: "problems", type: "integer", default: 512, min: 1, max: 1 << 20, unit: "tokens", commands: measured, help: "longer prompts are left out, and counted" },

  { key: "prompt_format", section: "rollouts", type: "choice", choices: ["chat", "raw"], unset: "chat where the model has a template", commands: prompting, help: "the model's chat template, or the bare text" },
  { key: "system_prompt", section: "rollouts", type: "string", unset: "nothing", commands: prompting, help: "what the system says before the problem, in the chat format" },
  { key: "prompt_template", section: "rollouts", type: "string", unset: "{problem}, in the raw format with a line break after it", commands: prompting, help: "the text around a problem, with {problem} in its place" },
  { key: "chat_template_kwargs", section: "rollouts", type: "json", unset: "nothing", commands: prompting, help: 'variables of the chat template\'s own, as {"enable_thinking": false}; in serve a request\'s own go before them' },
  { key: "chat_template_date", section: "rollouts", type: "date", unset: "the day the run began, which a resumed run keeps; in chat and serve the day of the question", commands: prompting, help: "the day that a chat template is told where it asks for the date (strftime_now)" },
  { key: "prompts_per_step", section: "rollouts", type: "integer", default: 16, fits: "or mini_batch_size where that is set higher", min: 1, max: 1 << 20, unit: "problems", commands: ["train"], common: true, help: "groups a step learns from" },
  { key: "num_generations", section: "rollouts", type: "integer", default: 8, min: 2, max: 4096, unit: "answers", commands: ["train"], common: true, help: "answers sampled to each problem" },
  { key: "max_completion_length", section: "rollouts", type: "integer", default: 256, min: 1, max: 1 << 20, unit: "tokens", commands: ["train", "eval", "chat", "serve"], common: true, help: "longest answer; one cut off here is wrong" },
  { key: "temperature", section: "rollouts", type: "number", default: 1, defaultIn: { chat: 0.7 }, fits: "or 1 in chat on a server", min: 1e-6, max: 100, orZero: ["chat", "serve"], commands: ["train", "chat", "serve"], help: "divides the logits while sampling; 0 takes the likeliest token. chat and serve take this, top_p and top_k from the model's generation_config.json where they are not set" },
  { key: "top_p", section: "rollouts", type: "number", default: 1, defaultIn: { chat: 0.9 }, min: 1e-6, max: 1, commands: ["train", "chat", "serve"], help: "sample from the likeliest tokens that reach this probability; 1 is off" },
  { key: "top_k", section: "rollouts", type: "integer", default: 0, min: 0, max: 1 << 24, unit: "tokens", commands: ["train", "chat", "serve"], help: "sample from so many likeliest tokens; 0 is off" },
  { key: "rollout_precision", section: "rollouts", type: "choice", choices: ["float32", "int8"], spellings: { fp32: "float32", f32: "float32" }, default: "float32", commands: ["train"], help: "int8 samples the answers of training with weights and activations of eight bits: faster, and from a slightly other policy, whose own log-probs are then the old policy's, so that the method stays exact. sampling/effective_share tells how far apart the two are, and the run warns below 0.9. Evaluations stay float32. On this machine alone" },
  { key: "max_answers_in_flight", section: "rollouts", type: "integer", unset: "as memory allows", min: 1, max: 1 << 20, unit: "answers", commands: [...measured, "serve"], free: true, help: "answers sampled at a time; the last digits of log-probs depend on it" },

  { key: "verifier", section: "verdicts", type: "string", path: true, default: "math", commands: ["train", "eval"], common: true, help: "what judges an answer: a name, or a module's path" },
  { key: "verifier_timeout_ms", section: "verdicts", type: "integer", default: 5000, min: 1, max: 3_600_000, unit: "ms", commands: ["train", "eval"], free: true, help: "one verdict may take so long; after that it is an error. `code` counts what a program does, and has ten times as long" },
  { key: "verifier_workers", section: "verdicts", type: "integer", default: 2, min: 1, max: 256, unit: "threads", commands: ["train", "eval"], free: true, help: "verifiers at work side by side" },
  { key: "score_threshold", section: "verdicts", type: "number", default: 0.5, min: 0, max: 1, commands: ["train", "eval"], help: "where a verifier gives a score from 0 to 1 alone, the answer is right from here on. The score itself is the reward of grpo, dr_grpo, dapo, gspo, cispo, maxrl and grpo_positive" },
  { key: "max_verifier_error_rate", section: "verdicts", type: "number", default: 0.1, min: 0, max: 1, commands: ["train", "eval"], free: true, help: "the run stops where a larger share of a step's verdicts are errors" },
  { key: "verifier_noise.false_accept", section: "verdicts", type: "number", unset: "none", min: 0, max: 1, commands: ["train"], help: "an experiment: call this share of the wrong answers right, chosen by the seed, to see how a method bears a mistaken verifier. The run says so; evaluations have none" },
  { key: "verifier_noise.false_reject", section: "verdicts", type: "number", unset: "none", min: 0, max: 1, commands: ["train"], help: "the same of right answers, which are called wrong" },

  { key: "filter_groups.enable", section: "groups", type: "boolean", default: true, commands: ["train"], help: "replace groups that are all right or all wrong by fresh problems (dynamic sampling)" },
  { key: "filter_groups.max_num_gen_batches", section: "groups", type: "integer", default: 10, min: 1, max: 10_000, unit: "rounds", commands: ["train"], help: "rounds of sampling a step may take; after that it learns from what it has" },
  { key: "screening_generations", section: "groups", type: "integer", unset: "all at once", min: 2, max: 4096, unit: "answers", commands: ["train"], help: "sample so many answers to a problem first, and the rest of num_generations only where these differ: less is sampled for problems that teach nothing, and a few that would have taught are passed over. With filter_groups.enable alone" },
  { key: "gen_batch_size", section: "groups", type: "integer", unset: "prompts_per_step", min: 1, max: 1 << 20, unit: "problems", commands: ["train"], help: "problems sampled in a round; with problem_selection solve_rate at most, and fewer where these are expected to do" },
  { key: "max_empty_steps", section: "groups", type: "integer", default: 3, min: 1, max: 1_000_000, unit: "steps", commands: ["train"], free: true, help: "the run ends after so many steps in a row with nothing to learn from" },
  { key: "scale_rewards", section: "groups", type: "choice", choices: ["group", "batch", "mean", "none"], spellings: { true: "group", false: "none" }, commands: ["train"], readBy: advantages, help: "an advantage is reward - mean of the group, divided by the spread of the group's rewards, of all the step's, by the group's mean, or not at all" },
  { key: "reward_std", section: "groups", type: "choice", choices: ["sample", "population"], default: "sample", commands: ["train"], readBy: advantages, help: "that spread: with n - 1 and 1e-6 added, as in verl and TRL, or with n, as in the theorems" },
  { key: "overlong_buffer.enable", section: "groups", type: "boolean", default: false, commands: ["train"], readBy: advantages, help: "take reward from answers that end within overlong_buffer.len of max_completion_length" },
  { key: "overlong_buffer.len", section: "groups", type: "integer", unset: "a quarter of max_completion_length", min: 1, max: 1 << 20, unit: "tokens", commands: ["train"], readBy: advantages, help: "where the penalty begins, before the longest answer; it rises in a line" },
  { key: "overlong_buffer.penalty_factor", section: "groups", type: "number", default: 1, min: 0, max: 1e6, commands: ["train"], readBy: advantages, help: "the penalty of the longest answer, in rewards of +1 and -1 as in verl" },

  { key: "algorithm", section: "objective", type: "choice", choices: ["nft", "rft", "grpo", "dr_grpo", "dapo", "gspo", "cispo", "dpo", "maxrl", "grpo_positive", "w_reinforce", "nsr", "naive"], spellings: { "dr-grpo": "dr_grpo", infonca: "dpo", "w-reinforce": "w_reinforce" }, default: "nft", commands: ["train"], common: true, help: "what is learnt from the answers" },
  { key: "objective", section: "objective", type: "string", path: true, unset: "none", commands: ["train"], help: "your own objective in place of algorithm: the path of a module whose default export it is" },
  { key: "normalize", section: "objective", type: "choice", choices: ["none", "dr_grpo", "grpo", "maxrl", "inverse_rate", "inverse_wrong_rate", "inverse_spread"], spellings: { "0": "none", "1": "dr_grpo", "2": "grpo" }, commands: ["train"], readBy: ["nft", "rft", "naive"], help: "weight of a problem with solve rate r: 1, 1 - r, sqrt((1 - r) / r), (1 - r) / r, 1 / r, 1 / (1 - r), 1 / sqrt(r (1 - r)). docs/objectives.md says which two make nft and rft climb the same" },
  { key: "neg_weight", section: "objective", type: "number", min: 0, max: 1, commands: ["train"], readBy: ["nft", "naive"], help: "weight of wrong answers" },
  { key: "clamp_negative", section: "objective", type: "number", min: 1e-12, max: 1e6, commands: ["train"], readBy: ["nft"], help: "least value inside the logarithm of a wrong answer; its gradient passes through" },
  { key: "clamp_positive", section: "objective", type: "number", min: 0, max: 1e6, commands: ["train"], readBy: ["nft"], help: "the same for a right answer; 0 is none" },
  { key: "importance_sampling_level", section: "objective", type: "choice", choices: ["token", "sequence"], commands: ["train"], readBy: ["nft", ...clipped], help: "one ratio of new to old probability for each token, or one for each answer" },
  { key: "epsilon", section: "objective", type: "number", min: 1e-9, max: 1, commands: ["train"], readBy: [...clipped, "cispo"], help: "the ratio is clipped below 1 - epsilon" },
  { key: "epsilon_high", section: "objective", type: "number", min: 1e-9, max: 1e6, commands: ["train"], readBy: [...clipped, "cispo"], help: "the ratio is clipped above 1 + epsilon_high" },
  { key: "dual_clip", section: "objective", type: "number", unset: "no bound", off: 0, min: 1, max: 1e6, commands: ["train"], readBy: clipped, help: "a token with a negative advantage costs at most so many times its size" },
  { key: "pos_weight", section: "objective", type: "number", min: 0, max: 1e6, commands: ["train"], readBy: ["w_reinforce"], help: "what a right answer is worth, where a wrong one is worth -1" },
  { key: "beta", section: "objective", type: "number", off: 0, min: 1e-9, max: 1e6, commands: ["train"], readBy: ["dpo"], help: "the scale of the log-ratios; there is no KL term here that it could weigh, and no reference model" },
  { key: "rpo_alpha", section: "objective", type: "number", min: 0, max: 1e6, commands: ["train"], readBy: ["dpo"], help: "weight of the right answers' mean -log probability, added" },
  { key: "loss_agg", section: "objective", type: "choice", choices: ["token-sum", "token-mean", "seq-mean-token-mean", "seq-mean-token-sum"], spellings: { "seq-mean-token-sum-norm": "token-sum" }, commands: ["train"], help: "the loss of a mini-batch: the sum over tokens divided by loss_scale_factor, or by their number, or the mean over answers of their tokens' mean or sum" },
  { key: "loss_scale_factor", section: "objective", type: "number", default: 1000, min: 1e-6, max: 1e12, unit: "tokens", commands: ["train"], help: "the divisor of token-sum, the same for every mini-batch" },

  { key: "mini_batch_size", section: "update", type: "integer", default: 4, fits: "or prompts_per_step where that is less", defaultIn: { sft: 32 }, min: 1, max: 1 << 20, unit: "problems", commands: learning, help: "problems (with all their answers) in one optimizer step; worked examples in sft", shortIn: { sft: ["batch_size"] } },
  { key: "recompute_logprobs", section: "update", type: "boolean", default: false, fits: "or true where engine is set", commands: ["train"], help: "score the answers of a step anew for the probabilities of the old policy; false takes those they were sampled with, and scores one group to see that both are the same to the engine's tolerance: all are scored where they are not" },
  { key: "num_iterations", section: "update", type: "integer", default: 1, min: 1, max: 1000, unit: "passes", commands: ["train"], help: "passes over the answers of a step" },
  { key: "learning_rate", section: "update", type: "number", default: 1e-6, defaultIn: { sft: 1e-4 }, min: 0, max: 10, commands: learning, common: true, help: "AdamW's step size after warm-up" },
  { key: "warmup_steps", section: "update", type: "integer", default: 10, min: 0, max: 1_000_000, unit: "steps", commands: learning, help: "steps over which the learning rate rises in a line to its full value; the first step has one part of it" },
  { key: "lr_scheduler_type", section: "update", type: "choice", choices: ["constant", "linear", "cosine"], spellings: { constant_with_warmup: "constant" }, default: "constant", defaultIn: { sft: "cosine" }, commands: learning, help: "how the learning rate goes on after warm-up: stays, or falls to 0 at the last step" },
  { key: "weight_decay", section: "update", type: "number", default: 0.1, defaultIn: { sft: 0.01 }, min: 0, max: 10, commands: learning, help: "decoupled weight decay" },
  { key: "adam_beta1", section: "update", type: "number", default: 0.9, min: 0, max: 0.999999, commands: learning, help: "memory of AdamW's mean of gradients" },
  { key: "adam_beta2", section: "update", type: "number", default: 0.999, min: 0, max: 0.99999999, commands: learning, help: "memory of AdamW's mean of squared gradients" },
  { key: "adam_epsilon", section: "update", type: "number", default: 1e-8, min: 1e-30, max: 1, commands: learning, help: "added to AdamW's denominator" },
  { key: "max_grad_norm", section: "update", type: "number", default: 1, fits: "or 1e9, which is none, on an engine that does not clip", min: 1e-9, max: 1e9, commands: learning, help: "a gradient of larger norm is scaled down to it" },
  { key: "micro_batch_tokens", section: "update", type: "integer", unset: "as many as fill the cores", min: 1, max: 1 << 24, unit: "tokens", commands: measured, free: true, help: "tokens run at a time, which bounds memory; the last bits of all numbers depend on it" },
  { key: "keep_activations", section: "update", type: "boolean", unset: "true where memory allows", commands: learning, free: true, help: "keep what the backward pass needs instead of computing it again: faster, more memory" },

  { key: "eval_dataset", section: "evaluation", type: "string", path: true, unset: "no evaluation", required: ["eval"], commands: measured, list: true, needs: "a data set to be measured on: a file, a folder, an id of the hub or a generator", common: true, help: "held-out problems: as dataset, a folder's or the hub's test split where none is named; in eval several, of which NAME@K has K answers to each problem", shortIn: { eval: ["dataset"] } },
  { key: "eval_fraction", section: "evaluation", type: "number", unset: "none", min: 0.001, max: 0.9, commands: learning, help: "hold out this share of dataset to be measured on, where there is no eval_dataset: chosen by the seed, and no problem is in both" },
  { key: "eval_dataset_dir", section: "evaluation", type: "string", path: true, unset: "none", commands: ["eval"], help: "the folder that the files of eval_dataset are in; there a name needs no ending", shortIn: { eval: ["dataset_dir"] } },
  { key: "eval_data_fields", section: "evaluation", type: "string", unset: "columns of the usual names", commands: measured, help: "as data_fields, of the held-out problems", shortIn: { eval: ["data_fields", "field_map"] } },
  { key: "eval_dataset_size", section: "evaluation", type: "integer", unset: "all of a file, 256 of a generator", min: 1, max: 10_000_000, unit: "problems", commands: measured, help: "use the first so many", shortIn: { eval: ["dataset_size"] } },
  { key: "eval_steps", section: "evaluation", type: "integer", default: 10, defaultIn: { sft: 100 }, min: 0, max: 1_000_000, unit: "steps", commands: learning, help: "evaluate every so many steps, and at the end; 0 is only at the end" },
  { key: "eval_on_start", section: "evaluation", type: "boolean", default: true, commands: learning, help: "evaluate before the first step" },
  { key: "eval_num_generations", section: "evaluation", type: "integer", default: 1, min: 1, max: 4096, unit: "answers", commands: ["train", "eval"], help: "answers sampled to each held-out problem: k of avg@k, pass@k and maj@k", shortIn: { eval: ["samples", "num_generations"] } },
  { key: "eval_temperature", section: "evaluation", type: "number", default: 1, min: 1e-6, max: 100, orZero: ["train", "eval"], commands: ["train", "eval"], help: "divides the logits in evaluation; 0 takes the likeliest token", shortIn: { eval: ["temperature"] } },
  { key: "eval_top_p", section: "evaluation", type: "number", default: 1, min: 1e-6, max: 1, commands: ["train", "eval"], help: "top_p in evaluation", shortIn: { eval: ["top_p"] } },
  { key: "eval_top_k", section: "evaluation", type: "integer", default: 0, min: 0, max: 1 << 24, unit: "tokens", commands: ["train", "eval"], help: "top_k in evaluation", shortIn: { eval: ["top_k"] } },
  { key: "compare_with", section: "evaluation", type: "string", path: true, unset: "nothing", commands: ["eval"], help: "another model, which is measured too, or the folder of an evaluation: the difference on the problems of both, with its interval" },

  { key: "output_dir", section: "checkpoint", type: "string", path: true, unset: "a new one under runs/", required: ["export"], commands: [...measured, "export"], free: true, shortIn: { export: ["output"] }, needs: "a folder to write the export to", help: "the folder of a run or an export; an evaluation goes on in its own where it stopped" },
  { key: "save_steps", section: "checkpoint", type: "integer", default: 10, defaultIn: { sft: 100 }, min: 1, max: 1_000_000, unit: "steps", commands: learning, free: true, help: "save a checkpoint every so many steps, after the first step, and at the end" },
  { key: "save_total_limit", section: "checkpoint", type: "integer", default: 2, min: 1, max: 1_000_000, unit: "checkpoints", commands: learning, free: true, help: "keep so many; the oldest goes first" },
  { key: "resume_from_checkpoint", section: "checkpoint", type: "string", path: true, unset: "a new run", commands: learning, free: true, help: "go on with a run: its folder, or `auto` for the one at output_dir (or the newest), and a new run where there is none", shortIn: { train: ["resume"], sft: ["resume"] } },
  { key: "format", section: "checkpoint", type: "choice", choices: ["hf", "gguf"], spellings: { huggingface: "hf", safetensors: "hf" }, default: "hf", fits: "or gguf where dtype is Q8_0", commands: ["export"], help: "a Hugging Face folder, or one GGUF file for llama.cpp" },
  { key: "dtype", section: "checkpoint", type: "choice", choices: ["F32", "F16", "BF16", "Q8_0"], spellings: { f32: "F32", float32: "F32", f16: "F16", float16: "F16", bf16: "BF16", bfloat16: "BF16", q8_0: "Q8_0" }, unset: "F32 in hf, F16 in gguf", commands: ["export"], help: "as which weights are stored; Q8_0 is for gguf alone" },
  { key: "adapter", section: "checkpoint", type: "boolean", default: false, commands: ["export"], help: "a run's LoRA adapters alone, as PEFT has them; without it they are merged into their base model" },

  { key: "preset", section: "run", type: "string", unset: "none", commands: ["train", "eval"], help: "begin from the settings of a published run or benchmark, which `errata presets` prints; what else is set goes before them" },
  { key: "max_steps", section: "run", type: "integer", defaultIn: { train: 100 }, unset: "as many as num_train_epochs needs", min: 1, max: 100_000_000, unit: "steps", commands: learning, free: true, common: true, help: "steps in all" },
  { key: "num_train_epochs", section: "run", type: "number", default: 1, min: 0.001, max: 100_000, unit: "passes", commands: ["sft"], free: true, help: "passes over the worked examples" },
  { key: "seed", section: "run", type: "integer", default: 42, min: 0, max: EXACT, commands: prompting, help: "of everything random" },
  { key: "host", section: "run", type: "string", default: "127.0.0.1", commands: ["serve"], help: "the address of this machine to listen at; any that other machines reach, such as 0.0.0.0, needs api_key" },
  { key: "port", section: "run", type: "integer", default: 8000, min: 0, max: 65535, commands: ["serve"], help: "of that address; 0 is any that is free" },
  { key: "api_key", section: "run", type: "string", unset: "ERRATA_API_KEY of the environment", commands: ["serve"], help: "what requests must bring as their bearer token; in the environment no list of processes shows it" },
  { key: "allowed_hosts", section: "run", type: "string", unset: "none more on loopback, any elsewhere, where the key guards it", commands: ["serve"], list: true, help: "names that requests may call this server by, beside localhost and its address" },
  { key: "cors", section: "run", type: "string", unset: "none", commands: ["serve"], list: true, help: "origins of web pages that may use this server, such as https://app.example; * is every page" },
  { key: "report_to", section: "run", type: "choice", choices: ["none", "csv", "tensorboard", "all"], default: "none", commands: learning, free: true, help: "write the numbers of steps and evaluations for other tools too, into the run's folder: steps.csv, TensorBoard's event files, or both; steps.jsonl has them in any case" },
  { key: "logged_groups", section: "run", type: "integer", default: 1, min: 0, max: 4096, unit: "groups", commands: ["train"], free: true, help: "of so many groups a step, what it did to each token is written to tokens.jsonl, for the page: those with the wrong answers that the update pushed down most; 0 is none" },
  { key: "threads", section: "run", type: "integer", unset: "one for each core", min: 1, max: 1024, unit: "threads", commands: all, free: true, help: "for the arithmetic. Two runs are equal to the last bit where threads, micro_batch_tokens and max_answers_in_flight are, and what the machine chooses for those that are not set" },
] as const satisfies readonly OptionRow[];

type Row = (typeof optionTable)[number];

export type OptionKey = Row["key"];

/** `filter_groups.max_num_gen_batches` → `filterGroupsMaxNumGenBatches`. */
export type CamelCase<S extends string> = S extends `${infer Head}.${infer Tail}`
  ? `${CamelCase<Head>}${Capitalize<CamelCase<Tail>>}`
  : S extends `${infer Head}_${infer Tail}`
    ? `${Head}${Capitalize<CamelCase<Tail>>}`
    : S;

type ValueOf<R> = R extends { readonly choices: readonly (infer C)[] }
  ? C
  : R extends { readonly type: "integer" | "number" }
    ? number
    : R extends { readonly type: "boolean" }
      ? boolean
      : string;

/** The commands in which a row without a default for all has a value all the same. */
type SetIn<R> =
  | (R extends { readonly required: readonly (infer C)[] } ? C : never)
  | (R extends { readonly defaultIn: infer D } ? keyof D : never);

/** Every option; one that no default stands for may be absent. Those a command does not use hold their defaults. */
export type AnyOptions = {
  readonly [R in Row as CamelCase<R["key"]>]:
    | ValueOf<R>
    | (R extends { readonly default: OptionValue } ? never : undefined);
};

/** Every option, resolved, with those set that the commands `C` need. */
export type Options<C extends Command = Command> = AnyOptions & {
  readonly [R in Row as [C] extends [SetIn<R>] ? CamelCase<R["key"]> : never]: ValueOf<R>;
};

type RequiredKey = CamelCase<Extract<Row, { readonly required: readonly Command[] }>["key"]>;

/** The options of a command of which what it needs may be absent. */
export type Incomplete<C extends Command> = Omit<Options<C>, RequiredKey> & Pick<AnyOptions, RequiredKey>;

/** What a caller of the library sets; the rest is the table's. */
export type GivenOptions = Partial<Omit<AnyOptions, "chatTemplateKwargs">> & {
  readonly chatTemplateKwargs?: string | Readonly<Record<string, unknown>> | undefined;
};

export function camelCase(key: string): string {
  return key.replace(/[_.](\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The value of a row; undefined where it is absent. */
export function valueIn(row: OptionRow, options: object): OptionValue | undefined {
  return (options as Readonly<Record<string, OptionValue | undefined>>)[camelCase(row.key)];
}

/** The rows a command uses, in flow order. */
export function rowsOf(command: Command): readonly OptionRow[] {
  return (optionTable as readonly OptionRow[]).filter((row) => row.commands.includes(command));
}

export function defaultOf(row: OptionRow, command: Command): OptionValue | undefined {
  return row.defaultIn?.[command] ?? row.default;
}

/** The flag of a row, without its dashes: `--eval-on-start`, `--resume`. */
export function flagOf(row: OptionRow, command: Command): string {
  return (row.shortIn?.[command]?.[0] ?? row.key).replaceAll("_", "-");
}
