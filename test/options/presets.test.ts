import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { presets } from "../../src/options/presets.ts";
import { presetYaml } from "../../src/options/print-options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

const argv = ["--model", "m", "--dataset", "d.jsonl"];

describe("a preset", () => {
  test.each(presets.map(({ name }) => name))("%s is the same from its name and from its file", (name) => {
    const preset = presets.find((each) => each.name === name)!;
    // a benchmark brings its data sets
    const model = preset.command === "eval" ? argv.slice(0, 2) : argv;
    const path = join(mkdtempSync(join(tmpdir(), "errata-")), "preset.yaml");
    writeFileSync(path, presetYaml(preset));
    const named = resolveOptions(preset.command, { argv: [...model, "--preset", name] });
    const read = resolveOptions(preset.command, { argv: model, config: path });
    expect(named.options).toEqual({ ...read.options, preset: name });
    expect(named.options).toMatchObject(preset.options);
    expect(named.notes).toEqual([]);
  });

  test("has the paper's hyper-parameters: 512 problems, 16 answers, 16 updates a step", () => {
    const { options } = resolveOptions("train", { argv: [...argv, "preset=nft-7b"] });
    expect(options.promptsPerStep / options.miniBatchSize).toBe(16);
    expect(options).toMatchObject({
      promptsPerStep: 512,
      numGenerations: 16,
      learningRate: 1e-6,
      clampNegative: 1,
      normalize: "dr_grpo",
    });
  });

  test("gives way to what else is set, before it or after, typed or in a file", () => {
    const path = join(mkdtempSync(join(tmpdir(), "errata-")), "mine.yaml");
    writeFileSync(path, "preset: dapo-7b\nnum_generations: 4\n");
    const { options, places } = resolveOptions("train", {
      argv: ["prompts_per_step=8", ...argv, "mini_batch_size=2", "--config", path],
    });
    expect(options).toMatchObject({
      promptsPerStep: 8,
      miniBatchSize: 2,
      numGenerations: 4,
      epsilonHigh: 0.28,
    });
    expect(places.get("epsilon_high")).toBe("preset dapo-7b");
  });

  test("that there is not is an error that lists them", () => {
    expect(() => resolveOptions("train", { argv: [...argv, "preset=nft-8b"] })).toThrow(/nft-7b, nft-32b/);
  });

  test("belongs to the command it is of", () => {
    expect(() => resolveOptions("train", { argv: [...argv, "preset=paper"] })).toThrow(/dpo-7b, got paper/);
    expect(() => resolveOptions("eval", { argv: [...argv, "preset=nft-7b"] })).toThrow(/one of paper, got/);
  });
});

describe("options of an objective", () => {
  const train = (...more: string[]) => resolveOptions("train", { argv: [...argv, ...more] });

  test("that would be a KL term's are refused: there is none", () => {
    expect(() => train("beta=0.04", "algorithm=grpo")).toThrow(/no KL term/);
    expect(train("beta=0", "algorithm=grpo").options.beta).toBeUndefined();
    expect(train("beta=0.02", "algorithm=dpo").options.beta).toBe(0.02);
  });

  test("take verl's words for how losses are averaged and rewards scaled", () => {
    const { options } = train(
      "algorithm=grpo",
      "loss_agg_mode=seq-mean-token-sum-norm",
      "norm_adv_by_std_in_grpo=false",
    );
    expect(options).toMatchObject({ lossAgg: "token-sum", scaleRewards: "none" });
  });
});
