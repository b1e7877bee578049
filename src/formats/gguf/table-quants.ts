/**
 * Types of ggml-quants.c whose four bits name a row of a table of values.
 */
import { type Block, half, single } from "./quant-block.ts";

/** ggml's `kvalues_iq4nl`. */
const unevenValues = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
/** ggml's `kvalues_mxfp4`: the numbers of E2M1, doubled. */
const doubledValues = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/** Sixteen bytes of two nibbles: the low ones are the first half of 32 weights. */
function byTable(
  values: readonly number[],
  bytes: Uint8Array,
  at: number,
  out: Float32Array,
  to: number,
  scale: number,
) {
  for (let i = 0; i < 16; i++) {
    out[to + i] = scale * values[bytes[at + i] & 15];
    out[to + i + 16] = scale * values[bytes[at + i] >> 4];
  }
}

export const iq4_NL: Block = (bytes, at, out, to) =>
  byTable(unevenValues, bytes, at + 2, out, to, half(bytes, at));

/** Eight runs of 32, whose six-bit scales lie in two bytes of high bits and four of low ones. */
export const iq4_XS: Block = (bytes, at, out, to) => {
  const scales = half(bytes, at);
  const highs = bytes[at + 2] | (bytes[at + 3] << 8);
  for (let run = 0; run < 8; run++) {
    const low = (bytes[at + 4 + (run >> 1)] >> ((run & 1) * 4)) & 15;
    const scale = (low | (((highs >> (run * 2)) & 3) << 4)) - 32;
    byTable(unevenValues, bytes, at + 8 + run * 16, out, to + run * 32, single(scales * scale));
  }
};

/** The scale is a power of two, by its exponent alone; half of it, as the values are doubled. */
export const mxfp4: Block = (bytes, at, out, to) =>
  byTable(doubledValues, bytes, at + 1, out, to, 2 ** (bytes[at] - 128));
