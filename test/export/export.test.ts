import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type Exported, exportModel } from "../../src/commands/export/export.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { openSafetensors } from "../../src/formats/safetensors/safetensors.ts";
import { saveModel } from "../../src/formats/save-model.ts";
import { train } from "../../src/loop/train.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import { type TinyOptions, temporaryFolder, tinyRun } from "../loop/tiny.ts";
import { refuses, tensorsOf as tensorsOfConfig, tinyConfig } from "../models/files.ts";
import { familyModels, golden, hasGguf } from "../shared.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const pocket = fileURLToPath(new URL("../../models/pocket", import.meta.url));

function exported(model: string, given: GivenOptions = {}): Promise<Exported> {
  return exportModel({ model, outputDir: join(temporaryFolder(), "out"), threads: 1, ...given });
}

/** The digest of each tensor's bits. */
async function tensorsOf(path: string): Promise<Map<string, string>> {
  const files = await openModel(path);
  const all = new Map<string, string>();
  for (const name of tensorShapes(files.config).keys())
    all.set(
      name,
      createHash("sha256")
        .update(await files.read(name))
        .digest("hex"),
    );
  return all;
}

async function header(folder: string): Promise<Record<string, string>> {
  const file = await openSafetensors(join(folder, "model.safetensors"));
  return Object.fromEntries(
    [...file.tensors].map(([name, { dtype, shape }]) => [name, `${dtype} [${shape}]`]),
  );
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

describe.each(familyModels)("%s", (name) => {
  const path = golden(`models/${name}`);
  test("is a folder as transformers wrote it: bits, keys, shapes and dtypes", async () => {
    const [dtype] = (await openModel(path)).stored;
    const { folder, proof } = await exported(path, { dtype: dtype as "F32" | "BF16" });
    expect(proof).toMatchObject({ bitEqual: true, mean: 0, max: 0, greedy: 4, sameGreedy: 4 });
    expect(await tensorsOf(folder)).toEqual(await tensorsOf(path));
    expect(await header(folder)).toEqual(await header(path));
    const [ours, theirs] = [readJson(folder, "config.json"), readJson(path, "config.json")];
    expect(ours).toMatchObject(theirs);
    expect(readJson(folder, "generation_config.json").eos_token_id).toBe(theirs.eos_token_id);
  });

  test.skipIf(!hasGguf(name)).each(["F32", "F16", "Q8_0"] as const)(
    "is a GGUF file in %s with the log-probs it should have",
    async (dtype) => {
      const { model, proof } = await exported(path, { format: "gguf", dtype });
      expect(model).toMatch(new RegExp(`${name}-${dtype}\\.gguf$`));
      const { stored } = await openModel(path);
      // These bfloat16 are half floats, too
      expect(proof.bitEqual).toBe(dtype === "F32" || (dtype === "F16" && stored.join() === "BF16"));
      expect(proof.mean).toBeLessThanOrEqual(proof.tolerance);
    },
  );
});

describe("the pocket model", () => {
  test("is bit-equal in F16, as which it is stored, with the same tokenizer", async () => {
    const { folder, proof } = await exported(pocket, { dtype: "F16" });
    expect(proof.bitEqual).toBe(true);
    expect(proof.sameGreedy).toBe(proof.greedy);
    expect(await tensorsOf(folder)).toEqual(await tensorsOf(pocket));
    expect(await header(folder)).toEqual(await header(pocket));
    for (const file of ["tokenizer.json", "tokenizer_config.json", "config.json"])
      expect(readJson(folder, file), file).toEqual(readJson(pocket, file));
  });

  test("has a proof with the numbers that the exported weights give", async () => {
    const { folder } = await exported(pocket, { dtype: "BF16" });
    const { sequences, greedy, dtype } = readJson(folder, "proof.json");
    expect(dtype).toBe("BF16");
    expect(sequences[0].logps.length).toBe(sequences[0].tokens.length - 1);
    const { openEmbeddedEngine } = await import("../../src/engine/embedded/embedded-engine.ts");
    const engine = await openEmbeddedEngine({ model: folder, threads: 1 });
    const ids = Int32Array.from(sequences[1].tokens);
    const [{ logps }] = await engine.score([{ prompt: ids.slice(0, 1), completion: ids.slice(1) }], 1);
    await engine.close();
    expect([...logps]).toEqual(sequences[1].logps);
    expect(greedy[0].tokens.length).toBeGreaterThan(0);
  });
});

describe("a run's export", () => {
  let folder: string;
  let options: TinyOptions;
  beforeAll(async () => {
    ({ folder, options } = await tinyRun());
    await train({ ...options, evalDataset: options.dataset!, maxSteps: 4, evalSteps: 2 });
  });

  test("says how it was trained, with intervals, and nothing of this machine's folders", async () => {
    const { folder: out, model } = await exported(options.outputDir!);
    expect(model).toBe(out);
    const card = readFileSync(join(out, "README.md"), "utf8");
    expect(card).toMatch(/^---\nlibrary_name: transformers\n/);
    expect(card).toContain("- nft\n");
    expect(card).toContain("# run\n");
    // as the folder is called that was written, not the run
    expect(card).toContain('AutoModelForCausalLM.from_pretrained("out")');
    expect(card).toContain("By `errata train`: 4 steps.");
    for (const row of [
      /base model +\| +model \|/,
      /data set +\| +problems.jsonl/,
      /learning rate +\| +0.003/,
    ])
      expect(card).toMatch(row);
    const evals = [
      ...card.matchAll(/^\| (\d) +\| +problems \| +12 \|.*% right \(avg@1, T = 1\) \|(.*)\|$/gm),
    ];
    expect(evals.map(([, step]) => step)).toEqual(["0", "2", "4"]);
    expect(evals[0]![0]).toMatch(/\d\.\d \[\d+\.\d, \d+\.\d\] % right/);
    expect(evals[2]![2]).toMatch(/[+-]\d+\.\d \[-?\d+\.\d, -?\d+\.\d\] points/);
    expect(card).toContain("num_generations: 4\n");
    expect(card).toContain("equal bit for bit");
    expect(card).not.toContain(folder);
  });

  test("of a checkpoint knows nothing of what came after it", async () => {
    const checkpoint = join(options.outputDir!, "checkpoints", "step-0002");
    const { folder: out, model } = await exported(checkpoint, { format: "gguf", dtype: "F32" });
    expect(readdirSync(out).sort()).toEqual(["README.md", "proof.json", "run-step-0002-F32.gguf"]);
    expect(model).toBe(join(out, "run-step-0002-F32.gguf"));
    const card = readFileSync(join(out, "README.md"), "utf8");
    expect(card).toContain("2 steps.");
    expect(card).toMatch(/^\| 2 /m);
    expect(card).not.toMatch(/^\| 4 /m);
  });

  test("is refused, with the line, where its records were changed", async () => {
    const copy = join(temporaryFolder(), "copy");
    const { cpSync } = await import("node:fs");
    cpSync(options.outputDir!, copy, { recursive: true });
    writeFileSync(join(copy, "evals.jsonl"), '{"kind":"solve","step":"__proto__"}\n');
    await refuses(exported(copy), "evals.jsonl, line 1");
  });
});

describe("a run of adapters", () => {
  let run: string;
  let options: TinyOptions;
  beforeAll(async () => {
    ({ options } = await tinyRun());
    await train({ ...options, loraRank: 2, loraAlpha: 4, maxSteps: 2 });
    run = options.outputDir!;
  });

  test("is one model, merged, unless adapters are asked for", async () => {
    const { folder, proof } = await exported(run);
    expect(proof.bitEqual).toBe(true);
    expect(Object.keys(await header(folder)).filter((name) => name.includes("lora"))).toEqual([]);
    expect(await tensorsOf(folder)).not.toEqual(await tensorsOf(options.model!));
  });

  test("is a PEFT folder beside the same base model with --adapter", async () => {
    const { folder, proof } = await exported(run, { adapter: true });
    expect(proof.bitEqual).toBe(true);
    const config = readJson(folder, "adapter_config.json");
    expect(config).toMatchObject({
      peft_type: "LORA",
      r: 2,
      lora_alpha: 4,
      base_model_name_or_path: options.model,
    });
    const file = await openSafetensors(join(folder, "adapter_model.safetensors"));
    expect(file.tensors.get("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")?.shape).toEqual(
      [2, 32],
    );
    expect(readFileSync(join(folder, "README.md"), "utf8")).toMatch(
      /library_name: peft[\s\S]*LoRA rank +\| +2 \|/,
    );
    expect(await tensorsOf(folder)).toEqual(await tensorsOf(run.concat("/checkpoints/step-0002")));
  });
});

describe("an export is refused, and leaves nothing,", () => {
  test("where the folder holds something", async () => {
    const outputDir = join(temporaryFolder(), "out");
    mkdirSync(outputDir);
    writeFileSync(join(outputDir, "mine"), "");
    await refuses(exported(pocket, { outputDir }), "holds something", "--output");
    expect(readdirSync(outputDir)).toEqual(["mine"]);
  });

  test("where format, dtype and adapter do not go together", async () => {
    await refuses(exported(pocket, { dtype: "Q8_0", format: "hf" }), "dtype", "--format gguf");
    await refuses(exported(pocket, { adapter: true, format: "gguf" }), "adapter", "hf");
    await refuses(exported(pocket, { outputDir: "x.gguf", format: "gguf" }), "a folder");
    await refuses(exported(join(pocket, "nowhere")), "no file or folder");
  });

  test("where its weights are too large for the dtype, or are no numbers", async () => {
    const made = async (largest: number) => {
      const folder = join(temporaryFolder(), "made");
      const tensors = tensorsOfConfig(tinyConfig);
      const norm = tensors.find(({ name }) => name === "model.norm.weight")!;
      (norm.data as Float32Array)[0] = largest;
      await saveModel(folder, {
        config: tinyConfig,
        tensors,
        eosIds: [],
        tokenizer: undefined,
        dtype: "F32",
      });
      return folder;
    };
    const outputDir = join(temporaryFolder(), "out");
    await refuses(exported(await made(70_000), { outputDir, dtype: "F16" }), "F16 holds", "--dtype BF16");
    expect((await exported(await made(70_000))).proof.bitEqual).toBe(true);
    const damaged = await made(Number.NaN);
    await refuses(exported(damaged, { outputDir }), damaged, "finite numbers in model.norm.weight");
    expect(existsSync(outputDir)).toBe(false);
  });

  test("where a model has no adapters, or is stopped on the way", async () => {
    const parent = temporaryFolder();
    const outputDir = join(parent, "out");
    await refuses(exported(pocket, { outputDir, adapter: true }), "adapter_config.json", "lora_rank");
    const stop = new AbortController();
    const stopped = exportModel(
      { model: pocket, outputDir, threads: 1 },
      { signal: stop.signal, onStage: (text) => text.startsWith("opening") && stop.abort() },
    );
    await expect(stopped).rejects.toThrow("aborted");
    expect(readdirSync(parent)).toEqual([]);
    expect(existsSync(outputDir)).toBe(false);
  });
});
