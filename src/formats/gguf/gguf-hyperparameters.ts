/**
 * A config as GGUF's metadata says it, and what it has no way to say.
 */
import { ModelError } from "../../errors.ts";
import {
  architectureNames,
  architectureOf,
  type Capped,
  capKeys,
  type Scale,
} from "../../models/architectures.ts";
import { type ModelConfig, rotaryDim } from "../../models/config.ts";
import { type Rope, yarnAttention } from "../../models/rope.ts";
import type { GgufEntry } from "./gguf-writer.ts";

/** Keys without the family's name, which stands before each. */
export function hyperparameters(config: ModelConfig): Record<string, GgufEntry> {
  const { architecture, rope, sliding, scales, caps } = config;
  const family = architectureOf(architecture);
  const scaleKeys = Object.entries(family.gguf?.scales ?? {}) as [Scale, string][];
  const capped = Object.entries(caps ?? {}) as [Capped, number][];
  const named: Record<string, GgufEntry> = {
    block_count: { u32: config.layers },
    context_length: {
      u32: rope.type === "longrope" ? rope.stretchedContextLength : config.contextLength,
    },
    embedding_length: { u32: config.width },
    feed_forward_length: { u32: config.ffnWidth },
    "attention.head_count": { u32: config.heads },
    "attention.head_count_kv": { u32: config.kvHeads },
    "attention.key_length": { u32: config.headDim },
    "attention.value_length": { u32: config.headDim },
    "attention.layer_norm_rms_epsilon": { f32: config.rmsEps },
    ...(sliding && { "attention.sliding_window": { u32: sliding.window } }),
    "rope.dimension_count": { u32: rotaryDim(config) },
    "rope.freq_base": { f32: rope.theta },
    ...(sliding && family.sliding?.theta && { "rope.freq_base_swa": { f32: sliding.rope.theta } }),
    ...ropeScaling(rope),
    ...Object.fromEntries(scaleKeys.map(([scale, key]) => [key, { f32: scales?.[scale] ?? 1 }])),
    ...Object.fromEntries(capped.map(([what, cap]) => [capKeys[what], { f32: cap }])),
    vocab_size: { u32: config.vocabSize },
  };
  const prefix = family.gguf?.name ?? architecture;
  return Object.fromEntries(Object.entries(named).map(([key, value]) => [`${prefix}.${key}`, value]));
}

function ropeScaling(rope: Rope): Record<string, GgufEntry> {
  const said = (entries: Record<string, GgufEntry>) =>
    Object.fromEntries(Object.entries(entries).map(([key, value]) => [`rope.scaling.${key}`, value]));
  switch (rope.type) {
    case "linear":
      return said({ type: { text: "linear" }, factor: { f32: rope.factor } });
    case "yarn":
      return said({
        type: { text: "yarn" },
        factor: { f32: rope.factor },
        original_context_length: { u32: rope.originalContextLength },
      });
    case "longrope":
      return said({
        attn_factor: { f32: rope.attentionFactor },
        original_context_length: { u32: rope.originalContextLength },
      });
    default:
      return {};
  }
}

/** Why llama.cpp would compute another model from any file of this one; undefined where it computes the same. */
export function ggufRefusal(config: ModelConfig): ModelError | undefined {
  const { architecture, biases, sliding, scales, headDim, noRope } = config;
  const { gguf, biases: rules, scales: scaleRules, noRopeInterval } = architectureOf(architecture);
  const refuse = (expected: string, got: string) =>
    new ModelError({
      where: "export to GGUF",
      expected,
      got,
      next: "llama.cpp has no way to say it, and would compute another model; export with --format hf.",
    });
  if (!gguf) {
    const known = architectureNames.filter((name) => architectureOf(name).gguf);
    return refuse(`a model of ${known.join(", ")}`, architecture);
  }
  const every = gguf.fullEvery;
  const alternates =
    every !== undefined && sliding?.layers.every((slides, layer) => slides === (layer % every !== every - 1));
  if (sliding && !alternates)
    return refuse(
      every ? `every ${every}th layer to see everything` : "no windows",
      "sliding windows elsewhere",
    );
  if (noRope?.some((off, layer) => off !== ((layer + 1) % (noRopeInterval ?? 1) === 0)))
    return refuse(`every ${noRopeInterval}th layer without positions`, "others");
  const always = rules.filter(({ key }) => !key).flatMap(({ of }) => of);
  const unknown = biases.filter((layer) => !always.includes(layer) && !gguf.biases?.includes(layer));
  if (unknown.length > 0)
    return refuse(`the biases that llama.cpp knows of ${architecture}`, unknown.join(", "));
  if (scaleRules?.attention && !gguf.scales?.attention && scales?.attention !== headDim)
    return refuse(
      `${scaleRules.attention.key} of ${headDim}, the width of a head`,
      String(scales?.attention),
    );
  return ropeRefusal(config, refuse);
}

function ropeRefusal(
  { architecture, rope }: ModelConfig,
  refuse: (expected: string, got: string) => ModelError,
): ModelError | undefined {
  const { gguf, partialRotary } = architectureOf(architecture);
  const usual = refuse(`plain rotary embeddings in a ${architecture} model`, `rope_type "${rope.type}"`);
  switch (rope.type) {
    case "default":
    case "linear":
      return undefined;
    case "llama3":
      return gguf!.frequencyDivisors ? undefined : usual;
    case "longrope":
      return partialRotary ? undefined : usual;
    case "yarn": {
      const { attentionFactor, factor, betaFast, betaSlow, truncate } = rope;
      const same = Math.abs(attentionFactor / yarnAttention(factor) - 1) < 1e-6;
      if (same && betaFast === 32 && betaSlow === 1 && truncate) return undefined;
      return refuse("yarn with beta_fast 32, beta_slow 1 and its own attention_factor", "others");
    }
    case "dynamic":
      return usual;
    default:
      throw rope satisfies never;
  }
}
