import { describe, expect, test } from "vitest";
import { type ModelConfig, scaleOf } from "../../src/models/config.ts";
import { configJson, configText, parseConfig } from "../../src/models/config-json.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { refuses, tinyConfig } from "./files.ts";

const llama = {
  model_type: "llama",
  vocab_size: 128256,
  hidden_size: 2048,
  num_hidden_layers: 16,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 8192,
  rms_norm_eps: 1e-5,
  max_position_embeddings: 131072,
  rope_theta: 500000,
  tie_word_embeddings: true,
};
const scaling = {
  factor: 32,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};
const parse = (more: object) => parseConfig({ ...llama, ...more }, "config.json");
const refusesConfig = (more: object, ...words: string[]) =>
  refuses((async () => parse(more))(), "config.json", ...words);

describe("config", () => {
  test("reads the older rope_theta and rope_scaling like the newer rope_parameters", () => {
    const older = parse({ rope_scaling: { ...scaling, rope_type: "llama3" } });
    const newer = parse({
      rope_theta: undefined,
      rope_parameters: { ...scaling, rope_type: "llama3", rope_theta: 500000 },
    });
    expect(older).toEqual(newer);
    expect(older.rope).toEqual({
      type: "llama3",
      theta: 500000,
      factor: 32,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalContextLength: 8192,
    });
    expect(parse({ rope_scaling: { ...scaling, type: "llama3" } })).toEqual(older);
    expect(parse({ rope_scaling: null }).rope).toEqual({ type: "default", theta: 500000 });
  });

  test("takes the head dimension from the width where it is not given", () => {
    expect(parse({}).headDim).toBe(64);
    expect(parse({ head_dim: 96 }).headDim).toBe(96);
    expect(parse({ num_key_value_heads: undefined }).kvHeads).toBe(32);
  });

  test("is the same after being written and read", () => {
    const rope = { type: "llama3", theta: 5e5, factor: 8, lowFreqFactor: 1, highFreqFactor: 4 } as const;
    const configs: ModelConfig[] = [
      tinyConfig,
      { ...tinyConfig, architecture: "qwen2", biases: ["q_proj", "k_proj", "v_proj"], tiedHead: false },
      { ...tinyConfig, architecture: "qwen3", headDim: 6 },
      { ...tinyConfig, rope: { ...rope, originalContextLength: 8192 } },
    ];
    for (const config of configs) {
      const json = JSON.parse(JSON.stringify(configJson(config, { initializer_range: 0.1, vocab_size: 1 })));
      expect(parseConfig(json, "config.json")).toEqual(config);
      expect(json.initializer_range).toBe(0.1);
      const { rope_theta, rope_scaling, ...newer } = json;
      expect(parseConfig(newer, "config.json")).toEqual(config);
      const { rope_parameters, ...older } = json;
      expect(parseConfig(older, "config.json")).toEqual(config);
    }
  });

  test("names what it does not support", async () => {
    await refusesConfig({ model_type: "mamba" }, "mamba", "llama, mistral");
    await refusesConfig({ model_type: "qwen3_moe" }, "qwen3_moe", "a mixture of experts: a router");
    await refusesConfig({ model_type: "qwen3_5_text" }, "qwen3_5_text", "layers of linear attention");
    await refusesConfig({ architectures: ["LlamaForSequenceClassification"] }, "SequenceClassification");
    await refusesConfig({ hidden_act: "gelu" }, "hidden_act", "gelu");
    await refusesConfig({ model_type: "mistral", attention_bias: true }, "attention_bias");
    await refusesConfig({ model_type: "qwen3", mlp_bias: true }, "mlp_bias");
    await refusesConfig({ rope_scaling: { type: "ntk", factor: 4 } }, "ntk");
    await refusesConfig({ rope_parameters: { full_attention: { rope_theta: 1e4 } } }, "full_attention");
    await refusesConfig({ partial_rotary_factor: 0.5 }, "0.5");
    const short = { type: "longrope", short_factor: [1], long_factor: [1] };
    await refusesConfig({ model_type: "phi3", rope_scaling: short }, "short_factor of 32 numbers", "1");
    await refusesConfig({ model_type: "gemma3_text", use_bidirectional_attention: true }, "bidirectional");
    await refusesConfig({ model_type: "gemma2", hidden_activation: "relu" }, "hidden_activation", "relu");
    await refusesConfig({ layer_types: ["full_attention", "sliding_attention"] }, "sliding_attention");
    await refusesConfig({ layer_types: Array(16).fill("chunked_attention") }, "chunked_attention");
    await refusesConfig({ quantization_config: { quant_method: "gptq" } }, "gptq");
  });

  test("accepts a window that no layer uses", () => {
    const window = { sliding_window: 32768, use_sliding_window: false, max_window_layers: 4 };
    expect(parse({ model_type: "qwen2", ...window }).sliding).toBeUndefined();
    expect(
      parse({ model_type: "qwen2", ...window, use_sliding_window: true, max_window_layers: 16 }).layers,
    ).toBe(16);
  });

  test("reads windows, layers that do not turn, biases and scales as the family says them", () => {
    const at = (layers: readonly boolean[] | undefined) =>
      layers?.flatMap((on, layer) => (on ? [layer] : []));
    const mistral = parse({ model_type: "mistral" });
    expect(mistral.sliding).toEqual({ window: 4096, rope: mistral.rope, layers: Array(16).fill(true) });
    expect(parse({ model_type: "mistral", sliding_window: null }).sliding).toBeUndefined();
    const window = { sliding_window: 4096, use_sliding_window: true, max_window_layers: 14 };
    expect(at(parse({ model_type: "qwen2", ...window }).sliding?.layers)).toEqual([14, 15]);
    expect(at(parse({ model_type: "smollm3" }).noRope)).toEqual([3, 7, 11, 15]);
    expect(parse({ model_type: "llama", mlp_bias: true }).biases).toEqual([
      "gate_proj",
      "up_proj",
      "down_proj",
    ]);
    const granite = parse({ model_type: "granite", logits_scaling: 8, attention_multiplier: 0.015625 });
    expect(scaleOf(granite, "logits")).toBe(1 / 8);
    expect(scaleOf(granite, "attention")).toBe(1 / 64);
    expect(scaleOf(parse({}), "attention")).toBe(1 / 8);
  });

  test("reads Gemma 3 and Phi-3 as their first files say them", () => {
    const gemma = parse({
      model_type: "gemma3_text",
      ...{ rope_theta: 1e6, rope_local_base_freq: 1e4, sliding_window: 512, sliding_window_pattern: 6 },
      ...{ rope_scaling: { rope_type: "linear", factor: 8 }, query_pre_attn_scalar: 256 },
      ...{ tie_word_embeddings: undefined, head_dim: undefined, hidden_activation: "gelu_pytorch_tanh" },
    });
    expect(gemma).toMatchObject({ tiedHead: true, headDim: 256, rope: { type: "linear", factor: 8 } });
    expect(gemma.rope.theta).toBe(1e6);
    expect(gemma.sliding).toMatchObject({ window: 512, rope: { type: "default", theta: 1e4 } });
    expect(gemma.sliding?.layers.map((on) => (on ? 1 : 0)).join("")).toBe("1111101111101111");
    expect([scaleOf(gemma, "attention"), scaleOf(gemma, "embedding")]).toEqual([1 / 16, Math.sqrt(2048)]);
    const factors = (first: number) => Array.from({ length: 24 }, (_, i) => first + i);
    const rope_scaling = { type: "su", short_factor: factors(1), long_factor: factors(2) };
    const phi = parse({
      model_type: "phi3",
      rope_scaling,
      partial_rotary_factor: 0.75,
      sliding_window: 2048,
    });
    expect(phi).toMatchObject({ contextLength: 4096, rotaryShare: 0.75, sliding: { window: 2048 } });
    expect(phi.rope).toMatchObject({
      type: "longrope",
      attentionFactor: Math.sqrt(1 + Math.log(32) / Math.log(4096)),
    });
    expect(configJson(phi)).toMatchObject({
      max_position_embeddings: 131072,
      original_max_position_embeddings: 4096,
    });
  });

  test("is written with points in the numbers that transformers takes as floats alone", () => {
    const { caps, ...gemma } = parse({ model_type: "gemma2" });
    expect(caps).toEqual({ scores: 50, logits: 30 });
    const text = configText(configJson({ ...gemma, caps }, { initializer_range: 1 }));
    for (const line of [
      `"final_logit_softcapping": 30.0`,
      `"attn_logit_softcapping": 50.0`,
      `"initializer_range": 1.0`,
    ])
      expect(text).toContain(line);
    expect(parseConfig(JSON.parse(text), "config.json")).toEqual({ ...gemma, caps });
  });

  test("takes a key that holds nothing as absent", () => {
    const rope_parameters = { rope_type: "default", rope_theta: 130_000 };
    expect(parse({ rope_theta: undefined, rope_scaling: {}, rope_parameters }).rope).toEqual({
      type: "default",
      theta: 130_000,
    });
  });

  test("names the family before it misses what only others have", async () => {
    for (const model_type of ["gpt2", "gemma3"])
      await refuses(
        (async () => parseConfig({ model_type }, "config.json"))(),
        `model_type`,
        `"${model_type}"`,
      );
  });

  test("names a size that is missing, no number, or out of all proportion", async () => {
    await refusesConfig({ vocab_size: undefined }, "vocab_size");
    await refusesConfig({ hidden_size: "2048" }, "hidden_size");
    await refusesConfig({ num_hidden_layers: 1e9 }, "layers", "1000000000");
    await refusesConfig({ vocab_size: 2 ** 40 }, "vocabSize");
    await refusesConfig({ intermediate_size: -1 }, "intermediate_size");
    await refusesConfig({ num_key_value_heads: 5 }, "divide", "5 and 32");
    await refusesConfig({ head_dim: 63 }, "even", "63");
    await refusesConfig({ rms_norm_eps: 0 }, "rms_norm_eps");
    await refusesConfig({ rope_scaling: { rope_type: "llama3", factor: 8 } }, "low_freq_factor");
    for (const json of [null, [], 3, "llama", {}])
      await refuses((async () => parseConfig(json, "x.json"))(), "x.json");
  });

  test("lists the biases of Qwen2, the norms of Qwen3, and the head where it is untied", () => {
    const names = (more: Partial<ModelConfig>) => [...tensorShapes({ ...tinyConfig, ...more }).keys()];
    expect(names({})).toHaveLength(2 + 2 * 9);
    expect(names({ biases: ["q_proj", "k_proj", "v_proj"] })).toContain(
      "model.layers.1.self_attn.k_proj.bias",
    );
    expect(names({ architecture: "qwen3" })).toContain("model.layers.1.self_attn.q_norm.weight");
    expect(names({ tiedHead: false })).toContain("lm_head.weight");
    expect(tensorShapes(tinyConfig).get("model.layers.0.self_attn.k_proj.weight")).toEqual([4, 8]);
  });
});
