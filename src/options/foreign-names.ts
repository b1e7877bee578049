/**
 * Names from configurations of other trainers that have no counterpart here: each is answered by a sentence that says
 * how things are, or what to do instead.
 */

/** Where other trainers group their names: `trainer.save_freq` is `save_freq`. */
export const groups: ReadonlySet<string> = new Set([
  ...["actor_rollout_ref", "actor", "rollout", "data", "trainer", "algorithm", "model", "optim", "train"],
  ...["training_args", "grpo", "sampling", "orchestrator", "algo", "fsdp_config", "generator", "policy"],
]);

/** Groups of which nothing is known here, and why. */
const foreignGroups: Readonly<Record<string, string>> = {
  ref: "There is no KL term and no reference model: leave it out.",
  critic: "There is no critic: an answer's advantage comes from its group. Leave it out.",
  reward_model: "Answers are judged by a verifier, not by a reward model: name one as verifier.",
  ray_init: "It runs in one process on this machine: leave it out.",
  fsdp: "It runs in one process on this machine: leave it out.",
  deepspeed: "It runs in one process on this machine: leave it out.",
};

/** What holds here, and the names that ask about it, with spaces between. */
// biome-ignore format: a table reads by rows
export const sentences: readonly (readonly [sentence: string, names: string])[] = [
  ["A step learns from prompts_per_step problems × num_generations answers, an update from mini_batch_size problems; micro-batches are cut by themselves (micro_batch_tokens) and change no result.",
    "per_device_train_batch_size per_device_eval_batch_size gradient_accumulation_steps batch_size micro_batch_size ppo_micro_batch_size ppo_micro_batch_size_per_gpu log_prob_micro_batch_size log_prob_micro_batch_size_per_gpu train_micro_batch_size_per_gpu generation_batch_size steps_per_generation use_dynamic_bsz log_prob_use_dynamic_bsz log_prob_max_token_len_per_gpu auto_find_batch_size rollout_batch_size val_batch_size global_batch_size num_substeps"],
  ["It runs on this machine's processor, whose cores threads sets: there is no GPU to name, to share or to spare.",
    "device device_map use_cpu no_cuda n_gpus n_gpus_per_node nnodes num_gpus num_nodes tensor_model_parallel_size tensor_parallel_size gpu_memory_utilization vllm_gpu_memory_utilization deepspeed fsdp strategy ddp_backend local_rank param_offload optimizer_offload offload_policy fsdp_size ulysses_sequence_parallel_size sequence_parallel_size"],
  ["All arithmetic is float32; weights are read in any of the usual types and written by errata export --dtype.",
    "bf16 fp16 tf32 precision mixed_precision fp16_full_eval bf16_full_eval load_in_4bit load_in_8bit model_dtype"],
  ["The engine that trains samples too, with the weights it has: no server is needed.",
    "use_vllm vllm_mode vllm_server_host vllm_server_port vllm_server_base_url vllm_tensor_parallel_size vllm_enable_sleep_mode enforce_eager free_cache_engine enable_chunked_prefill max_num_batched_tokens inference_engine use_sglang disable_log_stats load_format"],
  ["report_to writes steps.csv or TensorBoard's event files beside steps.jsonl; nothing is sent anywhere.",
    "logger trackers use_wandb wandb wandb_project wandb_entity wandb_run_name tracker_project_name logging_dir"],
  ["output_dir names the run's folder.", "run_name project_name experiment_name exp_name wandb_name"],
  ["Every step is told on screen and written to steps.jsonl, every answer to rollouts.jsonl.",
    "logging_steps logging_strategy logging_first_step log_level log_freq log_interval disable_tqdm log_completions num_completions_to_print log_val_generations rollout_data_dir validation_data_dir steps_per_report"],
  ["keep_activations says whether the backward pass keeps what it needs (true) or computes it again (false).",
    "gradient_checkpointing enable_gradient_checkpointing gradient_checkpointing_kwargs use_gradient_checkpointing grad_checkpoint"],
  ["algorithm names what is learnt: nft, rft, grpo, dr_grpo, dapo, gspo, cispo, dpo, maxrl, grpo_positive, w_reinforce, nsr or naive.",
    "adv_estimator advantage_estimator policy_loss.loss_mode loss_mode policy_loss_type algo.type"],
  ["There is no KL term and no reference model: leave it out.",
    "kl_coef use_kl_loss kl_loss_coef kl_loss_type use_kl_in_reward kl_ctrl kl_ctrl.type kl_ctrl.kl_coef init_kl_coef kl_penalty kl_penalty_coef kl_target target_kl sync_ref_model ref_model ref_model_mixup_alpha ref_model_sync_steps"],
  ["There is no entropy term: leave it out. steps.jsonl has the entropy.", "entropy_coeff entropy_coef ent_coef entropy_bonus entropy_loss_coef"],
  ["There is no critic and no value loss: an answer's advantage comes from its group.",
    "gamma lam lambda gae_lambda vf_coef value_loss_coef cliprange_value critic critic_warmup"],
  ["epsilon and epsilon_high are the two ends of the clip.", "clip_ratio cliprange clip_range clip_eps eps_clip clip_epsilon"],
  ["An answer that is cut off is wrong, as no answer is in it; overlong_buffer takes reward from those that come near.",
    "mask_truncated_completions apply_overlong_filtering overlong_filtering overlong_filter"],
  ["max_steps is the length of a run of train, num_train_epochs of sft.", "epochs num_epochs n_epochs num_train_steps_per_epoch"],
  ["max_prompt_length bounds a problem's prompt and max_completion_length its answer.",
    "max_length max_seq_length max_seq_len max_model_len context_length seq_length model_max_length max_total_length cutoff_len"],
  ["A run ends at max_steps, or after max_empty_steps with nothing to learn from; evals.jsonl says how good each was.",
    "early_stopping early_stopping_patience patience load_best_model_at_end metric_for_best_model greater_is_better"],
  ["save_steps and eval_steps count steps; there is no other strategy.", "save_strategy eval_strategy evaluation_strategy do_eval do_train"],
  ["AdamW is the optimizer: learning_rate, weight_decay, adam_beta1, adam_beta2 and adam_epsilon are its settings.", "optim optimizer optim_args optim_type betas"],
  ["warmup_steps counts steps.", "warmup_ratio lr_warmup_steps_ratio"],
  ["Problems come in an order made of the seed, each once before any comes again.", "shuffle shuffle_dataset dataloader_num_workers dataloader_drop_last num_proc dataset_num_proc"],
  ["Prompts longer than max_prompt_length are left out, and counted.", "filter_overlong_prompts truncation truncate_prompt filter_overlong_prompts_workers"],
  ["data_fields says which columns are read: problem=COLUMN,answer=COLUMN.",
    "prompt_key reward_fn_key answer_key dataset_text_field text_column prompt_column input_key label_key remove_unused_columns return_raw_chat return_raw_input_ids"],
  ["A set of the hub names its configuration and split itself: owner/name:config/split.", "dataset_config dataset_train_split dataset_test_split dataset_split split subset"],
  ["Answers are judged by a verifier: name one, or the path of a module of your own.", "reward_model reward_model_path reward_weights reward_processing_classes reward_manager"],
  ["A model's own code is never run, and there is one implementation of each layer.",
    "trust_remote_code attn_implementation use_flash_attention_2 flash_attention use_remove_padding use_liger_kernel use_liger torch_compile use_torch_compile use_unsloth use_shm external_lib use_fused_kernels"],
  ["errata export writes a folder that the hub's own tools upload; nothing is uploaded here.", "push_to_hub hub_model_id hub_token hub_strategy hub_private_repo"],
  ["lora_rank alone turns adapters on; lora_alpha and lora_target_modules shape them.", "use_peft use_lora peft_config lora use_rslora lora_task_type"],
  ["Dropout in adapters is not supported: the policy that learns would not be the one that answered. It is 0.", "lora_dropout lora.dropout"],
  ["Sampling has temperature, top_p and top_k.", "min_p repetition_penalty presence_penalty frequency_penalty typical_p"],
  ["A temperature of 0 takes the likeliest token; anything above samples.", "do_sample greedy"],
  ["errata eval measures a model alone.", "val_only eval_only"],
  ["An answer is one turn, without tools.", "multi_turn multi_turn.enable max_turns tools tool_config_path environment env"],
];

const answers = new Map(
  sentences.flatMap(([sentence, names]) => names.split(" ").map((name) => [name, sentence])),
);

/** What to say to a name that other trainers have and this one has not, in lower case; undefined for any other. */
export function answerTo(name: string): string | undefined {
  return answers.get(name) ?? foreignGroups[name.split(".")[0]!];
}
