import { mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { OptionError } from "../../src/errors.ts";
import { objectiveNames } from "../../src/loop/objectives/objectives.ts";
import { aliasesOf } from "../../src/options/option-names.ts";
import {
  type Command,
  camelCase,
  type OptionRow,
  optionTable,
  rowsOf,
  sections,
} from "../../src/options/options.ts";
import { printOptions } from "../../src/options/print-options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

const least = ["--model", "m", "--dataset", "d.jsonl"];
const rows: readonly OptionRow[] = optionTable;

function train(...argv: string[]) {
  return resolveOptions("train", { argv: [...least, ...argv] });
}

function fault(act: () => unknown): OptionError {
  try {
    act();
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

describe("an option that is an object", () => {
  const path = join(mkdtempSync(join(tmpdir(), "errata-")), "run.yaml");
  const json = '{"enable_thinking":false,"style":{"tone":"dry"}}';

  test("is the same as JSON, as a mapping of YAML and as a value of the library", () => {
    writeFileSync(path, "chat_template_kwargs:\n  enable_thinking: false\n  style: { tone: dry }\n");
    const given = { chatTemplateKwargs: { enable_thinking: false, style: { tone: "dry" } } };
    for (const sources of [{ argv: ["--chat-template-kwargs", json] }, { config: path }, { given }])
      expect(resolveOptions("train", { ...sources, incomplete: true }).options.chatTemplateKwargs).toBe(json);
  });

  test("comes back from the options that a run keeps", () => {
    const { options } = train(`chat_template_kwargs=${json}`, "chat_template_date=2026-07-14");
    writeFileSync(path, printOptions("train", options));
    expect(resolveOptions("train", { config: path }).options).toEqual(options);
  });

  test("is no list and no text, and a day is one of the calendar's", () => {
    for (const text of ["[1]", "dry", "3"])
      expect(fault(() => train(`chat_template_kwargs=${text}`)).expected).toMatch(/a JSON object/);
    for (const day of ["2026-02-30", "14.7.2026", "today"])
      expect(fault(() => train(`chat_template_date=${day}`)).expected).toBe("a day, as 2026-07-14");
    expect(fault(() => train("prompt_format=raw", "chat_template_kwargs={}")).expected).toMatch(/^nothing/);
  });
});

describe("an option", () => {
  test("is set by key=value, by --key value, by --key=value and by --kebab-key alike", () => {
    for (const argv of [
      ["learning_rate=1e-5"],
      ["--learning_rate", "1e-5"],
      ["--learning_rate=1e-5"],
      ["--learning-rate", "1e-5"],
      ["--learningRate", "1e-5"],
    ]) {
      expect(train(...argv).options.learningRate, argv.join(" ")).toBe(1e-5);
    }
  });

  test("takes a negative number after its flag as its value", () => {
    expect(fault(() => train("--seed", "-3")).got).toBe('"-3"');
  });

  test("is true when its flag stands alone, and false with --no-", () => {
    expect(train("--eval-on-start").options.evalOnStart).toBe(true);
    expect(train("--no-eval-on-start").options.evalOnStart).toBe(false);
    expect(train("--eval-on-start", "false", "seed=1").options.evalOnStart).toBe(false);
  });

  test("comes from a file, which what is typed overrides", () => {
    const path = join(mkdtempSync(join(tmpdir(), "errata-")), "run.yaml");
    writeFileSync(
      path,
      "seed: 7\nfilter_groups:\n  enable: false\n  max_num_gen_batches: 3\ntemperature: 0.9\n",
    );
    const { options, places } = train("--config", path, "temperature=0.8");
    expect(options).toMatchObject({
      seed: 7,
      filterGroupsEnable: false,
      filterGroupsMaxNumGenBatches: 3,
      temperature: 0.8,
    });
    expect(places.get("seed")).toBe(path);
    expect(places.get("temperature")).toBe("--temperature");
  });

  test("is taken by another tool's name, and the note says its own", () => {
    const { options, notes } = train(
      "--lr",
      "2e-6",
      "--rollout.n",
      "16",
      "train_batch_size=32",
      "normalize=2",
    );
    expect(options).toMatchObject({
      learningRate: 2e-6,
      numGenerations: 16,
      promptsPerStep: 32,
      normalize: "grpo",
    });
    expect(notes).toEqual([
      "lr is called learning_rate here",
      "rollout.n is called num_generations here",
      "train_batch_size is called prompts_per_step here",
    ]);
  });

  test("that holds paths takes them as shells and Node write them", () => {
    const { options } = train(
      "--verifier",
      "file:///a%20b/v.ts",
      "output_dir=~/runs/x",
      "--system-prompt",
      "~/",
    );
    expect(options).toMatchObject({
      verifier: "/a b/v.ts",
      outputDir: join(homedir(), "runs/x"),
      systemPrompt: "~/",
      model: "m",
    });
    const argv = ["--model", "m", "--eval-dataset", "~/a.jsonl", "file:///b.jsonl", "pocket"];
    const evalDataset = [join(homedir(), "a.jsonl"), "/b.jsonl", "pocket"].join(",");
    expect(resolveOptions("eval", { argv }).options).toMatchObject({ evalDataset });
  });

  test("has the command's own default and short name", () => {
    const { options } = resolveOptions("sft", { argv: [...least, "--batch-size", "8"] });
    expect(options).toMatchObject({ learningRate: 1e-4, miniBatchSize: 8, maxSteps: undefined });
    expect(resolveOptions("eval", { argv: [...least, "num_generations=4"] }).options).toMatchObject({
      evalDataset: "d.jsonl",
      evalNumGenerations: 4,
    });
  });
});

describe("an option error", () => {
  test("suggests the name that was meant", () => {
    const error = fault(() => train("--learning-rte", "1"));
    expect(error.message).toBe(
      "errata train: expected an option of train, got --learning-rte.\n" +
        "  → Did you mean learning_rate? `errata train --help` lists them all.",
    );
    expect(fault(() => train("zzzz=1")).next).not.toContain("mean");
  });

  test("names the command an option belongs to", () => {
    expect(fault(() => resolveOptions("sft", { argv: [...least, "--num-generations", "4"] })).got).toBe(
      "--num-generations, which belongs to `train`",
    );
  });

  test("names the value, its place and what the option takes", () => {
    const error = fault(() => train("--num-generations", "1"));
    expect(error.where).toBe("num_generations (--num-generations)");
    expect(error.expected).toBe("a whole number from 2 to 4096 (answers)");
    expect(error.got).toBe('"1"');
    expect(fault(() => train("seed=1.5")).expected).toMatch(/^a whole number/);
    expect(fault(() => train("learning_rate=")).got).toBe('""');
    expect(fault(() => train("learning_rate=NaN")).got).toBe('"NaN"');
    expect(fault(() => train("algorithm=ppo")).expected).toMatch(/^one of nft, rft, grpo/);
    expect(fault(() => train("--eval-on-start=maybe")).expected).toBe("true or false");
  });

  test("comes where a value is missing, a word has no name, or an option must be set", () => {
    expect(fault(() => train("--seed")).got).toBe("nothing");
    expect(fault(() => train("--seed", "--threads", "1")).got).toBe('"--threads"');
    expect(fault(() => train("data.jsonl")).got).toBe('"data.jsonl"');
    expect(fault(() => resolveOptions("train", { argv: ["--model", "m"] })).expected).toMatch(
      /^a data set to learn from: /,
    );
  });

  test("comes where a file is missing, is no YAML, or is a list", () => {
    const folder = mkdtempSync(join(tmpdir(), "errata-"));
    const path = join(folder, "run.yaml");
    expect(fault(() => train("--config", path)).got).toBe("no such file or folder");
    writeFileSync(path, "a: [1");
    expect(fault(() => train("--config", path)).expected).toBe("YAML");
    writeFileSync(path, "- 1\n");
    expect(fault(() => train("--config", path)).got).toBe("a list");
    writeFileSync(path, "learning_rte: 1\n");
    expect(fault(() => train("--config", path)).where).toBe(path);
    writeFileSync(path, "seed: [1]\n");
    expect(fault(() => train("--config", path)).got).toBe("[1]");
  });

  test("comes where a file's alias names what it is part of, and not where one stands elsewhere", () => {
    const path = join(mkdtempSync(join(tmpdir(), "errata-")), "run.yaml");
    for (const [text, name] of [
      ["x: &a {b: *a}", "x.b"],
      ["seed: &a [1, *a]", "seed.1"],
    ]) {
      writeFileSync(path, `${text}\n`);
      expect(fault(() => train("--config", path))).toMatchObject({
        where: path,
        got: `${name}, an alias of what it is part of`,
      });
    }
    writeFileSync(path, "seed: &s 7\nfilter_groups: &f {enable: false}\nmax_empty_steps: *s\n");
    expect(train("--config", path).options).toMatchObject({ seed: 7, maxEmptySteps: 7 });
  });

  test("comes where a second file is named, since neither could go before the other", () => {
    const error = fault(() => train("--config", "a.yaml", "seed=1", "--config=b.yaml"));
    expect(error).toMatchObject({ where: "--config", expected: "one file", got: "a.yaml and b.yaml" });
  });

  test("comes where options contradict each other", () => {
    expect(fault(() => train("mini_batch_size=32", "prompts_per_step=16")).where).toBe(
      "mini_batch_size (--mini_batch_size)",
    );
    expect(fault(() => train("temperature=0")).expected).toBe("a number from 0.000001 to 100");
    expect(fault(() => train("prompt_template=Solve:")).expected).toBe("{problem} somewhere in it");
    expect(fault(() => train("prompt_format=raw", "system_prompt=Be brief")).expected).toMatch(/^nothing/);
    expect(
      fault(() =>
        resolveOptions("sft", {
          argv: ["model=new", "dataset=pocket", "hidden_size=100", "num_attention_heads=6"],
        }),
      ).expected,
    ).toMatch(/^a multiple of 12/);
  });
});

describe("the table", () => {
  test("has each name once, whoever's it is", () => {
    const names = rows.flatMap((row) => [row.key, ...aliasesOf(row)]);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test("is in the order of the flow", () => {
    const places = rows.map((row) => sections.indexOf(row.section));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test("offers the objectives there are", () => {
    expect(rows.find(({ key }) => key === "algorithm")!.choices).toEqual(objectiveNames);
  });

  test.each(["train", "sft", "eval", "chat"] as Command[])("prints what %s reads again", (command) => {
    const dataset = command === "chat" ? [] : ["--dataset", "d.jsonl"];
    const { options } = resolveOptions(command, { argv: ["--model", "a: 'b'\n#c", ...dataset, "seed=5"] });
    const path = join(mkdtempSync(join(tmpdir(), "errata-")), "options.yaml");
    const text = printOptions(command, options);
    writeFileSync(path, text);
    expect(resolveOptions(command, { config: path }).options).toEqual(options);
    expect(Object.keys(parse(text))).toEqual(rowsOf(command).map(({ key }) => key));
  });

  test("gives a caller of the library the same options in camelCase", () => {
    const { options } = resolveOptions("train", { given: { model: "m", dataset: "d", numGenerations: 4 } });
    expect(options.numGenerations).toBe(4);
    expect(resolveOptions("train", { given: options }).options).toEqual(options);
    expect(() =>
      resolveOptions("train", { given: { model: "m", dataset: "d", numGeneration: 4 } as object }),
    ).toThrow(/Did you mean numGenerations/);
  });

  test("has no option that nothing reads", async () => {
    const { readFileSync, readdirSync } = await import("node:fs");
    const source = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith("options.ts"))
      .map((file) => readFileSync(join("src", file), "utf8"))
      .join("\n");
    const unread = rows
      .map(({ key }) => camelCase(key))
      .filter((name) => !new RegExp(`\\b${name}\\b`).test(source));
    expect(unread).toEqual([]);
  });
});
