/**
 * A decoder's config, read from and written to a Hugging Face config.json.
 *
 * Only what the decoder computes is accepted. A setting that would change the numbers and is not
 * supported is an error here, never a model that runs and is slightly wrong.
 */
import { z } from "zod";
import { ModelError } from "../errors.ts";
import {
  type Architecture,
  type ArchitectureRow,
  architectureNames,
  architectureOf,
  type Capped,
  capKeys,
  knownArchitectures,
  type Scale,
  silu,
} from "./architectures.ts";
import { checkConfig, checkSizes, invalid, type ModelConfig, type Sizes } from "./config.ts";
import { type LinearLayer, linearLayers } from "./lora.ts";
import { parseRopes, ropeJson, ropeKeys } from "./rope-json.ts";
import { unknownFamily, unsupported } from "./unsupported.ts";

const count = z.int().min(1);
const flag = z.boolean().nullish();
const cap = z.number().positive().finite().nullish();
const schema = z.looseObject({
  ...ropeKeys,
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  intermediate_size: count,
  rms_norm_eps: z.number().positive().finite().nullish(),
  tie_word_embeddings: flag,
  hidden_act: z.string().nullish(),
  hidden_activation: z.string().nullish(),
  attn_logit_softcapping: cap,
  final_logit_softcapping: cap,
  use_bidirectional_attention: flag,
  attention_bias: flag,
  attention_out_bias: flag,
  mlp_bias: flag,
  use_sliding_window: flag,
  sliding_window: z.number().nullish(),
  max_window_layers: z.number().nullish(),
  sliding_window_pattern: count.nullish(),
  layer_types: z.array(z.string()).nullish(),
  no_rope_layers: z.array(z.int()).nullish(),
  no_rope_layer_interval: count.nullish(),
  quantization_config: z.looseObject({ quant_method: z.string().optional() }).nullish(),
});
type Json = z.infer<typeof schema>;

/**
 * Reads a config.json of transformers 5 or older.
 *
 * @param where names the file in errors
 * @throws ModelError naming the key that is missing, implausible or not supported
 */
export function parseConfig(json: unknown, where: string): ModelConfig {
  const architecture = familyOf(json, where);
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw notAConfig(where, issue.path.join(".") || "object", issue.message, parsed.error);
  }
  const raw = parsed.data;
  const family = architectureOf(architecture);
  refuseUnsupported(raw, family, where);
  const sizes: Sizes = {
    vocabSize: raw.vocab_size,
    width: raw.hidden_size,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    kvHeads: raw.num_key_value_heads ?? raw.num_attention_heads,
    headDim:
      raw.head_dim ?? family.defaults?.headDim ?? Math.floor(raw.hidden_size / raw.num_attention_heads),
    ffnWidth: raw.intermediate_size,
    contextLength: raw.max_position_embeddings,
  };
  checkSizes(sizes, where);
  const ropes = parseRopes(raw, family, where);
  const noRope = layersWithoutRope(raw, family);
  const sliding = slidingLayers(raw, family, noRope, where);
  return checkConfig(
    {
      architecture,
      ...sizes,
      ...(ropes.full.type === "longrope" && {
        contextLength: Math.min(sizes.contextLength, ropes.full.originalContextLength),
      }),
      ...(ropes.share !== 1 && { rotaryShare: ropes.share }),
      rmsEps: raw.rms_norm_eps ?? family.defaults?.rmsEps ?? 1e-6,
      rope: ropes.full,
      tiedHead: raw.tie_word_embeddings ?? family.defaults?.tiedHead ?? false,
      biases: biasedLayers(raw, family),
      ...(sliding && { sliding: { ...sliding, rope: ropes.sliding } }),
      ...(noRope.includes(true) && { noRope }),
      ...(family.scales && { scales: scalesOf(raw, family.scales, where) }),
      ...(family.caps && { caps: capsOf(raw, family.caps) }),
    },
    where,
  );
}

/** The family comes first: what another has no place for is no fault of its config. */
function familyOf(json: unknown, where: string): Architecture {
  const named = z.looseObject({ model_type: z.string() }).safeParse(json);
  if (!named.success) {
    const [issue] = named.error.issues;
    throw notAConfig(where, issue.path.join(".") || "object", issue.message, named.error);
  }
  const { model_type } = named.data;
  const architecture = architectureNames.find((known) => known === model_type);
  if (!architecture) throw unknownFamily(where, "model_type", model_type, architectureNames);
  return architecture;
}

/** Names what a model of this family would need that the decoder does not do. */
function refuseUnsupported(raw: Json, family: ArchitectureRow, where: string): void {
  const other = raw.architectures?.find((name) => !name.endsWith("ForCausalLM"));
  if (other) throw unsupported(where, "a language model (…ForCausalLM)", other);
  const { key, names } = family.activation ?? silu;
  if (!names.includes(raw[key] ?? names[0]))
    throw unsupported(where, `${key} "${names[0]}"`, `"${raw[key]}"`);
  if (raw.use_bidirectional_attention)
    throw unsupported(where, "attention to what came before", "use_bidirectional_attention true");
  for (const bias of ["attention_bias", "attention_out_bias", "mlp_bias"] as const) {
    const read = family.biases.some(({ key }) => key === bias || (!key && bias === "attention_bias"));
    if (raw[bias] && !read) throw unsupported(where, `no ${bias}`, `${bias} true`);
  }
  if (raw.quantization_config)
    throw unsupported(
      where,
      "plain float weights",
      `quantised by ${raw.quantization_config.quant_method ?? "?"}`,
    );
}

function biasedLayers(raw: Json, family: ArchitectureRow): LinearLayer[] {
  const on = family.biases.filter(({ key, otherwise }) => (key && raw[key]) ?? otherwise);
  const biased = on.flatMap(({ of }) => of);
  return (Object.keys(linearLayers) as LinearLayer[]).filter((layer) => biased.includes(layer));
}

/** By layer, whether positions are left as they are. */
function layersWithoutRope(raw: Json, { noRopeInterval }: ArchitectureRow): boolean[] {
  const layers = Array.from({ length: raw.num_hidden_layers }, (_, layer) => layer);
  if (noRopeInterval === undefined) return layers.map(() => false);
  const interval = raw.no_rope_layer_interval ?? noRopeInterval;
  return (
    raw.no_rope_layers?.map((turns) => turns === 0) ?? layers.map((layer) => (layer + 1) % interval === 0)
  );
}

const FULL = "full_attention";
const SLIDING = "sliding_attention";

/** Which layers see a window only; undefined where none does. */
function slidingLayers(raw: Json, family: ArchitectureRow, noRope: readonly boolean[], where: string) {
  const other = raw.layer_types?.find((type) => type !== FULL && type !== SLIDING);
  if (other) throw unsupported(where, "layers of full or sliding attention", other);
  const rule = family.sliding;
  const named = raw.layer_types?.map((type) => type === SLIDING);
  if (rule === undefined) {
    if (named?.includes(true)) throw unsupported(where, "full attention in every layer", SLIDING);
    return undefined;
  }
  const window = raw.sliding_window === undefined ? rule.window : (raw.sliding_window ?? undefined);
  if (window === undefined || (rule.switched && !raw.use_sliding_window)) {
    if (named?.includes(true)) throw invalid(where, `a sliding_window for layers of ${SLIDING}`, "none");
    return undefined;
  }
  const usual = Array.from({ length: raw.num_hidden_layers }, (_, layer) =>
    rule.slides(layer, raw, !noRope[layer]),
  );
  if (named && !rule.byType && named.join() !== usual.join())
    throw unsupported(where, "no layer_types, which transformers does not read in this family", FULL);
  const layers = named ?? usual;
  return layers.includes(true) ? { window, layers } : undefined;
}

function scalesOf(
  raw: Json,
  rules: NonNullable<ArchitectureRow["scales"]>,
  where: string,
): Partial<Record<Scale, number>> {
  const read = Object.entries(rules).flatMap(([scale, { key, otherwise }]) => {
    if (key === undefined) return [];
    const value = raw[key] ?? otherwise;
    if (typeof value !== "number" || !Number.isFinite(value) || value === 0)
      throw invalid(where, `a number in ${key}, not 0`, String(value));
    return [[scale, value]];
  });
  return Object.fromEntries(read);
}

function capsOf(raw: Json, rules: NonNullable<ArchitectureRow["caps"]>): Partial<Record<Capped, number>> {
  const caps = (Object.keys(capKeys) as Capped[]).map((capped) => {
    const value = raw[capKeys[capped]];
    return [capped, value === undefined ? rules[capped] : value] as const;
  });
  return Object.fromEntries(caps.filter(([, value]) => value !== null));
}

/**
 * The config.json of a model, readable by transformers 4 and 5.
 *
 * @param original a config.json to keep the other keys of (names, token ids, initialisation)
 */
export function configJson(config: ModelConfig, original: object = {}): Record<string, unknown> {
  const family = architectureOf(config.architecture);
  const activation = family.activation ?? silu;
  return {
    ...original,
    architectures: [family.className],
    model_type: config.architecture,
    vocab_size: config.vocabSize,
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headDim,
    intermediate_size: config.ffnWidth,
    rms_norm_eps: config.rmsEps,
    [activation.key]: activation.names[0],
    tie_word_embeddings: config.tiedHead,
    ...biasJson(config, family),
    ...layersJson(config, family),
    ...scalesJson(config, family),
    ...capsJson(config, family),
    ...ropeJson(config),
  };
}

/** Keys that transformers 5 takes as floats and as nothing else: a whole number is written with its point. */
const floatKeys = ["initializer_range", "rms_norm_eps", ...Object.values(capKeys)];

/** A config.json's text. */
export function configText(json: Readonly<Record<string, unknown>>): string {
  const whole = new RegExp(`^(  "(?:${floatKeys.join("|")})": \\d+)(,?)$`, "gm");
  return `${JSON.stringify(json, null, 2).replace(whole, "$1.0$2")}\n`;
}

const biasJson = ({ biases }: ModelConfig, family: ArchitectureRow): Record<string, unknown> =>
  Object.fromEntries(
    family.biases
      .map(({ key, of, otherwise }) => ({ key, on: biases.includes(of[0]), otherwise }))
      .flatMap(({ key, on, otherwise }) => (key && on !== otherwise ? [[key, on]] : [])),
  );

function layersJson(
  { layers, sliding, noRope }: ModelConfig,
  { sliding: rule, noRopeInterval }: ArchitectureRow,
): Record<string, unknown> {
  return {
    ...(rule?.switched && { use_sliding_window: sliding !== undefined }),
    // Where there is no switch, a window of null is none.
    ...(rule && !rule.switched && !sliding && { sliding_window: null }),
    ...(sliding && { sliding_window: sliding.window }),
    ...(sliding &&
      rule?.byType && { layer_types: sliding.layers.map((slides) => (slides ? SLIDING : FULL)) }),
    ...(noRopeInterval !== undefined && {
      no_rope_layers: Array.from({ length: layers }, (_, layer) => (noRope?.[layer] ? 0 : 1)),
    }),
  };
}

const scalesJson = ({ scales }: ModelConfig, family: ArchitectureRow): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(family.scales ?? {}).flatMap(([scale, { key, otherwise }]) =>
      key === undefined ? [] : [[key, scales?.[scale as Scale] ?? otherwise]],
    ),
  );

const capsJson = ({ caps }: ModelConfig, family: ArchitectureRow): Record<string, unknown> =>
  family.caps === undefined
    ? {}
    : Object.fromEntries(
        (Object.keys(capKeys) as Capped[]).map((capped) => [capKeys[capped], caps?.[capped] ?? null]),
      );

function notAConfig(where: string, key: string, got: string, cause: unknown): ModelError {
  return new ModelError({
    where,
    expected: `a model's config, with a valid ${key}`,
    got,
    next: `Is this the config.json of a decoder? It can be ${knownArchitectures}.`,
    cause,
  });
}
