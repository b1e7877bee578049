import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ggufName } from "../../src/formats/gguf/gguf-layout.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { type NamedTensor, writeSafetensors } from "../../src/formats/safetensors/safetensors-writer.ts";
import { saveModel } from "../../src/formats/save-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import type { ModelConfig } from "../../src/models/config.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { describeShared, golden, goldenModels } from "../shared.ts";
import { refuses, temporaryFile, temporaryFolder, tensorsOf, tinyConfig } from "./files.ts";
import { floats, ggufBytes, type Tensor, type Value } from "./gguf-bytes.ts";

const qwen2: ModelConfig = {
  ...tinyConfig,
  architecture: "qwen2",
  biases: ["q_proj", "k_proj", "v_proj"],
  tiedHead: false,
};
const qwen3: ModelConfig = { ...tinyConfig, architecture: "qwen3", headDim: 6 };

async function saved(config = tinyConfig, tensors = tensorsOf(config)): Promise<string> {
  const folder = temporaryFolder();
  await saveModel(folder, { config, tensors: tensorsOf(config), eosIds: [3] });
  await writeSafetensors(join(folder, "model.safetensors"), tensors);
  return folder;
}

async function readAll(path: string): Promise<Map<string, Float32Array>> {
  const model = await openModel(path);
  const all = new Map<string, Float32Array>();
  for (const name of tensorShapes(model.config).keys()) all.set(name, await model.read(name));
  return all;
}

function edit(folder: string, file: string, change: (json: Record<string, unknown>) => void): void {
  const json = JSON.parse(readFileSync(join(folder, file), "utf8"));
  change(json);
  writeFileSync(join(folder, file), JSON.stringify(json));
}

describe("a model's folder", () => {
  test.each([tinyConfig, qwen2, qwen3])(
    "of $architecture is the same after being saved and opened",
    async (config) => {
      for (const dtype of ["F32", "F16", "BF16"] as const) {
        const folder = temporaryFolder();
        const tokenizer = config === qwen2 ? undefined : undefined;
        await saveModel(folder, { config, tensors: tensorsOf(config), eosIds: [5, 3], dtype, tokenizer });
        const model = await openModel(folder);
        expect(model.config).toEqual(config);
        expect(model.eosIds).toEqual([3, 5]);
        expect(model.tokenizer).toBeUndefined();
        const all = await readAll(folder);
        for (const { name, data } of tensorsOf(config)) expect(all.get(name)).toEqual(data);
      }
    },
  );

  test("holds the tokenizer, and keeps what else the config said", async () => {
    const folder = temporaryFolder();
    const config = { ...tinyConfig, vocabSize: 100 };
    const tokenizer = characterTokenizer([]);
    await saveModel(folder, {
      config,
      tensors: tensorsOf(config),
      eosIds: [0],
      tokenizer,
      original: { configJson: { extra: [1] }, generationJson: { top_k: 20 } },
    });
    const model = await openModel(folder);
    expect(model.configJson.extra).toEqual([1]);
    expect(model.generationJson).toEqual({ top_k: 20, eos_token_id: 0 });
    expect(model.tokenizer?.encode("12")).toEqual(tokenizer.encode("12"));
    expect(model.eosIds).toEqual([0]);
    const small = { ...tinyConfig, vocabSize: 90 };
    await saveModel(folder, { config: small, tensors: tensorsOf(small), eosIds: [0], tokenizer });
    await refuses(openModel(folder), "a tokenizer of at most 90 tokens", String(tokenizer.vocabulary));
  });

  test("refuses to save what is not the whole model", async () => {
    const tensors = tensorsOf(tinyConfig);
    const folder = temporaryFolder();
    await expect(
      saveModel(folder, { config: tinyConfig, tensors: tensors.slice(1), eosIds: [] }),
    ).rejects.toThrow("embed_tokens");
    await expect(saveModel(folder, { config: qwen2, tensors, eosIds: [] })).rejects.toThrow("internal");
  });

  test("ends a text at every id that any of its files names", async () => {
    const folder = await saved();
    edit(folder, "config.json", (json) => void (json.eos_token_id = 7));
    edit(folder, "generation_config.json", (json) => void (json.eos_token_id = [9, 2]));
    const model = await openModel(folder);
    expect(model.eosIds).toEqual([2, 7, 9]);
    edit(folder, "config.json", (json) => void (json.eos_token_id = 40));
    expect((await openModel(folder)).eosIds).toEqual([2, 9]);
    edit(folder, "generation_config.json", (json) => void (json.eos_token_id = -1));
    await refuses(openModel(folder), "eos_token_id", "-1, 40");
    edit(folder, "config.json", (json) => void (json.eos_token_id = "</s>"));
    await refuses(openModel(folder), "config.json", "eos_token_id");
  });

  test("names a tensor that is missing, misshapen or unknown", async () => {
    const all = tensorsOf(tinyConfig);
    const name = "model.layers.1.self_attn.k_proj.weight";
    await refuses(
      openModel(
        await saved(
          tinyConfig,
          all.filter((tensor) => tensor.name !== name),
        ),
      ),
      name,
      "[4, 8]",
    );
    const turned = all.map((tensor) => (tensor.name === name ? { ...tensor, shape: [8, 4] } : tensor));
    await refuses(openModel(await saved(tinyConfig, turned)), name, "[4, 8]", "[8, 4]");
    const extra: NamedTensor = {
      name: "model.layers.0.self_attn.q_proj.bias",
      shape: [8],
      data: new Float32Array(8),
    };
    await refuses(openModel(await saved(tinyConfig, [...all, extra])), extra.name);
    const buffer = { ...extra, name: "model.layers.0.self_attn.rotary_emb.inv_freq" };
    expect((await readAll(await saved(tinyConfig, [...all, buffer]))).size).toBe(all.length);
  });

  test("may hold a copy of a tied head, and nothing else in its place", async () => {
    const all = tensorsOf(tinyConfig);
    const head = { ...all[0], name: "lm_head.weight" };
    expect((await readAll(await saved(tinyConfig, [...all, head]))).size).toBe(all.length);
    const other = { ...head, data: head.data.map((value) => value + 1) };
    await refuses(
      openModel(await saved(tinyConfig, [...all, other])),
      "lm_head.weight",
      "tie_word_embeddings",
    );
  });

  test("names a file that is missing, damaged or cut off", async () => {
    await refuses(openModel(join(temporaryFolder(), "none")), "none", "no such file");
    await refuses(openModel(temporaryFolder()), "config.json");
    const folder = await saved();
    truncateSync(join(folder, "model.safetensors"), 2000);
    await refuses(openModel(folder), "model.safetensors");
    rmSync(join(folder, "model.safetensors"));
    await refuses(openModel(folder), "model.safetensors", "neither");
    writeFileSync(join(folder, "config.json"), "{");
    await refuses(openModel(folder), "config.json", "JSON");
    writeFileSync(join(folder, "config.json"), " ".repeat(2 ** 21));
    await refuses(openModel(folder), "config.json", "bytes");
    await refuses(
      openModel(temporaryFile("model.safetensors", "abcdefghijklmnopqrstuvwxyz")),
      "GGUF",
      "folder",
    );
  });
});

describe("a model in shards", () => {
  async function sharded(change: (index: { weight_map: Record<string, unknown> }) => void = () => {}) {
    const folder = await saved();
    const all = tensorsOf(tinyConfig);
    const shards = {
      "model-00001-of-00002.safetensors": all.slice(0, 9),
      "model-00002-of-00002.safetensors": all.slice(9),
    };
    const weight_map: Record<string, unknown> = {};
    for (const [name, tensors] of Object.entries(shards)) {
      await writeSafetensors(join(folder, name), tensors);
      for (const tensor of tensors) weight_map[tensor.name] = name;
    }
    rmSync(join(folder, "model.safetensors"));
    const index = { metadata: {}, weight_map };
    change(index);
    writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify(index));
    return folder;
  }

  test("reads as if it were one file", async () => {
    expect(await readAll(await sharded())).toEqual(await readAll(await saved()));
  });

  test("never leaves its folder", async () => {
    for (const name of [
      "../model.safetensors",
      "/etc/passwd",
      "a/b.safetensors",
      "..",
      "a\\b.safetensors",
      "x\0.safetensors",
      "",
    ])
      await refuses(
        openModel(await sharded((index) => void (index.weight_map["model.norm.weight"] = name))),
        "index.json",
        "model.norm.weight",
      );
  });

  test("names a shard that is missing, and a tensor that is not where the index says", async () => {
    const lost = await sharded();
    rmSync(join(lost, "model-00002-of-00002.safetensors"));
    await refuses(openModel(lost), "model-00002-of-00002.safetensors", "no such file");
    const moved = (index: { weight_map: Record<string, unknown> }) =>
      void (index.weight_map["model.norm.weight"] = "model-00001-of-00002.safetensors");
    await refuses(openModel(await sharded(moved)), "model.norm.weight", "no such tensor");
    await refuses(openModel(await sharded((index) => void (index.weight_map.x = 3))), "weight_map");
    const twice = await sharded(
      (index) => void (index.weight_map["model.norm.weight"] = "model-3.safetensors"),
    );
    renameSync(join(twice, "model-00002-of-00002.safetensors"), join(twice, "model-3.safetensors"));
    writeFileSync(
      join(twice, "model-00002-of-00002.safetensors"),
      readFileSync(join(twice, "model-3.safetensors")),
    );
    await refuses(openModel(twice), "model.", "in one shard");
    const pipe = await sharded();
    rmSync(join(pipe, "model-00002-of-00002.safetensors"));
    mkdirSync(join(pipe, "model-00002-of-00002.safetensors"));
    await refuses(openModel(pipe), "model-00002-of-00002.safetensors", "regular file");
  });
});

describe("a GGUF model", () => {
  const metadata = (config: ModelConfig): Record<string, Value> => {
    const key = (name: string) => `${config.architecture}.${name}`;
    return {
      "general.architecture": { text: config.architecture },
      [key("block_count")]: { u32: config.layers },
      [key("context_length")]: { u32: config.contextLength },
      [key("embedding_length")]: { u32: config.width },
      [key("feed_forward_length")]: { u32: config.ffnWidth },
      [key("attention.head_count")]: { u32: config.heads },
      [key("attention.head_count_kv")]: { u32: config.kvHeads },
      [key("attention.key_length")]: { u32: config.headDim },
      [key("attention.layer_norm_rms_epsilon")]: { f32: config.rmsEps },
      [key("rope.freq_base")]: { f32: config.rope.theta },
    };
  };

  /** As llama.cpp writes them: renamed, and rows of q and k interleaved in Llama models. */
  function ggufTensors(config: ModelConfig): Tensor[] {
    return tensorsOf(config).map(({ name, shape, data }) => {
      let values = data;
      if (config.architecture === "llama" && /[qk]_proj\.weight$/.test(name)) {
        const [rows, columns] = shape;
        const half = config.headDim / 2;
        values = new Float32Array(data.length);
        for (let row = 0; row < rows; row++) {
          const head = Math.floor(row / config.headDim);
          const [which, place] = [Math.floor((row % config.headDim) / half), row % half];
          const to = head * config.headDim + place * 2 + which;
          values.set(data.subarray(row * columns, (row + 1) * columns), to * columns);
        }
      }
      return { name: ggufName(config.architecture, name), shape, data: floats(values) };
    });
  }
  const made = (config: ModelConfig, more: Record<string, Value> = {}, tensors = ggufTensors(config)) =>
    temporaryFile("model.gguf", ggufBytes({ ...metadata(config), ...more }, tensors));

  test.each([tinyConfig, qwen2, qwen3])("of $architecture has the tensors of its folder", async (config) => {
    const model = await openModel(made(config));
    expect(model.config).toEqual(config);
    expect(model.tokenizer).toBeUndefined();
    const all = await readAll(made(config));
    for (const { name, data } of tensorsOf(config)) expect(all.get(name), name).toEqual(data);
  });

  test("that holds no number is refused when it is read, by the tensor's name", async () => {
    const tensors = tensorsOf(tinyConfig).map(({ name, shape, data }, i) => ({
      name: ggufName(tinyConfig.architecture, name),
      shape,
      data: floats(i === 3 ? data.map((value, at) => (at === 5 ? Number.NaN : value)) : data),
    }));
    const path = made(tinyConfig, {}, tensors);
    await refuses(readAll(path), path, `finite numbers in ${tensorsOf(tinyConfig)[3].name}`, "got NaN");
  });

  test("has Llama 3's rope in its table of divisors", async () => {
    const config: ModelConfig = {
      ...tinyConfig,
      headDim: 64,
      rope: {
        type: "llama3",
        theta: 500000,
        factor: 32,
        lowFreqFactor: 1,
        highFreqFactor: 4,
        originalContextLength: 8192,
      },
    };
    const divisors = Array.from({ length: 32 }, (_, i) => {
      const wavelength = 2 * Math.PI * 500000 ** (i / 32);
      if (wavelength < 8192 / 4) return 1;
      if (wavelength > 8192) return 32;
      const smooth = (8192 / wavelength - 1) / 3;
      return 1 / ((1 - smooth) / 32 + smooth);
    });
    const table = { name: "rope_freqs.weight", shape: [32], data: floats(divisors) };
    const model = await openModel(made(config, {}, [...ggufTensors(config), table]));
    expect(model.config).toEqual(config);
    const other = { ...table, data: floats(divisors.map((divisor) => Math.sqrt(divisor))) };
    await refuses(openModel(made(config, {}, [...ggufTensors(config), other])), "rope_freqs.weight");
    const qwen = { ...config, architecture: "qwen3" } as const;
    await refuses(openModel(made(qwen, {}, [...ggufTensors(qwen), table])), "rope_freqs.weight");
  });

  test("is refused, by name, where it is of another kind or damaged", async () => {
    await refuses(openModel(made(tinyConfig, { "general.architecture": { text: "mamba" } })), "mamba");
    await refuses(openModel(made(tinyConfig, { "llama.expert_count": { u32: 8 } })), "llama.expert_count");
    await refuses(openModel(made(tinyConfig, { "llama.block_count": { text: "2" } })), "llama.block_count");
    await refuses(openModel(made(tinyConfig, { "llama.block_count": { u32: 2 ** 31 } })), "layers");
    await refuses(openModel(made(tinyConfig, { "llama.block_count": { u32: 3 } })), "blk.2.attn_norm.weight");
    await refuses(openModel(made(tinyConfig, { "llama.attention.head_count": { u32: 0 } })), "model.gguf");
    await refuses(openModel(made(tinyConfig, { "llama.rope.scaling.type": { text: "su" } })), "su");
    await refuses(openModel(made(tinyConfig, {}, ggufTensors(tinyConfig).slice(1))), "token_embd.weight");
    const turned = ggufTensors(tinyConfig).map((t) =>
      t.name === "blk.0.ffn_up.weight" ? { ...t, shape: [8, 12] } : t,
    );
    await refuses(openModel(made(tinyConfig, {}, turned)), "blk.0.ffn_up.weight", "[12, 8]", "[8, 12]");
    const bias = { name: "blk.0.attn_q.bias", shape: [8], data: floats(new Float32Array(8)) };
    await refuses(openModel(made(tinyConfig, {}, [...ggufTensors(tinyConfig), bias])), "blk.0.attn_q.bias");
  });

  test("is refused where its tokenizer is damaged or of another kind", async () => {
    const tokenizer = (more: Record<string, Value>) =>
      openModel(
        made(tinyConfig, {
          "tokenizer.ggml.model": { text: "gpt2" },
          "tokenizer.ggml.pre": { text: "smollm" },
          "tokenizer.ggml.tokens": { texts: ["a", "b", "c", "ab", "<e>", "__proto__"] },
          "tokenizer.ggml.merges": { texts: ["a b"] },
          "tokenizer.ggml.token_type": { u32s: [1, 1, 1, 1, 3, 1] },
          "tokenizer.ggml.eos_token_id": { u32: 4 },
          ...more,
        }),
      );
    const model = await tokenizer({ "tokenizer.ggml.eot_token_id": { u32: 2 } });
    expect([...model.tokenizer!.encode("cab<e>")]).toEqual([2, 3, 4]);
    expect(model.eosIds).toEqual([2, 4]);
    expect(model.tokenizer!.vocabulary).toBe(6);
    await refuses(tokenizer({ "tokenizer.ggml.model": { text: "rwkv" } }), "tokenizer.ggml.model", "rwkv");
    // SentencePiece's pieces have scores
    await refuses(tokenizer({ "tokenizer.ggml.model": { text: "llama" } }), "tokenizer.ggml.scores");
    await refuses(
      tokenizer({ "tokenizer.ggml.pre": { text: "constructor" } }),
      "tokenizer.ggml.pre",
      "constructor",
    );
    await refuses(tokenizer({ "tokenizer.ggml.tokens": { u32s: [1] } }), "tokenizer.ggml.tokens");
    await refuses(tokenizer({ "tokenizer.ggml.merges": { texts: ["ab"] } }), "merges", "ab");
    await refuses(
      tokenizer({ "tokenizer.ggml.tokens": { texts: Array.from({ length: 41 }, (_, i) => `${i}`) } }),
      "41",
    );
  });
});

describe.each(goldenModels)("%s", (name) => {
  const path = golden(`models/${name}`);
  test("opens, and is byte for byte the same saved again", async () => {
    const model = await openModel(path);
    expect(model.eosIds).toEqual([JSON.parse(readFileSync(join(path, "config.json"), "utf8")).eos_token_id]);
    expect(model.tokenizer).toBeUndefined();
    const folder = temporaryFolder();
    const all = await readAll(path);
    const tensors = [...tensorShapes(model.config)].map(([name, shape]) => ({
      name,
      shape,
      data: all.get(name)!,
    }));
    await saveModel(folder, {
      config: model.config,
      tensors,
      eosIds: model.eosIds,
      original: model,
    });
    expect(await readAll(folder)).toEqual(all);
    const again = await openModel(folder);
    expect(again.config).toEqual(model.config);
  });
});

describeShared("models/SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2 in GGUF", (path) => {
  test("opens and reads whole", { timeout: 60_000 }, async () => {
    const all = await readAll(path);
    let parameters = 0;
    for (const data of all.values()) parameters += data.length;
    expect(parameters).toBe(134_515_008);
  });
});
