import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openGguf } from "../../src/formats/gguf/gguf.ts";
import { ggufRefusal } from "../../src/formats/gguf/gguf-hyperparameters.ts";
import { quantTypes, writtenTypes } from "../../src/formats/gguf/gguf-quants.ts";
import { type GgufType, saveGguf } from "../../src/formats/gguf/save-gguf.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { openTokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import type { ModelConfig } from "../../src/models/config.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { describeShared, golden, goldenConfig, goldenModels, hasGguf } from "../shared.ts";
import { refuses, temporaryFolder, tensorsOf, tinyConfig } from "./files.ts";

const qwen2: ModelConfig = {
  ...tinyConfig,
  architecture: "qwen2",
  biases: ["q_proj", "k_proj", "v_proj"],
  tiedHead: false,
};
const qwen3: ModelConfig = { ...tinyConfig, architecture: "qwen3", headDim: 6 };
const llama3: ModelConfig = {
  ...tinyConfig,
  headDim: 8,
  rope: {
    type: "llama3",
    theta: 500_000,
    factor: 32,
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalContextLength: 8192,
  },
};

async function written(config: ModelConfig, type: GgufType = "F32", parts: object = {}): Promise<string> {
  const path = join(temporaryFolder(), "model.gguf");
  const tensors = new Map(tensorsOf(config).map(({ name, data }) => [name, data]));
  const read = async (name: string) => tensors.get(name)!;
  await saveGguf(path, { config, read, eosIds: [], tokenizer: undefined, type, name: "tiny", ...parts });
  return path;
}

describe("a GGUF file", () => {
  test.each([tinyConfig, qwen2, qwen3, llama3])(
    "of $architecture is the same model after being written and opened",
    async (config) => {
      const path = await written(config);
      const model = await openModel(path);
      expect(model.config).toEqual(config);
      for (const { name, data } of tensorsOf(config)) expect(await model.read(name), name).toEqual(data);
    },
  );

  test("keeps a Llama's heads as llama.cpp turns them: halves become even and odd rows", async () => {
    const path = await written(tinyConfig);
    const file = await openGguf(path);
    const { headDim, width } = tinyConfig;
    const q = tensorsOf(tinyConfig).find(({ name }) => name.endsWith("0.self_attn.q_proj.weight"))!.data;
    const turned = await file.read("blk.0.attn_q.weight");
    const row = (data: Float32Array, i: number) => [...data.slice(i * width, (i + 1) * width)];
    for (let i = 0; i < headDim / 2; i++) {
      expect(row(turned, 2 * i)).toEqual(row(q, i));
      expect(row(turned, 2 * i + 1)).toEqual(row(q, i + headDim / 2));
    }
  });

  test("has what llama.cpp asks of it, in the types it asks for", async () => {
    const file = await openGguf(await written(qwen3, "F16"));
    expect(Object.fromEntries(file.metadata)).toMatchObject({
      "general.architecture": "qwen3",
      "general.file_type": 1,
      "qwen3.block_count": 2,
      "qwen3.attention.key_length": 6,
      "qwen3.attention.layer_norm_rms_epsilon": Math.fround(1e-5),
      "tokenizer.ggml.model": "none",
    });
    expect(file.tensors.get("blk.0.attn_q_norm.weight")!.type.name).toBe("F32");
    expect(file.tensors.get("token_embd.weight")!.type.name).toBe("F16");
  });

  test("stores a matrix whose rows are no whole blocks as F16, and the others as Q8_0", async () => {
    const config = { ...tinyConfig, width: 32, headDim: 16, ffnWidth: 24 };
    const file = await openGguf(await written(config, "Q8_0"));
    expect(file.tensors.get("blk.1.attn_q.weight")!.type.name).toBe("Q8_0");
    expect(file.tensors.get("blk.1.ffn_down.weight")!.type.name).toBe("F16");
  });

  test("is refused where llama.cpp could not turn positions as the model does", async () => {
    await refuses(written({ ...llama3, architecture: "qwen3" }), "llama3", "--format hf");
  });
});

describe("Q8_0", () => {
  const { quantise } = writtenTypes.Q8_0;
  const read = (data: Float32Array) =>
    quantTypes.get(writtenTypes.Q8_0.code)!.dequantise(Uint8Array.from(quantise(data)));

  test("is off by at most half a step of each block's largest weight", () => {
    const data = Float32Array.from({ length: 320 }, (_, i) => Math.sin(i * 12.9898) * 10 ** ((i >> 5) - 5));
    const back = read(data);
    for (let block = 0; block < 10; block++) {
      const own = data.slice(block * 32, block * 32 + 32);
      const largest = Math.max(...own.map(Math.abs));
      // half a step, and 127 steps of the half's rounding
      const bound = (largest / 127) * (0.5 + 127 * 2 ** -11) + 2 ** -25 * 127;
      own.forEach((value, i) => {
        expect(Math.abs(value - back[block * 32 + i])).toBeLessThanOrEqual(bound);
      });
    }
  });

  test("rounds halves away from zero, and keeps a block of zeros", () => {
    const data = new Float32Array(64);
    data.set([127, 0.5, -0.5, 1.5, -126.5, 126.49]);
    expect([...read(data).slice(0, 6)]).toEqual([127, 1, -1, 2, -127, 126]);
    expect(read(data).slice(32)).toEqual(new Float32Array(32));
  });
});

describe("a tokenizer of characters in a GGUF file", () => {
  const text = "37+58=?\n Wie groß? 日本 🦉~";
  const tokenizer = characterTokenizer([text]);
  const config = { ...tinyConfig, vocabSize: tokenizer.vocabulary + 3 };

  test("gives the same ids, and the ids it lacks have no text", async () => {
    const model = await openModel(await written(config, "F32", { tokenizer, eosIds: tokenizer.eosIds }));
    const again = model.tokenizer!;
    expect([...again.encode(text)]).toEqual([...tokenizer.encode(text)]);
    expect(again.decode(tokenizer.encode(text))).toBe(text);
    expect([...again.encode(`a<|eos|>b`)]).toEqual([...tokenizer.encode("a<|eos|>b")]);
    expect(model.eosIds).toEqual(tokenizer.eosIds);
    expect(again.decode([config.vocabSize - 1])).toBe("");
  });
});

describeShared("models/SmolLM2-135M-Instruct.Q4_1.gguf", "the GGUF file of SmolLM2", (path) => {
  test("keeps its vocabulary, its cut, its special tokens and its template when it is written again", async () => {
    const original = await openGguf(path);
    const model = await openModel(path);
    const config = { ...tinyConfig, vocabSize: model.config.vocabSize };
    const { tokenizer, eosIds } = model;
    const again = await openGguf(await written(config, "F16", { tokenizer, eosIds }));
    for (const key of ["model", "pre", "tokens", "merges", "token_type", "eos_token_id", "bos_token_id"]) {
      const name = `tokenizer.ggml.${key}`;
      expect(again.metadata.get(name), name).toEqual(original.metadata.get(name));
    }
    expect(again.metadata.get("tokenizer.chat_template")).toBe(
      original.metadata.get("tokenizer.chat_template"),
    );
  });
});

describe("a folder's tokenizer", () => {
  const pocket = new URL("../../models/pocket", import.meta.url).pathname;

  test("of the pocket model can be written", async () => {
    const tokenizer = await openTokenizer(pocket);
    const path = await written({ ...tinyConfig, vocabSize: 98 }, "F32", { tokenizer });
    const model = await openModel(path);
    expect([...model.tokenizer!.encode("12*7=?\n")]).toEqual([...tokenizer!.encode("12*7=?\n")]);
  });

  test("that cuts text in a way without a name is refused with the way out", async () => {
    const own = characterTokenizer([]);
    const file = own.files.tokenizer as { model: object };
    const odd = {
      ...own,
      files: { ...own.files, tokenizer: { ...file, pre_tokenizer: { type: "Whitespace" } } },
    };
    await refuses(written({ ...tinyConfig, vocabSize: 98 }, "F32", { tokenizer: odd }), "--format hf");
  });
});

test.each(["single_word", "lstrip", "rstrip"])(
  "a token with %s, which GGUF cannot say, is refused",
  async (rule) => {
    const own = characterTokenizer([]);
    const file = own.files.tokenizer as { added_tokens: object[] };
    const added_tokens = [...file.added_tokens, { id: 95, content: "<x>", special: false, [rule]: true }];
    const odd = { ...own, files: { ...own.files, tokenizer: { ...file, added_tokens } } };
    await refuses(
      written({ ...tinyConfig, vocabSize: 98 }, "F32", { tokenizer: odd }),
      "<x>",
      rule,
      "--format hf",
    );
  },
);

describe("of the golden models", () => {
  test.each(goldenModels.filter(hasGguf))("%s is bit-equal after a way through F32 GGUF", async (name) => {
    const model = await openModel(golden(`models/${name}`));
    const { config, tokenizer, eosIds } = model;
    const path = join(temporaryFolder(), "model.gguf");
    await saveGguf(path, { config, tokenizer, eosIds, type: "F32", name, read: model.read });
    const again = await openModel(path);
    // A Mistral without windows is a Llama to llama.cpp
    const architecture = config.architecture === "mistral" ? "llama" : config.architecture;
    expect(again.config).toEqual({ ...config, architecture });
    for (const tensor of tensorShapes(config).keys())
      expect(
        Buffer.from((await again.read(tensor)).buffer).equals(Buffer.from((await model.read(tensor)).buffer)),
        tensor,
      ).toBe(true);
  });

  test("those that llama.cpp would compute otherwise are refused, with what they have", () => {
    const refused = goldenModels.filter((name) => !hasGguf(name));
    const why = refused.map((name) => [name, ggufRefusal(goldenConfig(name))!.got]);
    expect(Object.fromEntries(why)).toEqual({
      "gemma3_text-layers": "sliding windows elsewhere",
      "llama-dynamic": `rope_type "dynamic"`,
      "ministral-tiny": "ministral",
      "mistral-tiny": "sliding windows elsewhere",
      "olmo3-tiny": "olmo3",
      "phi3-tiny": "sliding windows elsewhere",
      "qwen2-yarn": "sliding windows elsewhere",
      "qwen3-biased": "q_proj, k_proj, v_proj, o_proj",
      "seed_oss-biased": "o_proj, gate_proj, up_proj, down_proj",
      "smollm3-window": "sliding windows elsewhere",
    });
  });
});
