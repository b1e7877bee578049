/**
 * Rotary position embeddings: the angles by which a position turns each pair of a head's numbers.
 *
 * RoFormer (arXiv 2104.09864), and the ways in which models stretch it for longer texts, each as in
 * Hugging Face's `modeling_rope_utils.py`.
 */

/** Every frequency by one factor (arXiv 2306.15595). */
interface LinearRope {
  readonly type: "linear";
  readonly theta: number;
  readonly factor: number;
}

/** Plain up to the context length, which is as far as errata goes; a larger theta beyond it. */
interface DynamicRope {
  readonly type: "dynamic";
  readonly theta: number;
  readonly factor: number;
}

/** Low frequencies stretched, high ones kept, a ramp between (arXiv 2309.00071). */
interface YarnRope {
  readonly type: "yarn";
  readonly theta: number;
  readonly factor: number;
  /** Cosines and sines are multiplied by it. */
  readonly attentionFactor: number;
  /** Turns over the original context above which a frequency is kept, and below which it is stretched. */
  readonly betaFast: number;
  readonly betaSlow: number;
  /** The ramp begins and ends at whole pairs. */
  readonly truncate: boolean;
  readonly originalContextLength: number;
}

/** A factor for each frequency, of texts up to the original context; errata goes no further (arXiv 2402.13753). */
interface LongRope {
  readonly type: "longrope";
  readonly theta: number;
  /** One for each pair; the long ones are for longer texts than those errata takes, and only kept. */
  readonly shortFactors: readonly number[];
  readonly longFactors: readonly number[];
  /** Cosines and sines are multiplied by it. */
  readonly attentionFactor: number;
  readonly originalContextLength: number;
  /** config.json's max_position_embeddings. */
  readonly stretchedContextLength: number;
}

/** Llama 3's: as yarn, in terms of wavelengths. */
interface Llama3Rope {
  readonly type: "llama3";
  readonly theta: number;
  readonly factor: number;
  readonly lowFreqFactor: number;
  readonly highFreqFactor: number;
  readonly originalContextLength: number;
}

export type Rope =
  | { readonly type: "default"; readonly theta: number }
  | LinearRope
  | DynamicRope
  | YarnRope
  | LongRope
  | Llama3Rope;

/** What yarn multiplies cosines and sines by where a model says nothing else. */
export const yarnAttention = (factor: number, scale = 1): number =>
  factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;

/** The same of longrope. @param stretch  longest over original context */
export const longRopeAttention = (stretch: number, originalContextLength: number): number =>
  stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(originalContextLength));

/** Radians per position, for each of rotaryDim/2 pairs. */
function frequencies(rope: Rope, rotaryDim: number): Float64Array {
  const plain = Float64Array.from({ length: rotaryDim / 2 }, (_, i) => rope.theta ** ((-2 * i) / rotaryDim));
  switch (rope.type) {
    case "default":
    case "dynamic":
      return plain;
    case "linear":
      return plain.map((frequency) => frequency / rope.factor);
    case "llama3":
      return plain.map((frequency) => llama3(rope, frequency));
    case "yarn": {
      const kept = yarnKept(rope, rotaryDim);
      return plain.map((frequency, i) => frequency * (kept(i) + (1 - kept(i)) / rope.factor));
    }
    case "longrope":
      return plain.map((frequency, i) => frequency / rope.shortFactors[i]);
    default:
      throw rope satisfies never;
  }
}

function llama3(rope: Llama3Rope, frequency: number): number {
  const { factor, lowFreqFactor, highFreqFactor, originalContextLength } = rope;
  const turns = (originalContextLength * frequency) / (2 * Math.PI);
  if (turns > highFreqFactor) return frequency;
  if (turns < lowFreqFactor) return frequency / factor;
  const kept = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
  return (1 - kept) * (frequency / factor) + kept * frequency;
}

/** How much of a pair's own frequency is kept, 1 down to 0. */
function yarnKept(rope: YarnRope, rotaryDim: number): (pair: number) => number {
  const pairOf = (turns: number) =>
    (rotaryDim * Math.log(rope.originalContextLength / (turns * 2 * Math.PI))) / (2 * Math.log(rope.theta));
  const [from, to] = [pairOf(rope.betaFast), pairOf(rope.betaSlow)];
  const first = Math.max(rope.truncate ? Math.floor(from) : from, 0);
  const last = Math.min(rope.truncate ? Math.ceil(to) : to, rotaryDim - 1);
  const length = last === first ? 0.001 : last - first;
  return (pair) => 1 - Math.min(Math.max((pair - first) / length, 0), 1);
}

/** What each plain frequency is divided by: llama.cpp's `rope_freqs`. */
export function frequencyDivisors(rope: Rope, rotaryDim: number): Float64Array {
  const scaled = frequencies(rope, rotaryDim);
  return frequencies({ type: "default", theta: rope.theta }, rotaryDim).map((plain, i) => plain / scaled[i]);
}

export interface RopeTable {
  /** [positions, rotaryDim/2] each. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** @param rope  undefined: a table that turns nothing */
export function ropeTable(rope: Rope | undefined, rotaryDim: number, positions: number): RopeTable {
  const half = rotaryDim / 2;
  const cos = new Float32Array(positions * half).fill(1);
  const sin = new Float32Array(positions * half);
  if (rope === undefined) return { cos, sin };
  const turn = frequencies(rope, rotaryDim);
  const scale = "attentionFactor" in rope ? rope.attentionFactor : 1;
  for (let position = 0; position < positions; position++)
    for (let i = 0; i < half; i++) {
      // PyTorch multiplies in float32 before it takes the cosine; so do we, to agree at far positions.
      const angle = Math.fround(Math.fround(turn[i]) * position);
      cos[position * half + i] = Math.cos(angle) * scale;
      sin[position * half + i] = Math.sin(angle) * scale;
    }
  return { cos, sin };
}
