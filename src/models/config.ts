/**
 * What a decoder is made of, read from and written to a Hugging Face config.json.
 *
 * Only what the decoder computes is accepted. A setting that would change the numbers and is not
 * supported is an error here, never a model that runs and is slightly wrong.
 */
import { z } from "zod";
import { ModelError } from "../errors.ts";
import { type Architecture, architectureNames, architectureOf, knownArchitectures } from "./architectures.ts";
import type { Lora } from "./lora.ts";

/** Rotary position embeddings: plain, or with Llama 3's stretched low frequencies. */
export type Rope =
  | { readonly type: "default"; readonly theta: number }
  | {
      readonly type: "llama3";
      readonly theta: number;
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalContextLength: number;
    };

export interface ModelConfig {
  readonly architecture: Architecture;
  readonly vocabSize: number;
  /** D, the width of the residual stream. */
  readonly width: number;
  readonly layers: number;
  /** Query heads. */
  readonly heads: number;
  /** Key and value heads; divides `heads`. */
  readonly kvHeads: number;
  /** Width of one head, even; `heads * headDim` need not be `width`. */
  readonly headDim: number;
  readonly ffnWidth: number;
  readonly rmsEps: number;
  readonly rope: Rope;
  /** The longest sequence, in tokens. */
  readonly contextLength: number;
  /** True where the head is the embedding, transposed. */
  readonly tiedHead: boolean;
  /** True where q, k and v have biases (as Qwen2 has). */
  readonly qkvBias: boolean;
  /** True where q and k are normalised per head (as in Qwen3). */
  readonly qkNorm: boolean;
  /** Adapters beside the matrices, which then stay as they are. They are no part of a config.json. */
  readonly lora?: Lora | undefined;
}

/** Sizes beyond which a config is damaged or hostile: several times the largest published model of these kinds. */
const largest = {
  vocabSize: 2 ** 20,
  width: 2 ** 16,
  layers: 1024,
  heads: 1024,
  kvHeads: 1024,
  headDim: 1024,
  ffnWidth: 2 ** 19,
  contextLength: 2 ** 24,
} satisfies Partial<Record<keyof ModelConfig, number>>;

const count = z.int().min(1);
const positive = z.number().positive().finite();
const flag = z.boolean().nullish();
const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: positive.optional(),
  factor: positive.optional(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  original_max_position_embeddings: count.nullish(),
  partial_rotary_factor: z.number().nullish(),
});
const schema = z.looseObject({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  intermediate_size: count,
  rms_norm_eps: positive.default(1e-6),
  max_position_embeddings: count.default(2048),
  original_max_position_embeddings: count.nullish(),
  rope_theta: positive.nullish(),
  rope_parameters: ropeSchema.nullish(),
  rope_scaling: ropeSchema.nullish(),
  tie_word_embeddings: flag,
  hidden_act: z.string().default("silu"),
  attention_bias: flag,
  mlp_bias: flag,
  use_sliding_window: flag,
  sliding_window: z.number().nullish(),
  max_window_layers: z.number().nullish(),
  layer_types: z.array(z.string()).nullish(),
  partial_rotary_factor: z.number().nullish(),
  quantization_config: z.looseObject({ quant_method: z.string().optional() }).nullish(),
});
type Json = z.infer<typeof schema>;

/**
 * Reads a config.json, in the form of transformers 5 (`rope_parameters`) or older (`rope_theta`,
 * `rope_scaling`).
 *
 * @param where names the file in errors
 * @throws ModelError naming the key that is missing, implausible or not supported
 */
export function parseConfig(json: unknown, where: string): ModelConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ModelError({
      where,
      expected: `a model's config, with a valid ${issue.path.join(".") || "object"}`,
      got: issue.message,
      next: `Is this the config.json of a decoder? It can be ${knownArchitectures}.`,
      cause: parsed.error,
    });
  }
  const raw = parsed.data;
  const architecture = refuseUnsupported(raw, where);
  const family = architectureOf(architecture);
  return checkConfig(
    {
      architecture,
      vocabSize: raw.vocab_size,
      width: raw.hidden_size,
      layers: raw.num_hidden_layers,
      heads: raw.num_attention_heads,
      kvHeads: raw.num_key_value_heads ?? raw.num_attention_heads,
      headDim: raw.head_dim ?? family.headDim ?? Math.floor(raw.hidden_size / raw.num_attention_heads),
      ffnWidth: raw.intermediate_size,
      rmsEps: raw.rms_norm_eps,
      rope: parseRope(raw, where),
      contextLength: raw.max_position_embeddings,
      tiedHead: raw.tie_word_embeddings ?? false,
      qkvBias: family.qkvBias,
      qkNorm: family.qkNorm,
    },
    where,
  );
}

/** Refuses sizes that do not fit together or are out of all proportion. Returns the config. */
export function checkConfig(config: ModelConfig, where: string): ModelConfig {
  for (const [key, most] of Object.entries(largest)) {
    const value = config[key as keyof typeof largest];
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      throw invalid(where, `${key} between 1 and ${most}`, String(value));
  }
  const { heads, kvHeads, headDim, rope } = config;
  if (heads % kvHeads !== 0)
    throw invalid(where, "key-value heads that divide the query heads", `${kvHeads} and ${heads}`);
  if (headDim % 2 !== 0) throw invalid(where, "an even head dimension", String(headDim));
  if (rope.type === "llama3" && rope.highFreqFactor <= rope.lowFreqFactor)
    throw invalid(
      where,
      "high_freq_factor above low_freq_factor",
      `${rope.highFreqFactor}, ${rope.lowFreqFactor}`,
    );
  return config;
}

/**
 * The config.json of a model, readable by transformers 4 and 5.
 *
 * @param original a config.json to keep the other keys of (names, token ids, initialisation)
 */
export function configJson(config: ModelConfig, original: object = {}): Record<string, unknown> {
  const { rope } = config;
  const scaling =
    rope.type === "default"
      ? { rope_type: "default" }
      : {
          rope_type: "llama3",
          factor: rope.factor,
          low_freq_factor: rope.lowFreqFactor,
          high_freq_factor: rope.highFreqFactor,
          original_max_position_embeddings: rope.originalContextLength,
        };
  return {
    ...original,
    architectures: [architectureOf(config.architecture).className],
    model_type: config.architecture,
    vocab_size: config.vocabSize,
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headDim,
    intermediate_size: config.ffnWidth,
    rms_norm_eps: config.rmsEps,
    max_position_embeddings: config.contextLength,
    hidden_act: "silu",
    tie_word_embeddings: config.tiedHead,
    // Version 5 reads the first; version 4 the other two. They say the same.
    rope_parameters: { ...scaling, rope_theta: rope.theta },
    rope_theta: rope.theta,
    rope_scaling: rope.type === "default" ? null : scaling,
  };
}

/** Shapes of one layer's tensors, adapters left out, by the end of their Hugging Face names (after `model.layers.N.`). */
export function layerTensorShapes(c: ModelConfig): Record<string, readonly number[]> {
  const q = c.heads * c.headDim;
  const kv = c.kvHeads * c.headDim;
  return {
    "input_layernorm.weight": [c.width],
    "self_attn.q_proj.weight": [q, c.width],
    "self_attn.k_proj.weight": [kv, c.width],
    "self_attn.v_proj.weight": [kv, c.width],
    ...(c.qkvBias && {
      "self_attn.q_proj.bias": [q],
      "self_attn.k_proj.bias": [kv],
      "self_attn.v_proj.bias": [kv],
    }),
    ...(c.qkNorm && { "self_attn.q_norm.weight": [c.headDim], "self_attn.k_norm.weight": [c.headDim] }),
    "self_attn.o_proj.weight": [c.width, q],
    "post_attention_layernorm.weight": [c.width],
    "mlp.gate_proj.weight": [c.ffnWidth, c.width],
    "mlp.up_proj.weight": [c.ffnWidth, c.width],
    "mlp.down_proj.weight": [c.width, c.ffnWidth],
  };
}

/** Every tensor of the model, adapters left out, by its Hugging Face name, with its shape ([out, in] for projections). */
export function tensorShapes(config: ModelConfig): Map<string, readonly number[]> {
  const { vocabSize, width } = config;
  const layer = Object.entries(layerTensorShapes(config));
  const layers = Array.from({ length: config.layers }, (_, n) =>
    layer.map(([part, shape]) => [`model.layers.${n}.${part}`, shape] as const),
  );
  return new Map<string, readonly number[]>([
    ["model.embed_tokens.weight", [vocabSize, width]],
    ...layers.flat(),
    ["model.norm.weight", [width]],
    ...(config.tiedHead ? [] : [["lm_head.weight", [vocabSize, width]] as const]),
  ]);
}

/** Names what a model of this kind would need that the decoder does not do. */
function refuseUnsupported(raw: Json, where: string): Architecture {
  const architecture = architectureNames.find((known) => known === raw.model_type);
  if (!architecture)
    throw unsupported(where, `model_type ${architectureNames.join(", ")}`, `"${raw.model_type}"`);
  const other = raw.architectures?.find((name) => !name.endsWith("ForCausalLM"));
  if (other) throw unsupported(where, "a language model (…ForCausalLM)", other);
  if (raw.hidden_act !== "silu") throw unsupported(where, `hidden_act "silu"`, `"${raw.hidden_act}"`);
  if (raw.attention_bias && !architectureOf(architecture).qkvBias)
    throw unsupported(where, "no attention_bias", "attention_bias true");
  if (raw.mlp_bias) throw unsupported(where, "no mlp_bias", "mlp_bias true");
  if (raw.quantization_config)
    throw unsupported(
      where,
      "plain float weights",
      `quantised by ${raw.quantization_config.quant_method ?? "?"}`,
    );
  const layerType = raw.layer_types?.find((type) => type !== "full_attention");
  if (layerType) throw unsupported(where, "full attention in every layer", layerType);
  const windowed =
    !raw.layer_types && raw.use_sliding_window && (raw.max_window_layers ?? 28) < raw.num_hidden_layers;
  if (windowed && raw.sliding_window != null)
    throw unsupported(where, "full attention in every layer", `sliding_window ${raw.sliding_window}`);
  return architecture;
}

function parseRope(raw: Json, where: string): Rope {
  const rope = raw.rope_scaling ?? raw.rope_parameters ?? {};
  const nested = Object.entries(rope).find(([, value]) => typeof value === "object" && value !== null);
  if (nested) throw unsupported(where, "one rotary embedding for all layers", `one for ${nested[0]}`);
  const theta = rope.rope_theta ?? raw.rope_theta ?? 10000;
  const partial = rope.partial_rotary_factor ?? raw.partial_rotary_factor ?? 1;
  if (partial !== 1) throw unsupported(where, "rotary embeddings over the whole head", `factor ${partial}`);
  const type = rope.rope_type ?? rope.type ?? "default";
  if (type === "default") return { type, theta };
  if (type !== "llama3") throw unsupported(where, `rope_type "default" or "llama3"`, `"${type}"`);
  const { factor, low_freq_factor: lowFreqFactor, high_freq_factor: highFreqFactor } = rope;
  const originalContextLength =
    rope.original_max_position_embeddings ??
    raw.original_max_position_embeddings ??
    raw.max_position_embeddings;
  if (factor === undefined || lowFreqFactor === undefined || highFreqFactor === undefined)
    throw invalid(where, "factor, low_freq_factor and high_freq_factor of rope_type llama3", "fewer");
  return { type, theta, factor, lowFreqFactor, highFreqFactor, originalContextLength };
}

function unsupported(where: string, expected: string, got: string): ModelError {
  return new ModelError({
    where,
    expected,
    got,
    next: `This model is not supported; choose ${knownArchitectures}.`,
  });
}

function invalid(where: string, expected: string, got: string): ModelError {
  return new ModelError({ where, expected, got, next: "The config is damaged; fetch the model again." });
}
