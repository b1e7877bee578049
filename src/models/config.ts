/**
 * What a decoder is made of: the numbers and switches that a family's row leaves open.
 */
import { ModelError } from "../errors.ts";
import { type Architecture, architectureOf, type Capped, type Scale } from "./architectures.ts";
import type { LinearLayer, Lora } from "./lora.ts";
import type { Rope } from "./rope.ts";

/** Layers that see a window of tokens only. */
export interface SlidingLayers {
  /** Tokens that each token sees, itself included, at least 1. */
  readonly window: number;
  /** By layer, true where it sees no more than the window. */
  readonly layers: readonly boolean[];
  /** How they turn positions. */
  readonly rope: Rope;
}

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
  /** How positions are turned in layers that see everything. */
  readonly rope: Rope;
  /** The share of a head's numbers that positions turn, from its first on; all where it is left out. */
  readonly rotaryShare?: number | undefined;
  /** The longest sequence, in tokens: as far as the numbers are those of transformers, whatever a text's length. */
  readonly contextLength: number;
  /** True where the head is the embedding, transposed. */
  readonly tiedHead: boolean;
  /** The matrices that have biases, in every layer, in the order of `linearLayers`. */
  readonly biases: readonly LinearLayer[];
  /** Left out where every layer sees everything. */
  readonly sliding?: SlidingLayers | undefined;
  /** By layer, true where positions are not turned at all; left out where every layer turns them. */
  readonly noRope?: readonly boolean[] | undefined;
  /** The numbers of the family's `scales`, as config.json has them: see `scaleOf`. */
  readonly scales?: Readonly<Partial<Record<Scale, number>>> | undefined;
  /** Bounds of attention scores and of logits, in the units of each, where they are bounded. */
  readonly caps?: Readonly<Partial<Record<Capped, number>>> | undefined;
  /** Adapters beside the matrices, which then stay as they are. They are no part of a config.json. */
  readonly lora?: Lora | undefined;
}

/** What embeddings, additions to the residual stream, attention scores or logits are multiplied by. */
export function scaleOf(c: ModelConfig, which: Scale): number {
  const rule = architectureOf(c.architecture).scales?.[which];
  if (rule !== undefined) return (c.scales?.[which] ?? rule.otherwise ?? c.width) ** rule.power;
  return which === "attention" ? c.headDim ** -0.5 : 1;
}

/** Numbers of each head that positions turn. */
export const rotaryDim = ({ headDim, rotaryShare = 1 }: ModelConfig): number =>
  Math.floor(headDim * rotaryShare);

/** A way in which layers differ: how far back they see, and how they turn positions. */
export interface LayerKind {
  /** Tokens seen, its own included; undefined: all. */
  readonly window: number | undefined;
  /** Undefined: positions are not turned. */
  readonly rope: Rope | undefined;
}

/** The kinds of layers there are, and of which kind each layer is. */
export function layerKinds(c: ModelConfig): { kinds: readonly LayerKind[]; kindOf: readonly number[] } {
  const kinds: LayerKind[] = [];
  const kindOf = Array.from({ length: c.layers }, (_, layer) => {
    const sliding = c.sliding?.layers[layer] ? c.sliding : undefined;
    const window = sliding?.window;
    const rope = c.noRope?.[layer] ? undefined : (sliding ?? c).rope;
    const known = kinds.findIndex((kind) => kind.window === window && kind.rope === rope);
    return known < 0 ? kinds.push({ window, rope }) - 1 : known;
  });
  return { kinds, kindOf };
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

export type Sizes = Pick<ModelConfig, keyof typeof largest>;

/** Refuses sizes out of all proportion, before anything is made of them. */
export function checkSizes(sizes: Sizes, where: string): void {
  for (const [key, most] of Object.entries(largest)) {
    const value = sizes[key as keyof Sizes];
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      throw invalid(where, `${key} between 1 and ${most}`, String(value));
  }
}

/** Refuses sizes that do not fit together or are out of all proportion. Returns the config. */
export function checkConfig(config: ModelConfig, where: string): ModelConfig {
  checkSizes(config, where);
  const { heads, kvHeads, headDim, layers, rope, sliding, noRope } = config;
  if (heads % kvHeads !== 0)
    throw invalid(where, "key-value heads that divide the query heads", `${kvHeads} and ${heads}`);
  if (headDim % 2 !== 0) throw invalid(where, "an even head dimension", String(headDim));
  const turned = rotaryDim(config);
  if (!(turned >= 2 && turned <= headDim && turned % 2 === 0))
    throw invalid(where, `an even part of ${headDim} as what positions turn`, String(turned));
  if (sliding && !(Number.isSafeInteger(sliding.window) && sliding.window >= 1))
    throw invalid(where, "a sliding_window of at least 1", String(sliding.window));
  for (const { length } of [sliding?.layers ?? [], noRope ?? []])
    if (length !== 0 && length !== layers)
      throw invalid(where, `layer_types and no_rope_layers of ${layers} layers`, String(length));
  for (const each of [rope, ...(sliding ? [sliding.rope] : [])]) {
    if (each.type === "longrope" && each.shortFactors.length !== turned / 2)
      throw invalid(where, `a short_factor of ${turned / 2} numbers`, String(each.shortFactors.length));
    if (each.type === "llama3" && each.highFreqFactor <= each.lowFreqFactor)
      throw invalid(
        where,
        "high_freq_factor above low_freq_factor",
        `${each.highFreqFactor}, ${each.lowFreqFactor}`,
      );
  }
  return config;
}

/** What is in a config makes no sense. */
export function invalid(where: string, expected: string, got: string): ModelError {
  return new ModelError({ where, expected, got, next: "The config is damaged; fetch the model again." });
}
