/**
 * Rotary position embeddings: the angles by which a position turns each pair of a head's numbers.
 *
 * RoFormer (arXiv 2104.09864); the stretched low frequencies of Llama 3 as in Hugging Face's
 * `modeling_rope_utils.py`, rope type "llama3".
 */
import type { Rope } from "./config.ts";

/** Radians per position, for each of headDim/2 pairs. */
function frequencies(rope: Rope, headDim: number): Float64Array {
  const plain = Float64Array.from({ length: headDim / 2 }, (_, i) => rope.theta ** ((-2 * i) / headDim));
  if (rope.type === "default") return plain;
  const { factor, lowFreqFactor, highFreqFactor, originalContextLength } = rope;
  return plain.map((frequency) => {
    const turns = (originalContextLength * frequency) / (2 * Math.PI);
    if (turns > highFreqFactor) return frequency;
    if (turns < lowFreqFactor) return frequency / factor;
    const kept = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
    return (1 - kept) * (frequency / factor) + kept * frequency;
  });
}

/** What each plain frequency is divided by: llama.cpp's `rope_freqs`. */
export function frequencyDivisors(rope: Rope, headDim: number): Float64Array {
  const scaled = frequencies(rope, headDim);
  return frequencies({ type: "default", theta: rope.theta }, headDim).map((plain, i) => plain / scaled[i]);
}

export interface RopeTable {
  /** [positions, headDim/2] each. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  readonly positions: number;
}

export function ropeTable(rope: Rope, headDim: number, positions: number): RopeTable {
  const half = headDim / 2;
  const turn = frequencies(rope, headDim);
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++)
    for (let i = 0; i < half; i++) {
      // PyTorch multiplies in float32 before it takes the cosine; so do we, to agree at far positions.
      const angle = Math.fround(Math.fround(turn[i]) * position);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  return { cos, sin, positions };
}
