/** Names of options: our own, other trainers', and those that nobody has. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { answerTo } from "../../src/options/foreign-names.ts";
import { aliasesOf, findRow } from "../../src/options/option-names.ts";
import { optionTable } from "../../src/options/options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

const rowOf = (name: string) => findRow("train", name, `--${name}`).row.key;
const errorOf = (name: string) => {
  try {
    findRow("train", name, `--${name}`);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${name} was taken`);
};

test.each([
  ["actor_rollout_ref.actor.optim.lr", "learning_rate"],
  ["actor_rollout_ref.rollout.n", "num_generations"],
  ["actor_rollout_ref.rollout.temperature", "temperature"],
  ["actor_rollout_ref.rollout.val_kwargs.temperature", "eval_temperature"],
  ["actor_rollout_ref.rollout.val_kwargs.n", "eval_num_generations"],
  ["actor_rollout_ref.actor.clip_ratio_high", "epsilon_high"],
  ["actor_rollout_ref.model.path", "model"],
  ["algorithm.filter_groups.enable", "filter_groups.enable"],
  ["algorithm.norm_adv_by_std_in_grpo", "scale_rewards"],
  ["reward_model.overlong_buffer.len", "overlong_buffer.len"],
  ["custom_reward_function.path", "verifier"],
  ["trainer.total_training_steps", "max_steps"],
  ["trainer.save_freq", "save_steps"],
  ["data.train_files", "dataset"],
  ["data.max_response_length", "max_completion_length"],
  ["groupSize", "num_generations"],
  ["maxNewTokens", "max_completion_length"],
  ["reward_funcs", "verifier"],
  ["loss_type", "algorithm"],
])("%s of another trainer is %s here", (name, key) => {
  expect(rowOf(name)).toBe(key);
  expect(findRow("train", name, `--${name}`).note).toBe(`${name} is called ${key} here`);
});

test.each([
  ["per_device_train_batch_size", /prompts_per_step problems × num_generations/],
  ["gradient_accumulation_steps", /micro-batches/],
  ["batch_size", /mini_batch_size/],
  ["use_vllm", /no server/],
  ["trainer.logger", /steps.jsonl/],
  ["logging_steps", /on screen/],
  ["bf16", /float32/],
  ["fp16", /float32/],
  ["device", /no GPU/],
  ["trainer.n_gpus_per_node", /no GPU/],
  ["gradient_checkpointing", /keep_activations/],
  ["algorithm.adv_estimator", /algorithm names/],
  ["kl_coef", /no KL term/],
  ["actor_rollout_ref.actor.use_kl_loss", /no KL term/],
  ["actor_rollout_ref.ref.log_prob_micro_batch_size", /no reference model/],
  ["critic.optim.lr", /no critic/],
  ["mask_truncated_completions", /cut off is wrong/],
  ["epochs", /max_steps/],
  ["total_epochs", /max_steps is the length of a run of train/],
  ["max_length", /max_prompt_length .* max_completion_length/],
  ["early-stopping", /max_empty_steps/],
  ["lora_dropout", /not supported/],
])("%s, which has no counterpart, is answered by what holds here", (name, sentence) => {
  expect(errorOf(name).split("→ ")[1]).toMatch(sentence);
});

describe("a name that nobody has", () => {
  test("is told once, with the option that was meant by a letter or by whole words", () => {
    expect(errorOf("lerning-rate")).toBe(
      "errata train: expected an option of train, got --lerning-rate.\n" +
        "  → Did you mean learning_rate? `errata train --help` lists them all.",
    );
    expect(errorOf("trainer.steps_max")).toMatch(/Did you mean max_steps\?/);
    expect(errorOf("generations")).toMatch(/Did you mean num_generations\?/);
    for (const name of ["actor_rollout_ref.actor.use_foo", "zzzz", "foo.bar"])
      expect(errorOf(name), name).not.toContain("Did you mean");
  });

  test("is told with all others of a command line and of a file", () => {
    const path = join(mkdtempSync(join(tmpdir(), "errata-")), "run.yaml");
    writeFileSync(path, "model: m\ndataset: d\nuse_vllm: true\nnum_generations: 1\nactor: {foo: 1}\n");
    expect(() =>
      resolveOptions("train", { argv: ["--config", path, "--bf16", "--lerning-rate", "1", "zzz=1"] }),
    ).toThrow(/--bf16.*--lerning-rate.*zzz.*use_vllm.*num_generations.*actor\.foo/s);
  });
});

test("no name is ours and another's, or two options', or answered and taken", () => {
  const names = optionTable.flatMap((row) => [row.key as string, ...aliasesOf(row)]);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  expect(names.filter((name) => answerTo(name) !== undefined && !name.includes("."))).toEqual([]);
});
