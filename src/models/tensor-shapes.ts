/**
 * The tensors of a decoder: their Hugging Face names and shapes, as a config and its family's row have them.
 */
import { architectureOf } from "./architectures.ts";
import type { ModelConfig } from "./config.ts";
import { linearLayers } from "./lora.ts";

/** Shapes of one layer's tensors, adapters left out, by the end of their Hugging Face names (after `model.layers.N.`). */
export function layerTensorShapes(c: ModelConfig): Record<string, readonly number[]> {
  const { norms, qkNorm } = architectureOf(c.architecture);
  const q = c.heads * c.headDim;
  const kv = c.kvHeads * c.headDim;
  const outputs: Record<string, number> = {
    q_proj: q,
    k_proj: kv,
    v_proj: kv,
    o_proj: c.width,
    gate_proj: c.ffnWidth,
    up_proj: c.ffnWidth,
    down_proj: c.width,
  };
  const norm = (name: string | undefined, width: number) => (name ? { [`${name}.weight`]: [width] } : {});
  const biases = (of: readonly string[]) =>
    Object.fromEntries(
      c.biases
        .filter((each) => of.includes(each))
        .map((each) => [`${linearLayers[each]}.bias`, [outputs[each]]]),
    );
  return {
    ...norm(norms.beforeAttention, c.width),
    "self_attn.q_proj.weight": [q, c.width],
    "self_attn.k_proj.weight": [kv, c.width],
    "self_attn.v_proj.weight": [kv, c.width],
    ...biases(["q_proj", "k_proj", "v_proj"]),
    ...(qkNorm && {
      "self_attn.q_norm.weight": [qkNorm === "head" ? c.headDim : q],
      "self_attn.k_norm.weight": [qkNorm === "head" ? c.headDim : kv],
    }),
    "self_attn.o_proj.weight": [c.width, q],
    ...biases(["o_proj"]),
    ...norm(norms.afterAttention, c.width),
    ...norm(norms.beforeFeedForward, c.width),
    "mlp.gate_proj.weight": [c.ffnWidth, c.width],
    "mlp.up_proj.weight": [c.ffnWidth, c.width],
    "mlp.down_proj.weight": [c.width, c.ffnWidth],
    ...biases(["gate_proj", "up_proj", "down_proj"]),
    ...norm(norms.afterFeedForward, c.width),
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
