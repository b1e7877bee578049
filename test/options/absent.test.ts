/** Options that nobody sets: they are absent, or at a default that agrees with what is set. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { objectiveNames } from "../../src/loop/objectives/objectives.ts";
import { algorithmDefaults, algorithmOptions } from "../../src/loop/session/algorithm-options.ts";
import {
  type Command,
  camelCase,
  type OptionRow,
  type OptionValue,
  optionTable,
  rowsOf,
  valueIn,
} from "../../src/options/options.ts";
import { printOptions } from "../../src/options/print-options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

const rows: readonly OptionRow[] = optionTable;
const commands: readonly Command[] = ["train", "sft", "eval", "chat", "export", "serve"];
const needed: Readonly<Record<Command, readonly string[]>> = {
  train: ["model=m", "dataset=d"],
  sft: ["model=new", "dataset=d"],
  eval: ["model=m", "eval_dataset=d"],
  chat: ["model=m"],
  export: ["model=m", "output_dir=o"],
  serve: ["model=m"],
};

const resolve = (command: Command, ...argv: string[]) =>
  resolveOptions(command, { argv: [...needed[command], ...argv] });
const train = (...argv: string[]) => resolve("train", ...argv).options;
const fault = (act: () => unknown): OptionError => {
  try {
    act();
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
};

function inFile(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "errata-")), "run.yaml");
  writeFileSync(path, text);
  return path;
}

describe("an option that nobody sets", () => {
  test("is at a value of its own or undefined, never at an empty text or below its range", () => {
    for (const command of commands) {
      const { options } = resolveOptions(command, { incomplete: true });
      for (const row of rows) {
        const value = valueIn(row, options);
        expect(value, row.key).not.toBe("");
        expect(value, row.key).not.toBe("auto");
        if (typeof value === "number" && row.commands.includes(command))
          expect(value, row.key).toBeGreaterThanOrEqual(row.orZero?.includes(command) ? 0 : row.min!);
      }
    }
  });

  test("is absent again by `auto`, by an empty text, and by YAML's null or an empty text", () => {
    expect(train("epsilon=0.3", "algorithm=grpo", "epsilon=auto").epsilon).toBeUndefined();
    expect(train("keep_activations=true", "keep_activations=auto").keepActivations).toBeUndefined();
    expect(train("system_prompt=Be brief.", "system_prompt=").systemPrompt).toBeUndefined();
    expect(train("--preset", "nft-7b", "--config", inFile("system_prompt:\n")).systemPrompt).toBeUndefined();
    expect(
      train("--preset", "nft-7b", "--config", inFile('system_prompt: ""\n')).systemPrompt,
    ).toBeUndefined();
    expect(train("num_generations=4", "num_generations=auto").numGenerations).toBe(8);
  });

  test("is absent where the field writes 0 for doing without", () => {
    for (const word of ["lora_rank=0", "beta=0.0", "dual_clip=0"])
      expect(train(word)).toMatchObject({ loraRank: undefined, beta: undefined, dualClip: undefined });
  });

  test("is null in options.yaml, which is read back the same", () => {
    const text = printOptions("train", train());
    expect(text).toMatch(/^epsilon: null$/m);
    expect(text).toMatch(/^threads: null$/m);
    expect(resolveOptions("train", { config: inFile(text) }).options).toEqual(train());
  });

  test("says in its row what holds then, or has a default, or the objectives know", () => {
    for (const row of rows) {
      const known = row.default ?? row.unset ?? row.required ?? [...algorithmDefaults(row).values()][0];
      expect(known, row.key).toBeDefined();
    }
  });
});

describe("an empty mapping", () => {
  test("is no value", () => {
    const error = fault(() => resolve("train", "--config", inFile("num_generations: {}\n")));
    expect(error).toMatchObject({ got: "{}", expected: "a whole number from 2 to 4096 (answers)" });
  });
});

describe("an option alone", () => {
  /** Its range's ends, its choices, both truths. */
  const endsOf = (row: OptionRow, command: Command): readonly OptionValue[] => {
    if (row.type === "boolean") return [true, false];
    if (row.type === "choice") return row.choices!;
    if (row.type === "string") return [];
    if (row.type === "date") return ["2000-01-01", "2028-02-29"];
    if (row.type === "json") return ["{}", '{"a":[1]}'];
    return [...(row.orZero?.includes(command) ? [0] : []), row.min!, row.max!];
  };

  test.each(commands)("is taken at both ends of its range by %s, whatever the defaults are", (command) => {
    for (const row of rowsOf(command)) {
      // an algorithm of its own for an option that is one algorithm's
      const reader = row.readBy?.filter((name) => name !== "objective")[0];
      for (const value of endsOf(row, command)) {
        const model = row.key === "lora_rank" ? ["model=m"] : [];
        const words = [
          `${row.key}=${value}`,
          ...model,
          ...(reader === undefined ? [] : [`algorithm=${reader}`]),
        ];
        expect(() => resolve(command, ...words), words.join(" ")).not.toThrow();
        expect(valueIn(row, resolve(command, ...words).options), words.join(" ")).toBe(value);
      }
    }
  });

  test("moves the defaults that must agree with it", () => {
    expect(train("prompts_per_step=2")).toMatchObject({ promptsPerStep: 2, miniBatchSize: 2 });
    expect(train("mini_batch_size=32")).toMatchObject({ promptsPerStep: 32, miniBatchSize: 32 });
    expect(train()).toMatchObject({ promptsPerStep: 16, miniBatchSize: 4 });
    const sft = (...argv: string[]) => resolve("sft", ...argv).options;
    expect(sft()).toMatchObject({ hiddenSize: 192, numAttentionHeads: 6, numKeyValueHeads: 2 });
    expect(sft("hidden_size=100")).toMatchObject({ numAttentionHeads: 5, numKeyValueHeads: 1 });
    expect(sft("num_attention_heads=5")).toMatchObject({ hiddenSize: 160, numKeyValueHeads: 1 });
    expect(sft("num_key_value_heads=4")).toMatchObject({ hiddenSize: 192, numAttentionHeads: 4 });
    expect(resolve("export", "dtype=Q8_0").options.format).toBe("gguf");
  });

  test("does not move what else is set", () => {
    expect(fault(() => train("prompts_per_step=2", "mini_batch_size=4")).where).toMatch(/^mini_batch_size/);
    expect(
      fault(() => train("algorithm=grpo", "overlong_buffer=true", "overlong_buffer.len=300")).expected,
    ).toMatch(/at most max_completion_length \(256\)/);
  });
});

describe("an option of some algorithms", () => {
  test.each(objectiveNames)("is in the table what %s reads", (name) => {
    const reads = rows.filter((row) => row.readBy?.includes(name)).map(({ key }) => key);
    const takes = rows.filter((row) => row.readBy !== undefined && algorithmDefaults(row).has(name));
    const ofAdvantages = ["reward_std", "overlong_buffer.enable", "overlong_buffer.len"];
    const more = [...ofAdvantages, "overlong_buffer.penalty_factor"];
    expect(reads.filter((key) => !more.includes(key))).toEqual(takes.map(({ key }) => key));
  });

  test("is refused with another one, which is told what it reads", () => {
    const error = fault(() => train("algorithm=grpo", "--neg-weight", "0.5"));
    expect(error.message).toBe(
      "neg_weight (--neg-weight): expected an option that grpo reads, got neg_weight, which is read by nft and naive.\n" +
        "  → neg_weight: weight of wrong answers. grpo reads scale_rewards, reward_std, overlong_buffer.enable, " +
        "overlong_buffer.len, overlong_buffer.penalty_factor, importance_sampling_level, epsilon, epsilon_high and dual_clip.",
    );
    for (const [algorithm, word] of [
      ["nft", "epsilon_high=0.28"],
      ["nft", "epsilon=0.1"],
      ["nft", "dual_clip=3"],
      ["nft", "rpo_alpha=1"],
      ["nft", "scale_rewards=none"],
      ["rft", "clamp_negative=0.1"],
      ["cispo", "dual_clip=3"],
      ["dpo", "overlong_buffer=true"],
    ] as const)
      expect(fault(() => train(`algorithm=${algorithm}`, word)).expected, word).toContain(
        `an option that ${algorithm} reads`,
      );
  });

  test("is refused with an objective of one's own, whose columns alone have options", () => {
    expect(train("objective=./mine.ts", "scale_rewards=none", "loss_agg=token-mean")).toMatchObject({
      scaleRewards: "none",
    });
    expect(fault(() => train("objective=./mine.ts", "neg_weight=0.5")).expected).toBe(
      "an option that ./mine.ts, an objective of one's own reads",
    );
  });

  test("all that are not read are told at once", () => {
    const { message } = fault(() =>
      train("algorithm=grpo", "neg_weight=0.5", "beta=0.1", "prompt_template=x"),
    );
    expect(message).toMatch(/neg_weight.*beta.*prompt_template/s);
  });

  test("gives way in a preset whose algorithm is changed", () => {
    const { options, passedOver } = resolve("train", "--preset", "nft-7b", "algorithm=grpo");
    expect(options).toMatchObject({ algorithm: "grpo", negWeight: undefined, lossScaleFactor: 1000 });
    expect(passedOver).toEqual(
      ["normalize", "neg_weight", "clamp_negative", "importance_sampling_level"].filter(
        (key) => !rows.find((row) => row.key === key)!.readBy!.includes("grpo"),
      ),
    );
  });

  test("has in the end the value that was set, or the algorithm's own", () => {
    expect(Object.fromEntries(algorithmOptions(train("algorithm=gspo", "epsilon=0.1")))).toEqual({
      algorithm: "gspo",
      scale_rewards: "group",
      reward_std: "sample",
      "overlong_buffer.enable": false,
      "overlong_buffer.penalty_factor": 1,
      importance_sampling_level: "sequence",
      epsilon: 0.1,
      epsilon_high: 4e-4,
      dual_clip: 0,
      loss_agg: "seq-mean-token-mean",
      loss_scale_factor: 1000,
    });
  });
});

test("no key of the options is one that the table lacks", () => {
  expect(Object.keys(train()).sort()).toEqual(rows.map(({ key }) => camelCase(key)).sort());
});
