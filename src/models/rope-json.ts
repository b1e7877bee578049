/**
 * Rotary embeddings in a config.json: read in the form of transformers 5 (`rope_parameters`, flat or one for each
 * type of layer) or older (`rope_theta`, `rope_scaling`), and written in both.
 */
import { z } from "zod";
import { type ArchitectureRow, architectureOf } from "./architectures.ts";
import { invalid, type ModelConfig } from "./config.ts";
import type { Rope } from "./rope.ts";
import { unsupported } from "./unsupported.ts";

const count = z.int().min(1);
const positive = z.number().positive().finite();
const parameters = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: positive.nullish(),
  factor: positive.nullish(),
  low_freq_factor: positive.nullish(),
  high_freq_factor: positive.nullish(),
  attention_factor: positive.nullish(),
  beta_fast: z.number().nonnegative().finite().nullish(),
  beta_slow: z.number().nonnegative().finite().nullish(),
  mscale: z.number().nonnegative().finite().nullish(),
  mscale_all_dim: z.number().nonnegative().finite().nullish(),
  truncate: z.boolean().nullish(),
  original_max_position_embeddings: count.nullish(),
  partial_rotary_factor: z.number().nullish(),
});
type Parameters = z.infer<typeof parameters>;

/** The keys of a config.json that say how positions are turned. */
export const ropeKeys = {
  max_position_embeddings: count.default(2048),
  original_max_position_embeddings: count.nullish(),
  rope_theta: positive.nullish(),
  rope_local_base_freq: positive.nullish(),
  rope_parameters: parameters.nullish(),
  rope_scaling: parameters.nullish(),
  partial_rotary_factor: z.number().nullish(),
};
const json = z.looseObject(ropeKeys);
type Json = z.infer<typeof json>;

/** How layers that see everything turn positions, and those that see a window. @throws ModelError */
export function parseRopes(raw: Json, family: ArchitectureRow, where: string): { full: Rope; sliding: Rope } {
  // A key that holds nothing counts as absent, as in transformers.
  const given = [raw.rope_scaling, raw.rope_parameters].find((each) => Object.keys(each ?? {}).length > 0);
  const { full_attention, sliding_attention, ...flat } = given ?? {};
  const theta = raw.rope_theta ?? family.defaults?.theta ?? 10_000;
  const nested = full_attention !== undefined || sliding_attention !== undefined;
  const own = family.sliding?.theta;
  if (nested && own === undefined)
    throw unsupported(where, "one rotary embedding for all layers", "one for full_attention");
  const other = Object.entries(flat).find(([, value]) => isRecord(value));
  if (other) throw unsupported(where, "one rotary embedding for all layers", `one for ${other[0]}`);
  const read = (values: unknown, otherwise: number) => {
    const parsed = parameters.safeParse(values ?? {});
    if (!parsed.success) throw invalid(where, "valid rope_parameters", parsed.error.issues[0].message);
    return parseRope(parsed.data, raw, otherwise, where);
  };
  const full = read(nested ? full_attention : flat, theta);
  if (own === undefined) return { full, sliding: full };
  return { full, sliding: read(nested ? sliding_attention : {}, own(raw)) };
}

const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseRope(rope: Parameters, raw: Json, otherwise: number, where: string): Rope {
  const theta = rope.rope_theta ?? otherwise;
  const partial = rope.partial_rotary_factor ?? raw.partial_rotary_factor ?? 1;
  if (partial !== 1) throw unsupported(where, "rotary embeddings over the whole head", `factor ${partial}`);
  const type = rope.rope_type ?? rope.type ?? "default";
  // A family may say it outside, and then means it.
  const originalContextLength =
    raw.original_max_position_embeddings ??
    rope.original_max_position_embeddings ??
    raw.max_position_embeddings;
  const factor = rope.factor ?? undefined;
  const needed = (names: string) => invalid(where, `${names} of rope_type ${type}`, "fewer");
  switch (type) {
    case "default":
      return { type, theta };
    case "linear":
    case "dynamic":
      if (factor === undefined) throw needed("factor");
      return { type, theta, factor };
    case "yarn": {
      const stretch = factor ?? raw.max_position_embeddings / originalContextLength;
      if (rope.llama_4_scaling_beta) throw unsupported(where, "no llama_4_scaling_beta", "one");
      return {
        type,
        theta,
        factor: stretch,
        attentionFactor: rope.attention_factor ?? yarnAttention(stretch, rope),
        betaFast: rope.beta_fast || 32,
        betaSlow: rope.beta_slow || 1,
        truncate: rope.truncate ?? true,
        originalContextLength,
      };
    }
    case "llama3": {
      const { low_freq_factor: lowFreqFactor, high_freq_factor: highFreqFactor } = rope;
      if (factor === undefined || lowFreqFactor == null || highFreqFactor == null)
        throw needed("factor, low_freq_factor and high_freq_factor");
      return { type, theta, factor, lowFreqFactor, highFreqFactor, originalContextLength };
    }
    default:
      throw unsupported(where, "rope_type default, linear, dynamic, yarn or llama3", `"${type}"`);
  }
}

/** Yarn's own factor of cosines and sines, where none is given. */
function yarnAttention(factor: number, { mscale, mscale_all_dim: all }: Parameters): number {
  const at = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  return mscale && all ? at(mscale) / at(all) : at(1);
}

/** The keys of both versions of transformers; they say the same. */
export function ropeJson(config: ModelConfig): Record<string, unknown> {
  const { rope, sliding } = config;
  if (architectureOf(config.architecture).sliding?.theta && sliding)
    return {
      rope_parameters: {
        full_attention: ropeParameters(rope),
        sliding_attention: ropeParameters(sliding.rope),
      },
      rope_theta: rope.theta,
      rope_scaling: null,
    };
  const { rope_theta, ...scaling } = ropeParameters(rope);
  return {
    rope_parameters: { ...scaling, rope_theta },
    rope_theta,
    rope_scaling: rope.type === "default" ? null : scaling,
  };
}

function ropeParameters(rope: Rope): Record<string, unknown> {
  const { type, theta, ...rest } = rope;
  const names: Record<string, string> = {
    factor: "factor",
    lowFreqFactor: "low_freq_factor",
    highFreqFactor: "high_freq_factor",
    attentionFactor: "attention_factor",
    betaFast: "beta_fast",
    betaSlow: "beta_slow",
    truncate: "truncate",
    originalContextLength: "original_max_position_embeddings",
  };
  const named = Object.entries(rest).map(([key, value]) => [names[key], value]);
  return { rope_type: type, rope_theta: theta, ...Object.fromEntries(named) };
}
