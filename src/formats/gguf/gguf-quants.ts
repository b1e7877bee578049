/**
 * GGML's tensor types, each with how its blocks become float32, and for some the way back.
 *
 *   bytes of whole blocks  ↔  Float32Array, in the same order
 *
 * Layouts are those of ggml-quants.c, written from the format. Arithmetic is in float32 where that
 * is what the reference rounds to (a scale times a value, then a minimum).
 */
import { bytesOf } from "../../files/bytes-of.ts";
import { floatToBrain, floatToHalf, narrowAll, widenBrains, widenHalves } from "../safetensors/float16.ts";
import { q2_K, q3_K, q4_K, q5_K, q6_K } from "./k-quants.ts";
import { type Block, half, signed, single } from "./quant-block.ts";
import { iq4_NL, iq4_XS, mxfp4 } from "./table-quants.ts";

export interface QuantType {
  readonly name: string;
  /** Weights in a block, and the bytes that hold them. */
  readonly blockLength: number;
  readonly blockBytes: number;
  dequantise(bytes: Uint8Array<ArrayBuffer>): Float32Array;
}

/** Sixteen bytes of two nibbles: the low ones are the block's first half. */
const q4_0: Block = (bytes, at, out, to) => {
  const scale = half(bytes, at);
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + 2 + i];
    out[to + i] = ((byte & 15) - 8) * scale;
    out[to + i + 16] = ((byte >> 4) - 8) * scale;
  }
};

const q4_1: Block = (bytes, at, out, to) => {
  const scale = half(bytes, at);
  const least = half(bytes, at + 2);
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + 4 + i];
    out[to + i] = single((byte & 15) * scale) + least;
    out[to + i + 16] = single((byte >> 4) * scale) + least;
  }
};

/** As Q4, with a fifth bit for each weight in four bytes of their own. */
const q5_0: Block = (bytes, at, out, to) => {
  const scale = half(bytes, at);
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + 6 + i];
    out[to + i] = (((byte & 15) | fifthBit(bytes, at + 2, i)) - 16) * scale;
    out[to + i + 16] = (((byte >> 4) | fifthBit(bytes, at + 2, i + 16)) - 16) * scale;
  }
};

const q5_1: Block = (bytes, at, out, to) => {
  const scale = half(bytes, at);
  const least = half(bytes, at + 2);
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + 8 + i];
    out[to + i] = single(((byte & 15) | fifthBit(bytes, at + 4, i)) * scale) + least;
    out[to + i + 16] = single(((byte >> 4) | fifthBit(bytes, at + 4, i + 16)) * scale) + least;
  }
};

const fifthBit = (bytes: Uint8Array, at: number, i: number) => ((bytes[at + (i >> 3)] >> (i & 7)) & 1) << 4;

const q8_0: Block = (bytes, at, out, to) => {
  const scale = half(bytes, at);
  for (let i = 0; i < 32; i++) out[to + i] = signed(bytes[at + 2 + i]) * scale;
};

function blocks(name: string, blockLength: number, blockBytes: number, block: Block): QuantType {
  return {
    name,
    blockLength,
    blockBytes,
    dequantise(bytes) {
      const out = new Float32Array((bytes.length / blockBytes) * blockLength);
      for (let at = 0, to = 0; at < bytes.length; at += blockBytes, to += blockLength)
        block(bytes, at, out, to);
      return out;
    },
  };
}

function plain(name: string, blockBytes: number, widen: (buffer: ArrayBuffer) => Float32Array): QuantType {
  return { name, blockLength: 1, blockBytes, dequantise: (bytes) => widen(bytes.buffer) };
}

/** The types that can be read, by their number in the format. */
export const quantTypes: ReadonlyMap<number, QuantType> = new Map([
  [0, plain("F32", 4, (buffer) => new Float32Array(buffer))],
  [1, plain("F16", 2, (buffer) => widenHalves(new Uint16Array(buffer)))],
  [2, blocks("Q4_0", 32, 18, q4_0)],
  [3, blocks("Q4_1", 32, 20, q4_1)],
  [6, blocks("Q5_0", 32, 22, q5_0)],
  [7, blocks("Q5_1", 32, 24, q5_1)],
  [8, blocks("Q8_0", 32, 34, q8_0)],
  [10, blocks("Q2_K", 256, 84, q2_K)],
  [11, blocks("Q3_K", 256, 110, q3_K)],
  [12, blocks("Q4_K", 256, 144, q4_K)],
  [13, blocks("Q5_K", 256, 176, q5_K)],
  [14, blocks("Q6_K", 256, 210, q6_K)],
  [20, blocks("IQ4_NL", 32, 18, iq4_NL)],
  [23, blocks("IQ4_XS", 256, 136, iq4_XS)],
  [30, plain("BF16", 2, (buffer) => widenBrains(new Uint16Array(buffer)))],
  [39, blocks("MXFP4", 32, 17, mxfp4)],
]);

export interface WrittenType {
  readonly code: number;
  readonly name: string;
  /** Divides the length of a tensor's rows. */
  readonly blockLength: number;
  readonly blockBytes: number;
  /** @returns bytes of whole blocks */
  quantise(data: Float32Array): Uint8Array;
}

/** As llama.cpp rounds: the scale to a half only after the weights were divided by it, halves away from zero. */
function toQ8_0(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array((data.length / 32) * 34);
  for (let from = 0, at = 0; from < data.length; from += 32, at += 34) {
    let largest = 0;
    for (let i = 0; i < 32; i++) largest = Math.max(largest, Math.abs(data[from + i]));
    const scale = single(largest / 127);
    const inverse = scale === 0 ? 0 : single(1 / scale);
    const stored = floatToHalf(scale);
    bytes[at] = stored & 255;
    bytes[at + 1] = stored >> 8;
    for (let i = 0; i < 32; i++) {
      const value = single(data[from + i] * inverse);
      bytes[at + 2 + i] = Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
    }
  }
  return bytes;
}

/** The types that are written. */
export const writtenTypes = {
  F32: { code: 0, name: "F32", blockLength: 1, blockBytes: 4, quantise: bytesOf },
  F16: {
    code: 1,
    name: "F16",
    blockLength: 1,
    blockBytes: 2,
    quantise: (data) => bytesOf(narrowAll(data, floatToHalf)),
  },
  Q8_0: { code: 8, name: "Q8_0", blockLength: 32, blockBytes: 34, quantise: toQ8_0 },
  BF16: {
    code: 30,
    name: "BF16",
    blockLength: 1,
    blockBytes: 2,
    quantise: (data) => bytesOf(narrowAll(data, floatToBrain)),
  },
} as const satisfies Record<string, WrittenType>;
