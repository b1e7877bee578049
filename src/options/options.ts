/**
 * Options: the one table, in the order of the flow.
 *
 * A key here is a flag of the command, a line of a YAML file, a word of `key=value` and, in
 * camelCase, a property of the library's options; `docs/options.md` and `--help` are printed from it.
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
  readonly type: "string" | "integer" | "number" | "boolean" | "choice";
  readonly choices?: readonly string[];
  /** True where several are taken, as words, by a flag for each, as a list of YAML or between commas; they are kept so. */
  readonly list?: boolean;
  /** Other spellings of a choice, taken with a note. */
  readonly spellings?: Readonly<Record<string, string>>;
  /** A string option of this default is unset when empty; `required` says in which commands it must be set. */
  readonly default: OptionValue;
  readonly defaultIn?: Partial<Readonly<Record<Command, OptionValue>>>;
  readonly required?: readonly Command[];
  readonly unit?: string;
  /** Inclusive. */
  readonly min?: number;
  readonly max?: number;
  readonly help: string;
  readonly commands: readonly Command[];
  /** What the field calls it elsewhere: taken with a note. */
  readonly aliases?: readonly string[];
  /** A shorter or more natural name in one command, taken silently. */
  readonly shortIn?: Partial<Readonly<Record<Command, readonly string[]>>>;
  /** True where a resumed run may change it: it moves the end of the run, its speed or its records, not what is learnt. */
  readonly free?: boolean;
}

const all = ["train", "sft", "eval", "chat", "export", "serve"] as const;
const prompting = ["train", "sft", "eval", "chat", "serve"] as const;
const learning = ["train", "sft"] as const;
const measured = ["train", "sft", "eval"] as const;

/** 2^53: seeds and sizes are exact integers up to here. */
const exact = Number.MAX_SAFE_INTEGER;

// biome-ignore format: a table reads by rows
export const optionTable = [
  { key: "model", section: "policy", type: "string", default: "", required: all, commands: all, help: "a Hugging Face id (owner/name, with @revision or /file.gguf where wanted), a folder (also of PEFT adapters, with their base), a .gguf file, or a run's folder (its last checkpoint); for sft also `new`: random weights and a character tokenizer", aliases: ["model_name_or_path", "model.path", "model_name", "base_model", "actor_rollout_ref.model.path", "model_path"] },
  { key: "lora_rank", section: "policy", type: "integer", default: 0, min: 0, max: 16384, commands: learning, help: "train adapters of this rank beside the model's weights, which stay as they are (LoRA): much less memory; 0 trains the weights themselves. It wants a learning_rate ten times as high, or more", aliases: ["lora_r", "actor_rollout_ref.model.lora_rank", "model.lora_rank", "lora.rank"] },
  { key: "lora_alpha", section: "policy", type: "number", default: 32, min: 1e-6, max: 1e6, commands: learning, help: "adapters count lora_alpha / lora_rank times", aliases: ["actor_rollout_ref.model.lora_alpha", "model.lora_alpha", "lora.alpha"] },
  { key: "lora_target_modules", section: "policy", type: "string", default: "all-linear", commands: learning, list: true, help: "the matrices of each layer that have adapters: all-linear, or some of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj", aliases: ["actor_rollout_ref.model.target_modules", "model.target_modules", "target_modules"] },
  { key: "lora_dropout", section: "policy", type: "number", default: 0, min: 0, max: 1, commands: learning, help: "0: dropout in adapters is not supported", aliases: ["lora.dropout"] },
  { key: "hidden_size", section: "policy", type: "integer", default: 192, min: 8, max: 65536, commands: ["sft"], help: "width of a new model" },
  { key: "intermediate_size", section: "policy", type: "integer", default: 512, min: 8, max: 1 << 20, commands: ["sft"], help: "width inside a new model's feed-forward layers" },
  { key: "num_hidden_layers", section: "policy", type: "integer", default: 4, min: 1, max: 1024, commands: ["sft"], help: "layers of a new model" },
  { key: "num_attention_heads", section: "policy", type: "integer", default: 6, min: 1, max: 1024, commands: ["sft"], help: "attention heads of a new model" },
  { key: "num_key_value_heads", section: "policy", type: "integer", default: 2, min: 1, max: 1024, commands: ["sft"], help: "key and value heads of a new model; divides num_attention_heads" },
  { key: "max_position_embeddings", section: "policy", type: "integer", default: 512, min: 8, max: 1 << 20, unit: "tokens", commands: ["sft"], help: "longest prompt and answer together, of a new model" },

  { key: "dataset", section: "problems", type: "string", default: "", required: learning, commands: learning, help: "a .jsonl, .json, .csv, .tsv or .parquet file, a folder of such files or a data set of the hub (owner/name, owner/name:split, owner/name:config/split), or the name of a generator", aliases: ["dataset_name", "train_files", "data.train_files", "train_dataset"] },
  { key: "data_fields", section: "problems", type: "string", default: "", commands: learning, help: "where problem, answer, solution and id are, if not in columns of the usual names: problem=question, answer=solution.final", aliases: ["field_map", "column_map"] },
  { key: "dataset_size", section: "problems", type: "integer", default: 0, min: 0, max: 10_000_000, unit: "problems", commands: learning, help: "use the first so many problems; 0 is all of a file, 4096 of a generator", aliases: ["max_samples"] },
  { key: "max_prompt_length", section: "problems", type: "integer", default: 512, min: 1, max: 1 << 20, unit: "tokens", commands: measured, help: "longer prompts are left out, and counted", aliases: ["data.max_prompt_length"] },

  { key: "prompt_format", section: "rollouts", type: "choice", choices: ["auto", "chat", "raw"], default: "auto", commands: prompting, help: "the model's chat template, or the bare text; auto takes the template where the model has one" },
  { key: "system_prompt", section: "rollouts", type: "string", default: "", commands: prompting, help: "what the system says before the problem, in the chat format" },
  { key: "prompt_template", section: "rollouts", type: "string", default: "", commands: prompting, help: "the text around a problem, with {problem} in its place; unset: {problem}, followed by a line break in the raw format" },
  { key: "prompts_per_step", section: "rollouts", type: "integer", default: 16, min: 1, max: 1 << 20, unit: "problems", commands: ["train"], help: "groups a step learns from", aliases: ["train_batch_size", "data.train_batch_size", "groups_per_batch"] },
  { key: "num_generations", section: "rollouts", type: "integer", default: 8, min: 2, max: 4096, unit: "answers", commands: ["train"], help: "answers sampled to each problem", aliases: ["rollout.n", "actor_rollout_ref.rollout.n", "group_size", "n_samples_per_prompt", "num_samples_per_prompt"] },
  { key: "max_completion_length", section: "rollouts", type: "integer", default: 256, min: 1, max: 1 << 20, unit: "tokens", commands: ["train", "eval", "chat", "serve"], help: "longest answer; one cut off here is wrong", aliases: ["max_response_length", "data.max_response_length", "max_tokens", "max_new_tokens"] },
  { key: "temperature", section: "rollouts", type: "number", default: 1, defaultIn: { chat: 0.7 }, min: 0, max: 100, commands: ["train", "chat", "serve"], help: "divides the logits while sampling; training needs more than 0", aliases: ["rollout.temperature", "actor_rollout_ref.rollout.temperature"] },
  { key: "top_p", section: "rollouts", type: "number", default: 1, min: 0, max: 1, commands: ["train", "chat", "serve"], help: "sample from the likeliest tokens that reach this probability; 1 is off", aliases: ["rollout.top_p", "actor_rollout_ref.rollout.top_p"] },
  { key: "top_k", section: "rollouts", type: "integer", default: 0, min: 0, max: 1 << 24, unit: "tokens", commands: ["train", "chat", "serve"], help: "sample from so many likeliest tokens; 0 is off", aliases: ["rollout.top_k", "actor_rollout_ref.rollout.top_k"] },
  { key: "max_answers_in_flight", section: "rollouts", type: "integer", default: 0, min: 0, max: 1 << 20, unit: "answers", commands: [...measured, "serve"], free: true, help: "answers sampled at a time; 0 lets the engine choose", aliases: ["max_num_seqs"] },

  { key: "verifier", section: "verdicts", type: "string", default: "math", commands: ["train", "eval"], help: "what judges an answer: a name, or a module's path", aliases: ["reward_funcs", "custom_reward_function.path"] },
  { key: "verifier_timeout_ms", section: "verdicts", type: "integer", default: 5000, min: 1, max: 3_600_000, unit: "ms", commands: ["train", "eval"], free: true, help: "one verdict may take so long; after that it is an error" },
  { key: "verifier_workers", section: "verdicts", type: "integer", default: 2, min: 1, max: 256, unit: "threads", commands: ["train", "eval"], free: true, help: "verifiers at work side by side" },
  { key: "max_verifier_error_rate", section: "verdicts", type: "number", default: 0.1, min: 0, max: 1, commands: ["train", "eval"], free: true, help: "the run stops where a larger share of a step's verdicts are errors" },

  { key: "filter_groups.enable", section: "groups", type: "boolean", default: true, commands: ["train"], help: "replace groups that are all right or all wrong by fresh problems (dynamic sampling)", aliases: ["filter_groups", "dynamic_sampling"] },
  { key: "filter_groups.max_num_gen_batches", section: "groups", type: "integer", default: 10, min: 1, max: 10_000, unit: "rounds", commands: ["train"], help: "rounds of sampling a step may take; after that it learns from what it has", aliases: ["max_num_gen_batches", "dynamic_sampling.max_sample_batches"] },
  { key: "gen_batch_size", section: "groups", type: "integer", default: 0, min: 0, max: 1 << 20, unit: "problems", commands: ["train"], help: "problems sampled in a round; 0 is prompts_per_step", aliases: ["data.gen_batch_size"] },
  { key: "max_empty_steps", section: "groups", type: "integer", default: 3, min: 1, max: 1_000_000, unit: "steps", commands: ["train"], free: true, help: "the run ends after so many steps in a row with nothing to learn from" },
  { key: "scale_rewards", section: "groups", type: "choice", choices: ["auto", "group", "batch", "none"], spellings: { true: "group", false: "none" }, default: "auto", commands: ["train"], help: "an advantage is reward - mean of the group, divided by the spread of the group's rewards, of all the step's, or not at all; auto is group in grpo, dapo, gspo and cispo", aliases: ["norm_adv_by_std_in_grpo", "algorithm.norm_adv_by_std_in_grpo", "grpo_norm_by_std"] },
  { key: "reward_std", section: "groups", type: "choice", choices: ["sample", "population"], default: "sample", commands: ["train"], help: "that spread: with n - 1 and 1e-6 added, as in verl and TRL, or with n, as in the theorems" },
  { key: "overlong_buffer.enable", section: "groups", type: "boolean", default: false, commands: ["train"], help: "take reward from answers that end within overlong_buffer.len of max_completion_length; nft, rft, dpo and naive read verdicts, not rewards", aliases: ["overlong_buffer", "reward_model.overlong_buffer.enable"] },
  { key: "overlong_buffer.len", section: "groups", type: "integer", default: 512, min: 1, max: 1 << 20, unit: "tokens", commands: ["train"], help: "where the penalty begins, before the longest answer; it rises in a line", aliases: ["reward_model.overlong_buffer.len"] },
  { key: "overlong_buffer.penalty_factor", section: "groups", type: "number", default: 1, min: 0, max: 1e6, commands: ["train"], help: "the penalty of the longest answer, in rewards of +1 and -1 as in verl", aliases: ["reward_model.overlong_buffer.penalty_factor"] },

  { key: "algorithm", section: "objective", type: "choice", choices: ["nft", "rft", "grpo", "dr_grpo", "dapo", "gspo", "cispo", "dpo", "naive"], spellings: { "dr-grpo": "dr_grpo", infonca: "dpo" }, default: "nft", commands: ["train"], help: "what is learnt from the answers", aliases: ["loss_type", "loss_fn"] },
  { key: "objective", section: "objective", type: "string", default: "", commands: ["train"], help: "your own objective in place of algorithm: the path of a module whose default export it is" },
  { key: "normalize", section: "objective", type: "choice", choices: ["auto", "none", "dr_grpo", "grpo"], spellings: { "0": "none", "1": "dr_grpo", "2": "grpo" }, default: "auto", commands: ["train"], help: "weight of a problem with solve rate r: 1, 1 - r, or sqrt((1 - r) / r); auto is dr_grpo in nft and none in rft and naive" },
  { key: "neg_weight", section: "objective", type: "number", default: 1, min: 0, max: 1, commands: ["train"], help: "weight of wrong answers, in nft and naive" },
  { key: "clamp_negative", section: "objective", type: "number", default: 1, min: 1e-12, max: 1e6, commands: ["train"], help: "least value inside the logarithm of a wrong answer, in nft; its gradient passes through" },
  { key: "clamp_positive", section: "objective", type: "number", default: 0, min: 0, max: 1e6, commands: ["train"], help: "the same for a right answer; 0 is none" },
  { key: "importance_sampling_level", section: "objective", type: "choice", choices: ["auto", "token", "sequence"], default: "auto", commands: ["train"], help: "one ratio of new to old probability for each token, or one for each answer; auto is sequence in gspo and token elsewhere", aliases: ["ratio_type"] },
  { key: "epsilon", section: "objective", type: "number", default: 0, min: 0, max: 1, commands: ["train"], help: "the ratio is clipped below 1 - epsilon in the grpo family; 0 is the algorithm's own: 0.2, in gspo 3e-4", aliases: ["clip_ratio_low", "actor_rollout_ref.actor.clip_ratio_low", "clip_low_threshold", "eps_clip_low"] },
  { key: "epsilon_high", section: "objective", type: "number", default: 0, min: 0, max: 1e6, commands: ["train"], help: "the ratio is clipped above 1 + epsilon_high in the grpo family; 0 is the algorithm's own: 0.2, in dapo and cispo 0.28, in gspo 4e-4", aliases: ["clip_ratio_high", "actor_rollout_ref.actor.clip_ratio_high", "clip_high_threshold", "eps_clip_high"] },
  { key: "dual_clip", section: "objective", type: "number", default: 0, min: 0, max: 1e6, commands: ["train"], help: "in the grpo family, a token with a negative advantage costs at most so many times its size; 0 is no bound", aliases: ["delta", "clip_ratio_c", "actor_rollout_ref.actor.clip_ratio_c"] },
  { key: "beta", section: "objective", type: "number", default: 0, min: 0, max: 1e6, commands: ["train"], help: "scale of the log-ratios in dpo; 0 is 0.1. No algorithm here has a KL term that it could weigh" },
  { key: "rpo_alpha", section: "objective", type: "number", default: 0, min: 0, max: 1e6, commands: ["train"], help: "weight of the right answers' mean -log probability, added in dpo" },
  { key: "loss_agg", section: "objective", type: "choice", choices: ["auto", "token-sum", "token-mean", "seq-mean-token-mean", "seq-mean-token-sum"], spellings: { "seq-mean-token-sum-norm": "token-sum" }, default: "auto", commands: ["train"], help: "the loss of a mini-batch: the sum over tokens divided by loss_scale_factor, or by their number, or the mean over answers of their tokens' mean or sum; auto is token-sum in nft, rft, naive and dr_grpo, token-mean in dapo and cispo, seq-mean-token-mean in grpo and gspo, seq-mean-token-sum in dpo", aliases: ["loss_agg_mode"] },
  { key: "loss_scale_factor", section: "objective", type: "number", default: 1000, min: 1e-6, max: 1e12, unit: "tokens", commands: ["train"], help: "the divisor of token-sum, the same for every mini-batch" },

  { key: "mini_batch_size", section: "update", type: "integer", default: 4, defaultIn: { sft: 32 }, min: 1, max: 1 << 20, unit: "problems", commands: learning, help: "problems (with all their answers) in one optimizer step; worked examples in sft", aliases: ["ppo_mini_batch_size", "actor_rollout_ref.actor.ppo_mini_batch_size"], shortIn: { sft: ["batch_size"] } },
  { key: "num_iterations", section: "update", type: "integer", default: 1, min: 1, max: 1000, unit: "passes", commands: ["train"], help: "passes over the answers of a step", aliases: ["ppo_epochs", "actor_rollout_ref.actor.ppo_epochs"] },
  { key: "learning_rate", section: "update", type: "number", default: 1e-6, defaultIn: { sft: 1e-4 }, min: 0, max: 10, commands: learning, help: "AdamW's step size after warm-up", aliases: ["lr", "optim.lr", "actor_rollout_ref.actor.optim.lr"] },
  { key: "warmup_steps", section: "update", type: "integer", default: 10, min: 0, max: 1_000_000, unit: "steps", commands: learning, help: "steps over which the learning rate rises in a line to its full value; the first step has one part of it", aliases: ["lr_warmup_steps", "optim.lr_warmup_steps", "actor_rollout_ref.actor.optim.lr_warmup_steps"] },
  { key: "lr_scheduler_type", section: "update", type: "choice", choices: ["constant", "linear", "cosine"], spellings: { constant_with_warmup: "constant" }, default: "constant", defaultIn: { sft: "cosine" }, commands: learning, help: "how the learning rate goes on after warm-up: stays, or falls to 0 at the last step", aliases: ["lr_scheduler", "warmup_style"] },
  { key: "weight_decay", section: "update", type: "number", default: 0.1, defaultIn: { sft: 0.01 }, min: 0, max: 10, commands: learning, help: "decoupled weight decay", aliases: ["optim.weight_decay", "actor_rollout_ref.actor.optim.weight_decay"] },
  { key: "adam_beta1", section: "update", type: "number", default: 0.9, min: 0, max: 0.999999, commands: learning, help: "memory of AdamW's mean of gradients" },
  { key: "adam_beta2", section: "update", type: "number", default: 0.999, min: 0, max: 0.99999999, commands: learning, help: "memory of AdamW's mean of squared gradients" },
  { key: "adam_epsilon", section: "update", type: "number", default: 1e-8, min: 1e-30, max: 1, commands: learning, help: "added to AdamW's denominator" },
  { key: "max_grad_norm", section: "update", type: "number", default: 1, min: 1e-9, max: 1e9, commands: learning, help: "a gradient of larger norm is scaled down to it", aliases: ["grad_clip", "actor_rollout_ref.actor.grad_clip"] },
  { key: "micro_batch_tokens", section: "update", type: "integer", default: 0, min: 0, max: 1 << 24, unit: "tokens", commands: measured, free: true, help: "tokens run at a time, which bounds memory; 0 lets the engine choose", aliases: ["ppo_max_token_len_per_gpu"] },
  { key: "keep_activations", section: "update", type: "choice", choices: ["auto", "true", "false"], default: "auto", commands: learning, free: true, help: "keep what the backward pass needs instead of computing it again: faster, more memory" },

  { key: "eval_dataset", section: "evaluation", type: "string", default: "", required: ["eval"], commands: measured, list: true, help: "held-out problems: as dataset, a folder's or the hub's test split where none is named; in eval several, of which NAME@K has K answers to each problem", aliases: ["val_files", "data.val_files", "eval_dataset_name"], shortIn: { eval: ["dataset"] } },
  { key: "eval_dataset_dir", section: "evaluation", type: "string", default: "", commands: ["eval"], help: "the folder that the files of eval_dataset are in; there a name needs no ending", shortIn: { eval: ["dataset_dir"] } },
  { key: "eval_data_fields", section: "evaluation", type: "string", default: "", commands: measured, help: "as data_fields, of the held-out problems", shortIn: { eval: ["data_fields", "field_map"] } },
  { key: "eval_dataset_size", section: "evaluation", type: "integer", default: 0, min: 0, max: 10_000_000, unit: "problems", commands: measured, help: "use the first so many; 0 is all of a file, 256 of a generator", shortIn: { eval: ["dataset_size"] } },
  { key: "eval_steps", section: "evaluation", type: "integer", default: 10, defaultIn: { sft: 100 }, min: 0, max: 1_000_000, unit: "steps", commands: learning, help: "evaluate every so many steps, and at the end; 0 is only at the end", aliases: ["test_freq", "trainer.test_freq", "eval_every"] },
  { key: "eval_on_start", section: "evaluation", type: "boolean", default: true, commands: learning, help: "evaluate before the first step", aliases: ["val_before_train", "trainer.val_before_train"] },
  { key: "eval_num_generations", section: "evaluation", type: "integer", default: 1, min: 1, max: 4096, unit: "answers", commands: ["train", "eval"], help: "answers sampled to each held-out problem: k of avg@k, pass@k and maj@k", aliases: ["val_kwargs.n"], shortIn: { eval: ["samples", "num_generations"] } },
  { key: "eval_temperature", section: "evaluation", type: "number", default: 1, min: 0, max: 100, commands: ["train", "eval"], help: "divides the logits in evaluation; 0 takes the likeliest token", aliases: ["val_kwargs.temperature"], shortIn: { eval: ["temperature"] } },
  { key: "eval_top_p", section: "evaluation", type: "number", default: 1, min: 0, max: 1, commands: ["train", "eval"], help: "top_p in evaluation", aliases: ["val_kwargs.top_p"], shortIn: { eval: ["top_p"] } },
  { key: "eval_top_k", section: "evaluation", type: "integer", default: 0, min: 0, max: 1 << 24, unit: "tokens", commands: ["train", "eval"], help: "top_k in evaluation", aliases: ["val_kwargs.top_k"], shortIn: { eval: ["top_k"] } },
  { key: "compare_with", section: "evaluation", type: "string", default: "", commands: ["eval"], help: "another model, which is measured too, or the folder of an evaluation: the difference on the problems of both, with its interval", aliases: ["baseline"] },

  { key: "output_dir", section: "checkpoint", type: "string", default: "", required: ["export"], commands: [...measured, "export"], free: true, shortIn: { export: ["output"] }, help: "the folder of a run or an export; unset: a new one under runs/, in eval the same for the same evaluation, which goes on where it stopped", aliases: ["default_local_dir", "trainer.default_local_dir", "log_path"] },
  { key: "save_steps", section: "checkpoint", type: "integer", default: 10, defaultIn: { sft: 100 }, min: 1, max: 1_000_000, unit: "steps", commands: learning, free: true, help: "save a checkpoint every so many steps, after the first step, and at the end", aliases: ["save_freq", "trainer.save_freq", "save_every"] },
  { key: "save_total_limit", section: "checkpoint", type: "integer", default: 2, min: 1, max: 1_000_000, unit: "checkpoints", commands: learning, free: true, help: "keep so many; the oldest goes first", aliases: ["max_actor_ckpt_to_keep", "trainer.max_actor_ckpt_to_keep", "keep_last"] },
  { key: "resume_from_checkpoint", section: "checkpoint", type: "string", default: "", commands: learning, free: true, help: "go on with a run: its folder, or `auto` for the one at output_dir (or the newest), and a new run where there is none", shortIn: { train: ["resume"], sft: ["resume"] }, aliases: ["resume_mode", "resume_from_path", "trainer.resume_from_path"] },
  { key: "format", section: "checkpoint", type: "choice", choices: ["hf", "gguf"], spellings: { huggingface: "hf", safetensors: "hf" }, default: "hf", commands: ["export"], help: "a Hugging Face folder, or one GGUF file for llama.cpp" },
  { key: "dtype", section: "checkpoint", type: "choice", choices: ["auto", "F32", "F16", "BF16", "Q8_0"], spellings: { f32: "F32", float32: "F32", f16: "F16", float16: "F16", bf16: "BF16", bfloat16: "BF16", q8_0: "Q8_0" }, default: "auto", commands: ["export"], help: "as which weights are stored; auto is F32 in hf and F16 in gguf, Q8_0 is for gguf alone", aliases: ["outtype", "torch_dtype"] },
  { key: "adapter", section: "checkpoint", type: "boolean", default: false, commands: ["export"], help: "a run's LoRA adapters alone, as PEFT has them; without it they are merged into their base model" },

  { key: "preset", section: "run", type: "string", default: "", commands: ["train", "eval"], help: "begin from the settings of a published run or benchmark, which `errata presets` prints; what else is set goes before them" },
  { key: "max_steps", section: "run", type: "integer", default: 100, defaultIn: { sft: 0 }, min: 0, max: 100_000_000, unit: "steps", commands: learning, free: true, help: "steps in all; in sft, 0 is as many as num_train_epochs needs", aliases: ["total_training_steps", "trainer.total_training_steps"] },
  { key: "num_train_epochs", section: "run", type: "number", default: 1, min: 0.001, max: 100_000, unit: "passes", commands: ["sft"], free: true, help: "passes over the worked examples", aliases: ["total_epochs", "trainer.total_epochs"] },
  { key: "seed", section: "run", type: "integer", default: 42, min: 0, max: exact, commands: prompting, help: "of everything random", aliases: ["data.seed"] },
  { key: "host", section: "run", type: "string", default: "127.0.0.1", commands: ["serve"], help: "the address of this machine to listen at; any that other machines reach, such as 0.0.0.0, needs api_key" },
  { key: "port", section: "run", type: "integer", default: 8000, min: 0, max: 65535, commands: ["serve"], help: "of that address; 0 is any that is free" },
  { key: "api_key", section: "run", type: "string", default: "", commands: ["serve"], help: "what requests must bring as their bearer token; unset: ERRATA_API_KEY of the environment, which no list of processes shows" },
  { key: "allowed_hosts", section: "run", type: "string", default: "", commands: ["serve"], list: true, help: "names that requests may call this server by, beside localhost and its address; unset: none more on loopback, any elsewhere, where the key guards it" },
  { key: "cors", section: "run", type: "string", default: "", commands: ["serve"], list: true, help: "origins of web pages that may use this server, such as https://app.example; * is every page", aliases: ["allowed_origins"] },
  { key: "threads", section: "run", type: "integer", default: 0, min: 0, max: 1024, unit: "threads", commands: all, free: true, help: "for the arithmetic; 0 is one for each core", aliases: ["num_threads"] },
] as const satisfies readonly OptionRow[];

type Row = (typeof optionTable)[number];

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

/** Every option, resolved. Those a command does not use hold their defaults. */
export type Options = { readonly [R in Row as CamelCase<R["key"]>]: ValueOf<R> };

/** What a caller of the library sets; the rest is the table's. */
export type GivenOptions = Partial<Options>;

export function camelCase(key: string): string {
  return key.replace(/[_.](\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Options that may hold paths, which are taken as shells and Node write them. */
export const pathOptions: ReadonlySet<string> = new Set<Row["key"]>([
  ...(["model", "dataset", "verifier", "objective", "eval_dataset", "eval_dataset_dir"] as const),
  ...(["compare_with", "output_dir", "resume_from_checkpoint"] as const),
]);

/** The rows a command uses, in flow order. */
export function rowsOf(command: Command): readonly OptionRow[] {
  return (optionTable as readonly OptionRow[]).filter((row) => row.commands.includes(command));
}

export function defaultOf(row: OptionRow, command: Command): OptionValue {
  return row.defaultIn?.[command] ?? row.default;
}

/** The flag of a row, without its dashes: `--eval-on-start`, `--resume`. */
export function flagOf(row: OptionRow, command: Command): string {
  return (row.shortIn?.[command]?.[0] ?? row.key).replaceAll("_", "-");
}
