/**
 * A model's tensors as llama.cpp has them: their names, the order of their rows, and norms that are stored with
 * the 1 that the family adds.
 */
import { type Architecture, architectureOf, type NormPlaces } from "../../models/architectures.ts";
import type { ModelConfig } from "../../models/config.ts";

const whole: Record<string, string> = {
  "model.embed_tokens.weight": "token_embd.weight",
  "model.norm.weight": "output_norm.weight",
  "lm_head.weight": "output.weight",
};
const inLayer: Record<string, string> = {
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.qkv_proj": "attn_qkv",
  "self_attn.o_proj": "attn_output",
  "self_attn.q_norm": "attn_q_norm",
  "self_attn.k_norm": "attn_k_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.gate_up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};
const normAt: Record<keyof NormPlaces, string> = {
  beforeAttention: "attn_norm",
  afterAttention: "post_attention_norm",
  beforeFeedForward: "ffn_norm",
  afterFeedForward: "post_ffw_norm",
};

/** The GGUF name of a tensor with a Hugging Face name. */
export function ggufName(architecture: Architecture, name: string): string {
  const [, layer, part, kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (layer === undefined) return whole[name];
  const { norms, gguf } = architectureOf(architecture);
  const place = (Object.keys(normAt) as (keyof NormPlaces)[]).find((each) => norms[each] === part);
  const own = place === undefined ? inLayer[part] : (gguf?.norms?.[place] ?? normAt[place]);
  return `blk.${layer}.${own}.${kind}`;
}

export const ROPE_DIVISORS = "rope_freqs.weight";
export const SHORT_FACTORS = "rope_factors_short.weight";
export const LONG_FACTORS = "rope_factors_long.weight";

/** True of tensors that a file may hold beside the model's: what they say is in the config. */
export const isDerived = (name: string): boolean =>
  [ROPE_DIVISORS, SHORT_FACTORS, LONG_FACTORS].includes(name);

/** A tensor's values as a file has them, from those of its Hugging Face name. */
export const toGguf = (data: Float32Array, config: ModelConfig, name: string): Float32Array =>
  moved(plus(data, config, name, 1), config, name, (half, within) =>
    within < half ? 2 * within : 2 * (within - half) + 1,
  );

/** The way back. */
export const fromGguf = (data: Float32Array, config: ModelConfig, name: string): Float32Array =>
  moved(plus(data, config, name, -1), config, name, (half, within) => (within >> 1) + (within & 1) * half);

function plus(data: Float32Array, { architecture }: ModelConfig, name: string, one: number): Float32Array {
  const isNorm = name.endsWith("norm.weight");
  return isNorm && architectureOf(architecture).onePlusNorms ? data.map((value) => value + one) : data;
}

/**
 * Rows of q and k, where llama.cpp's rotary embedding turns neighbours: a head's rows 0, 2, 4, … are its first half,
 * rows 1, 3, 5, … its second.
 *
 * @param to  where in its head a row goes
 */
function moved(
  data: Float32Array,
  { architecture, heads, kvHeads, headDim }: ModelConfig,
  name: string,
  to: (half: number, within: number) => number,
): Float32Array {
  const [, letter] = /\.self_attn\.([qk])_proj\.(?:weight|bias)$/.exec(name) ?? [];
  if (!architectureOf(architecture).gguf?.neighbours || letter === undefined) return data;
  const rows = (letter === "q" ? heads : kvHeads) * headDim;
  const columns = data.length / rows;
  const ordered = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headDim;
    const place = row - within + to(headDim / 2, within);
    ordered.set(data.subarray(row * columns, (row + 1) * columns), place * columns);
  }
  return ordered;
}
