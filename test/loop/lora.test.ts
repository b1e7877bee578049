import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { plan } from "../../src/commands/doctor/plan.ts";
import { openEmbeddedEngine } from "../../src/engine/embedded/embedded-engine.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { openAdapters } from "../../src/formats/peft/adapter-files.ts";
import { openSafetensors } from "../../src/formats/safetensors/safetensors.ts";
import { sft } from "../../src/loop/sft.ts";
import { train } from "../../src/loop/train.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { temporaryFile } from "../models/files.ts";
import { type TinyOptions, tinyRun } from "./tiny.ts";

vi.setConfig({ testTimeout: 240_000 });

const lora = { loraRank: 4, loraAlpha: 8, learningRate: 1e-2, maxSteps: 2 } as const;

const namesIn = async (path: string): Promise<string[]> => {
  const file = await openSafetensors(path);
  return [...file.tensors.keys()];
};

/** The options that `sft` takes of a tiny run's. */
const coldStart = ({ model, dataset, outputDir, threads, saveSteps }: TinyOptions): TinyOptions => ({
  ...{ model: model!, dataset: dataset!, outputDir: outputDir!, threads: threads!, saveSteps: saveSteps! },
  ...{ ...lora, miniBatchSize: 4, warmupSteps: 0 },
});

/** Log-probs of one fixed sequence, by the model that a path stands for. */
async function logps(model: string): Promise<number[]> {
  const engine = await openEmbeddedEngine({ model, threads: 1 });
  const sequence = { prompt: Int32Array.of(5, 9, 11), completion: Int32Array.of(7, 20, 31, 8, 2) };
  const [score] = await engine.score([sequence], 1);
  await engine.close();
  return [...score!.logps];
}

const apart = (a: readonly number[], b: readonly number[]) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe("training with lora_rank", () => {
  test("saves adapters and their optimizer alone, beside the tokenizer, and never the base", async () => {
    const { folder, options } = await tinyRun();
    const events: RunEvent[] = [];
    const { checkpoint } = await train({ ...options, ...lora }, { onEvent: (event) => events.push(event) });
    expect(readdirSync(checkpoint!).sort()).toEqual([
      "adapter_config.json",
      "adapter_model.safetensors",
      "optimizer.safetensors",
      "position.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    const names = await namesIn(join(checkpoint!, "adapter_model.safetensors"));
    expect(names.length).toBe(2 * 7 * 2);
    const moments = await namesIn(join(checkpoint!, "optimizer.safetensors"));
    expect(moments.length).toBe(2 * names.length);
    expect(moments.every((name) => /lora_[AB]\.weight$/.test(name))).toBe(true);
    const checks = events.flatMap((event) => (event.kind === "check" ? [event.name] : []));
    expect(checks).toEqual(expect.arrayContaining(["ratio", "weights", "checkpoint"]));
    expect(apart(await logps(options.model!), await logps(checkpoint!))).toBeGreaterThan(1e-3);
    rmSync(folder, { recursive: true });
  });

  test("goes on from adapters of the same shape, and refuses others by name", async () => {
    const { folder, options } = await tinyRun();
    const first = await sft({ ...coldStart(options), loraTargetModules: "q_proj,up_proj" });
    const before = await openAdapters(first.checkpoint!, openModel);
    expect(before.base.path).toBe(options.model);
    const again = { ...options, ...lora, loraTargetModules: "up_proj,q_proj", model: options.outputDir! };
    const second = await train({
      ...again,
      outputDir: join(folder, "second"),
      learningRate: 1e-7,
      maxSteps: 1,
    });
    const after = await openAdapters(second.checkpoint!, openModel);
    expect(after.base.path).toBe(options.model);
    const b = "model.layers.1.mlp.up_proj.lora_B.weight";
    const [old, now] = [await before.read(b), await after.read(b)];
    expect(old.some((value) => value !== 0)).toBe(true);
    expect(apart([...old], [...now])).toBeLessThan(1e-5);
    expect(now).not.toEqual(old);
    await expect(train({ ...again, outputDir: join(folder, "third"), loraRank: 8 })).rejects.toThrow(
      /expected adapters of rank 8, alpha 8, on q_proj, up_proj, as the options say, got rank 4, alpha 8/,
    );
    rmSync(folder, { recursive: true });
  });

  test("is left behind by lora_rank 0: the merged model is trained whole", async () => {
    const { folder, options } = await tinyRun();
    const first = await sft({ ...coldStart(options), maxSteps: 4 });
    const { loraRank: _, loraAlpha: __, ...whole } = lora;
    const second = await train({
      ...{ ...options, ...whole, model: options.outputDir!, outputDir: join(folder, "second") },
      ...{ learningRate: 1e-9, maxSteps: 1, weightDecay: 0 },
    });
    expect(readdirSync(second.checkpoint!)).toContain("model.safetensors");
    expect(await namesIn(join(second.checkpoint!, "model.safetensors"))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/lora/)]),
    );
    const [base, adapted, merged] = await Promise.all(
      [options.model!, first.checkpoint!, second.checkpoint!].map(logps),
    );
    expect(apart(adapted!, merged!)).toBeLessThan(1e-4);
    expect(apart(adapted!, base!)).toBeGreaterThan(1e-2);
    rmSync(folder, { recursive: true });
  });
});

describe("adapters in an engine", () => {
  test("saved and merged give the log-probs that they gave applied", async () => {
    const { folder, options } = await tinyRun();
    const { checkpoint } = await sft({ ...coldStart(options), maxSteps: 4 });
    const adapters = await openAdapters(checkpoint!, openModel);
    const applied = await openEmbeddedEngine({
      ...{ model: checkpoint!, threads: 1 },
      lora: { ...adapters.lora, seed: 0 },
    });
    const sequence = { prompt: Int32Array.of(5, 9, 11), completion: Int32Array.of(7, 20, 31, 8, 2) };
    const [score] = await applied.score([sequence], 1);
    await expect(applied.load(options.model!)).rejects.toThrow(/adapter_config.json/);
    const config = join(checkpoint!, "adapter_config.json");
    const text = readFileSync(config, "utf8");
    writeFileSync(config, text.replace('"lora_alpha": 8', '"lora_alpha": 9'));
    await expect(applied.load(checkpoint!)).rejects.toThrow(/alpha 8, on .*, got rank 4, alpha 9/);
    cpSync(options.model!, join(folder, "twin"), { recursive: true });
    writeFileSync(config, text.replace(options.model!, join(folder, "twin")));
    await expect(applied.load(checkpoint!)).rejects.toThrow(/trained from another model/);
    writeFileSync(config, text);
    await applied.close();
    expect(apart([...score!.logps], await logps(checkpoint!))).toBeLessThan(1e-4);
    rmSync(folder, { recursive: true });
  });
});

describe("the options of LoRA", () => {
  const given = { model: "m", dataset: "d" };
  const refusal = (more: object) => () => resolveOptions("train", { given: { ...given, ...more } });

  test("take PEFT's names, and refuse what is none or not supported", () => {
    const named = (loraTargetModules: string) =>
      resolveOptions("train", { given: { ...given, loraRank: 8, loraTargetModules } }).options;
    expect(named("q_proj, v_proj").loraTargetModules).toBe("q_proj, v_proj");
    const config = temporaryFile("run.yaml", "lora_rank: 8\nlora_target_modules: [q_proj, v_proj]\n");
    expect(resolveOptions("train", { config, given }).options.loraTargetModules).toBe("q_proj,v_proj");
    expect(refusal({ loraRank: 8, loraTargetModules: "q_proj,lm_head" })).toThrow(
      /all-linear, or some of q_proj/,
    );
    expect(named("").loraTargetModules).toBe("all-linear");
    expect(() => resolveOptions("sft", { given: { dataset: "d", model: "new", loraRank: 8 } })).toThrow(
      /loraRank.*as model is new/,
    );
  });

  test("say what learning rate adapters want, where none was set", () => {
    const notes = (more: object) => resolveOptions("train", { given: { ...given, ...more } }).notes;
    expect(notes({ loraRank: 8 }).join()).toMatch(/learningRate is 0.000001, .*adapters/);
    expect(notes({ loraRank: 8, learningRate: 1e-6 })).toEqual([]);
    expect(notes({})).toEqual([]);
  });

  test("plan moments and gradients of the adapters alone", async () => {
    const { folder, options } = await tinyRun();
    const parts = async (more: object) => {
      const resolved = resolveOptions("train", { given: { ...options, ...more } }).options;
      const { memory, model } = await plan("train", resolved);
      const bytes = (what: string) => memory.find((part) => part.what === what)!.bytes;
      return {
        moments: bytes("AdamW's moments"),
        gradients: bytes("gradients"),
        parameters: model.parameters,
      };
    };
    const [whole, adapters] = [await parts({}), await parts({ loraRank: 4 })];
    // of each layer, rank · (in + out): q and o 32 + 32, k and v 32 + 16, gate, up and down 32 + 64
    const trained = 2 * 4 * (2 * 64 + 2 * 48 + 3 * 96);
    expect(adapters).toEqual({
      moments: 8 * trained,
      gradients: 4 * trained,
      parameters: whole.parameters + trained,
    });
    expect(whole.moments).toBe(8 * whole.parameters);
    rmSync(folder, { recursive: true });
  });
});

test("a run of adapters is named in its folder: options.yaml holds their options", async () => {
  const { folder, options } = await tinyRun();
  await train({ ...options, ...lora, maxSteps: 1 });
  const text = readFileSync(join(options.outputDir!, "options.yaml"), "utf8");
  expect(text).toMatch(/lora_rank: 4\nlora_alpha: 8\nlora_target_modules: all-linear/);
  rmSync(folder, { recursive: true });
});
