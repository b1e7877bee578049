/**
 * The families of decoders, one row each: what a family's config.json leaves unsaid, under which names it says
 * what is its own, and how llama.cpp stores it.
 *
 * A family that differs from these in what a row says is one more row; docs/extending.md has the steps.
 */
import type { LinearLayer } from "./lora.ts";

/** The tensor of each RMSNorm of a layer, by where it stands; a place that is left out has none. */
export interface NormPlaces {
  readonly beforeAttention?: string;
  /** Of what attention adds to the residual stream. */
  readonly afterAttention?: string;
  readonly beforeFeedForward?: string;
  /** Of what the feed-forward part adds to the residual stream. */
  readonly afterFeedForward?: string;
}

/** What a gate goes through; each name that config.json's `key` has for it, the one that is written first. */
export interface Activation {
  readonly of: "silu" | "geluTanh";
  readonly key: "hidden_act" | "hidden_activation";
  readonly names: readonly string[];
}

/** Biases of some matrices: as the key of config.json says, or `otherwise` where it is absent or there is no key. */
export interface BiasRule {
  readonly of: readonly LinearLayer[];
  readonly key?: string;
  readonly otherwise: boolean;
}

/** Of what is multiplied: embeddings, what is added to the residual stream, attention scores, logits. */
export type Scale = "embedding" | "residual" | "attention" | "logits";

/** A factor: the number under a key of config.json, to a power; without a key, the model's width. */
export interface ScaleRule {
  readonly key?: string;
  readonly otherwise?: number;
  readonly power: number;
}

/** What may be held between two bounds by cap · tanh(x / cap). */
export type Capped = "scores" | "logits";

/** config.json's keys of the caps. */
export const capKeys = {
  scores: "attn_logit_softcapping",
  logits: "final_logit_softcapping",
} as const satisfies Record<Capped, string>;

/** What is read of a config.json to know which layers see a window only. */
export interface SlidingKeys {
  readonly max_window_layers?: number | null | undefined;
  readonly sliding_window_pattern?: number | null | undefined;
}

/** Layers that see a window of tokens, themselves included. */
export interface SlidingRule {
  /** The window where config.json has no key `sliding_window`; null there is no window. */
  readonly window?: number;
  /** They are off unless `use_sliding_window` is true. */
  readonly switched?: boolean;
  /** `layer_types` may say which they are. */
  readonly byType?: boolean;
  /** Which they are where `layer_types` does not say. @param turns  whether positions are turned in it */
  readonly slides: (layer: number, keys: SlidingKeys, turns: boolean) => boolean;
  /** Where the base of rotary embeddings of their own stands; left out, they turn as the others do. */
  readonly theta?: { readonly key: "rope_local_base_freq" | "rope_theta"; readonly otherwise: number };
}

export interface GgufRow {
  /** `general.architecture`, where it is not config.json's `model_type`. */
  readonly name?: string;
  /** Rows of q and k stand by neighbours, as llama.cpp turns them: even rows are a head's first half. */
  readonly neighbours?: boolean;
  /** Llama 3's divisors of the frequencies may lie in the file, and may be written. */
  readonly frequencyDivisors?: boolean;
  /** Names of norms that are not llama.cpp's usual ones. */
  readonly norms?: NormPlaces;
  /** Matrices whose biases, which a key of config.json turns on, may be there. */
  readonly biases?: readonly LinearLayer[];
  /** Keys of the family's scales. */
  readonly scales?: Readonly<Partial<Record<Scale, string>>>;
  /** Every n-th layer sees everything, the others the window that the file says. */
  readonly fullEvery?: number;
}

export interface ArchitectureRow {
  /** For people. */
  readonly title: string;
  /** transformers' class, as config.json's `architectures` has it. */
  readonly className: string;
  /** Where config.json is silent. */
  readonly defaults?: {
    /** Else hidden size / heads. */
    readonly headDim?: number;
    /** Else 10000. */
    readonly theta?: number;
    /** Else the head is its own. */
    readonly tiedHead?: boolean;
    /** Else 1e-6. */
    readonly rmsEps?: number;
    /** `original_max_position_embeddings`, which stands outside the rope's own keys then. */
    readonly originalContextLength?: number;
  };
  /** q, k and v are one matrix, gate and up another. */
  readonly fused?: boolean;
  /** Left out: silu, under `hidden_act`. */
  readonly activation?: Activation;
  readonly biases: readonly BiasRule[];
  readonly norms: NormPlaces;
  /** Every norm multiplies by 1 + its weight. */
  readonly onePlusNorms?: boolean;
  /** q and k are normalised before they are turned: each head by itself, or all heads of a token as one row. */
  readonly qkNorm?: "head" | "row";
  /** Every n-th layer does not turn positions, where `no_rope_layers` does not say which. */
  readonly noRopeInterval?: number;
  readonly sliding?: SlidingRule;
  /** Positions may turn a part of each head: `partial_rotary_factor`. */
  readonly partialRotary?: boolean;
  readonly scales?: Readonly<Partial<Record<Scale, ScaleRule>>>;
  /** What may be capped, with the cap where config.json is silent; null: none. */
  readonly caps?: Readonly<Record<Capped, number | null>>;
  /** Left out: no GGUF file of this family is read or written. */
  readonly gguf?: GgufRow;
}

const qkv = ["q_proj", "k_proj", "v_proj"] as const;
const attentionBias: BiasRule = { of: [...qkv, "o_proj"], key: "attention_bias", otherwise: false };
const mlpBias: BiasRule = { of: ["gate_proj", "up_proj", "down_proj"], key: "mlp_bias", otherwise: false };

/** Before attention and before the feed-forward part. */
const before: NormPlaces = {
  beforeAttention: "input_layernorm",
  beforeFeedForward: "post_attention_layernorm",
};
/** Of what is added to the residual stream. */
const after: NormPlaces = {
  afterAttention: "post_attention_layernorm",
  afterFeedForward: "post_feedforward_layernorm",
};

const around: NormPlaces = {
  beforeAttention: "input_layernorm",
  afterAttention: "post_attention_layernorm",
  beforeFeedForward: "pre_feedforward_layernorm",
  afterFeedForward: "post_feedforward_layernorm",
};

export const silu: Activation = { of: "silu", key: "hidden_act", names: ["silu"] };
const geluTanh: Activation = {
  of: "geluTanh",
  key: "hidden_activation",
  names: ["gelu_pytorch_tanh"],
};
/** What all Gemmas have. */
const gemma = {
  defaults: { headDim: 256, tiedHead: true },
  biases: [attentionBias],
  onePlusNorms: true,
} as const;
const gemmaScales = {
  embedding: { power: 0.5 },
  attention: { key: "query_pre_attn_scalar", otherwise: 256, power: -0.5 },
} as const;

/** Qwen's: the first layers see everything. */
const lastLayers: SlidingRule = {
  window: 4096,
  switched: true,
  byType: true,
  slides: (layer, { max_window_layers }) => layer >= (max_window_layers ?? 28),
};

/** By config.json's `model_type`, which is GGUF's `general.architecture` too, unless a row has another. */
const architectures = {
  llama: {
    title: "Llama",
    className: "LlamaForCausalLM",
    biases: [attentionBias, mlpBias],
    norms: before,
    gguf: { neighbours: true, frequencyDivisors: true, biases: [...attentionBias.of, ...mlpBias.of] },
  },
  mistral: {
    title: "Mistral",
    className: "MistralForCausalLM",
    biases: [],
    norms: before,
    sliding: { window: 4096, slides: () => true },
    gguf: { name: "llama", neighbours: true },
  },
  ministral: {
    title: "Ministral",
    className: "MinistralForCausalLM",
    biases: [],
    norms: before,
    sliding: { window: 4096, byType: true, slides: () => true },
  },
  qwen2: {
    title: "Qwen2",
    className: "Qwen2ForCausalLM",
    biases: [{ of: qkv, otherwise: true }],
    norms: before,
    sliding: lastLayers,
    gguf: {},
  },
  qwen3: {
    title: "Qwen3",
    className: "Qwen3ForCausalLM",
    defaults: { headDim: 128 },
    biases: [attentionBias],
    norms: before,
    qkNorm: "head",
    sliding: lastLayers,
    gguf: {},
  },
  smollm3: {
    title: "SmolLM3",
    className: "SmolLM3ForCausalLM",
    defaults: { theta: 2_000_000, tiedHead: true },
    biases: [attentionBias, mlpBias],
    norms: before,
    noRopeInterval: 4,
    sliding: { switched: true, byType: true, slides: (_layer, _keys, turns) => !turns },
    gguf: { neighbours: true },
  },
  granite: {
    title: "Granite",
    className: "GraniteForCausalLM",
    biases: [attentionBias, mlpBias],
    norms: before,
    scales: {
      embedding: { key: "embedding_multiplier", otherwise: 1, power: 1 },
      residual: { key: "residual_multiplier", otherwise: 1, power: 1 },
      attention: { key: "attention_multiplier", otherwise: 1, power: 1 },
      logits: { key: "logits_scaling", otherwise: 1, power: -1 },
    },
    gguf: {
      neighbours: true,
      scales: {
        embedding: "embedding_scale",
        residual: "residual_scale",
        attention: "attention.scale",
        logits: "logit_scale",
      },
    },
  },
  olmo2: {
    title: "OLMo 2",
    className: "Olmo2ForCausalLM",
    defaults: { rmsEps: 1e-5 },
    biases: [attentionBias],
    norms: after,
    qkNorm: "row",
    gguf: {},
  },
  olmo3: {
    title: "OLMo 3",
    className: "Olmo3ForCausalLM",
    defaults: { rmsEps: 1e-5, theta: 500_000 },
    biases: [attentionBias],
    norms: after,
    qkNorm: "row",
    sliding: {
      window: 4096,
      byType: true,
      slides: (layer) => (layer + 1) % 4 !== 0,
      theta: { key: "rope_theta", otherwise: 500_000 },
    },
  },
  seed_oss: {
    title: "Seed-OSS",
    className: "SeedOssForCausalLM",
    defaults: { headDim: 128 },
    biases: [
      { of: qkv, key: "attention_bias", otherwise: true },
      { of: ["o_proj"], key: "attention_out_bias", otherwise: false },
      mlpBias,
    ],
    norms: before,
    gguf: { norms: { beforeFeedForward: "post_attention_norm" }, biases: qkv },
  },
  phi3: {
    title: "Phi-3",
    className: "Phi3ForCausalLM",
    defaults: { rmsEps: 1e-5, originalContextLength: 4096 },
    fused: true,
    biases: [],
    norms: before,
    partialRotary: true,
    sliding: { slides: () => true },
    gguf: {},
  },
  gemma: {
    ...gemma,
    title: "Gemma",
    className: "GemmaForCausalLM",
    // Files of the first version say gelu and mean this.
    activation: { of: "geluTanh", key: "hidden_act", names: ["gelu_pytorch_tanh", "gelu"] },
    norms: before,
    scales: { embedding: gemmaScales.embedding },
    gguf: {},
  },
  gemma2: {
    ...gemma,
    title: "Gemma 2",
    className: "Gemma2ForCausalLM",
    activation: geluTanh,
    norms: around,
    sliding: { window: 4096, byType: true, slides: (layer) => layer % 2 === 0 },
    scales: gemmaScales,
    caps: { scores: 50, logits: 30 },
    gguf: { fullEvery: 2 },
  },
  gemma3_text: {
    ...gemma,
    title: "Gemma 3",
    className: "Gemma3ForCausalLM",
    defaults: { ...gemma.defaults, theta: 1_000_000 },
    activation: geluTanh,
    norms: around,
    qkNorm: "head",
    sliding: {
      window: 4096,
      byType: true,
      slides: (layer, { sliding_window_pattern }) => (layer + 1) % (sliding_window_pattern ?? 6) !== 0,
      theta: { key: "rope_local_base_freq", otherwise: 10_000 },
    },
    scales: gemmaScales,
    caps: { scores: null, logits: null },
    gguf: { name: "gemma3", fullEvery: 6 },
  },
} as const satisfies Record<string, ArchitectureRow>;

export type Architecture = keyof typeof architectures;

export const architectureNames = Object.keys(architectures) as Architecture[];

/** The row of a family. */
export const architectureOf = (name: Architecture): ArchitectureRow => architectures[name];

/** In words, for errors and help: `a Llama, … or Gemma 3`. */
export const knownArchitectures: string = `a ${architectureNames
  .map((name) => architectures[name].title)
  .join(", ")
  .replace(/, ([^,]+)$/, " or $1")}`;
