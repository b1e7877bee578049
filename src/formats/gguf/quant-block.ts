/** A block of quantised weights: what the types of blocks share. */
import { halfToFloat } from "../safetensors/float16.ts";

/** Writes the weights of the block at `at` to `out` from `to`. */
export type Block = (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void;

export const half = (bytes: Uint8Array, at: number): number => halfToFloat(bytes[at] | (bytes[at + 1] << 8));
/** A byte as a signed number. */
export const signed = (byte: number): number => (byte << 24) >> 24;
export const single = Math.fround;
