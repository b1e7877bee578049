/**
 * The tensors of a decoder: their Hugging Face names and shapes, as a config and its family's row have them.
 */
import { architectureOf } from "./architectures.ts";
import type { ModelConfig } from "./config.ts";
import { type LinearLayer, linearLayers, matricesOf } from "./lora.ts";

/** Shapes of one layer's tensors, adapters left out, by the end of their Hugging Face names (after `model.layers.N.`). */
export function layerTensorShapes(c: ModelConfig): Record<string, readonly number[]> {
  const { norms, qkNorm, fused } = architectureOf(c.architecture);
  const q = c.heads * c.headDim;
  const kv = c.kvHeads * c.headDim;
  const outputs: Record<LinearLayer, number> = {
    q_proj: q,
    k_proj: kv,
    v_proj: kv,
    qkv_proj: q + 2 * kv,
    o_proj: c.width,
    gate_proj: c.ffnWidth,
    up_proj: c.ffnWidth,
    gate_up_proj: 2 * c.ffnWidth,
    down_proj: c.width,
  };
  const norm = (name: string | undefined, width: number) => (name ? { [`${name}.weight`]: [width] } : {});
  const matrices = (inputs: number, ...layers: LinearLayer[]) =>
    Object.fromEntries([
      ...layers.map((layer) => [`${linearLayers[layer]}.weight`, [outputs[layer], inputs]]),
      ...layers
        .filter((layer) => c.biases.includes(layer))
        .map((layer) => [`${linearLayers[layer]}.bias`, [outputs[layer]]]),
    ]);
  return {
    ...norm(norms.beforeAttention, c.width),
    ...(fused ? matrices(c.width, "qkv_proj") : matrices(c.width, "q_proj", "k_proj", "v_proj")),
    ...(qkNorm && {
      "self_attn.q_norm.weight": [qkNorm === "head" ? c.headDim : q],
      "self_attn.k_norm.weight": [qkNorm === "head" ? c.headDim : kv],
    }),
    ...matrices(q, "o_proj"),
    ...norm(norms.afterAttention, c.width),
    ...norm(norms.beforeFeedForward, c.width),
    ...(fused ? matrices(c.width, "gate_up_proj") : matrices(c.width, "gate_proj", "up_proj")),
    ...matrices(c.ffnWidth, "down_proj"),
    ...norm(norms.afterFeedForward, c.width),
  };
}

/** The matrices of a model's layers, each of which may have adapters. */
export const linearLayersOf = ({ architecture }: ModelConfig): LinearLayer[] =>
  matricesOf(architectureOf(architecture).fused ?? false);

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
