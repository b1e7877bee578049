/**
 * Rotary embeddings in a config.json: read in the form of transformers 5 (`rope_parameters`, flat or one for each
 * type of layer) or older (`rope_theta`, `rope_scaling`), and written in both.
 */
import { z } from "zod";
import { type ArchitectureRow, architectureOf } from "./architectures.ts";
import { invalid, type ModelConfig } from "./config.ts";
import { longRopeAttention, type Rope, yarnAttention } from "./rope.ts";
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
  short_factor: z.array(positive).max(1024).nullish(),
  long_factor: z.array(positive).max(1024).nullish(),
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

interface Ropes {
  /** Of layers that see everything. */
  readonly full: Rope;
  /** Of layers that see a window. */
  readonly sliding: Rope;
  /** The share of a head that they turn. */
  readonly share: number;
}

/** How layers turn positions. @throws ModelError */
export function parseRopes(raw: Json, family: ArchitectureRow, where: string): Ropes {
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
  let share = 1;
  const read = (values: unknown, otherwise: number) => {
    const parsed = parameters.safeParse(values ?? {});
    if (!parsed.success) throw invalid(where, "valid rope_parameters", parsed.error.issues[0].message);
    share = parsed.data.partial_rotary_factor ?? raw.partial_rotary_factor ?? 1;
    if (share !== 1 && !family.partialRotary)
      throw unsupported(where, "rotary embeddings over the whole head", `factor ${share}`);
    return parseRope(parsed.data, raw, family, otherwise, where);
  };
  const full = read(nested ? full_attention : flat, theta);
  const sliding =
    own === undefined ? full : read(nested ? sliding_attention : {}, raw[own.key] ?? own.otherwise);
  return { full, sliding, share };
}

const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseRope(
  rope: Parameters,
  raw: Json,
  family: ArchitectureRow,
  otherwise: number,
  where: string,
): Rope {
  const theta = rope.rope_theta ?? otherwise;
  const named = rope.rope_type ?? rope.type ?? "default";
  // Phi-3's older names.
  const type = named === "su" || (named === "yarn" && rope.short_factor) ? "longrope" : named;
  // A family may say it outside, and then means it.
  const originalContextLength =
    raw.original_max_position_embeddings ??
    family.defaults?.originalContextLength ??
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
        attentionFactor: rope.attention_factor ?? yarnAttentionOf(stretch, rope),
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
    case "longrope": {
      const { short_factor: shortFactors, long_factor: longFactors } = rope;
      if (!shortFactors || !longFactors) throw needed("short_factor and long_factor");
      const stretch = factor ?? raw.max_position_embeddings / originalContextLength;
      return {
        type,
        theta,
        shortFactors,
        longFactors,
        attentionFactor: rope.attention_factor ?? longRopeAttention(stretch, originalContextLength),
        originalContextLength,
        stretchedContextLength: raw.max_position_embeddings,
      };
    }
    default:
      throw unsupported(where, "rope_type default, linear, dynamic, yarn, longrope or llama3", `"${type}"`);
  }
}

function yarnAttentionOf(factor: number, { mscale, mscale_all_dim: all }: Parameters): number {
  return mscale && all ? yarnAttention(factor, mscale) / yarnAttention(factor, all) : yarnAttention(factor);
}

/** The keys of both versions of transformers; they say the same. */
export function ropeJson(config: ModelConfig): Record<string, unknown> {
  const { rope, sliding, rotaryShare, contextLength } = config;
  const family = architectureOf(config.architecture);
  const own = sliding && family.sliding?.theta;
  const share = family.partialRotary ? { partial_rotary_factor: rotaryShare ?? 1 } : {};
  const { rope_theta, ...scaling } = ropeParameters(rope);
  const full = { ...scaling, rope_theta, ...share };
  return {
    max_position_embeddings: rope.type === "longrope" ? rope.stretchedContextLength : contextLength,
    ...(family.defaults?.originalContextLength !== undefined &&
      "originalContextLength" in rope && { original_max_position_embeddings: rope.originalContextLength }),
    ...share,
    rope_parameters: own ? { full_attention: full, sliding_attention: ropeParameters(sliding.rope) } : full,
    ...(own && { [own.key]: sliding.rope.theta }),
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
    shortFactors: "short_factor",
    longFactors: "long_factor",
    originalContextLength: "original_max_position_embeddings",
  };
  const named = Object.entries(rest).flatMap(([key, value]) => (names[key] ? [[names[key], value]] : []));
  return { rope_type: type, rope_theta: theta, ...Object.fromEntries(named) };
}
