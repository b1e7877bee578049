/**
 * The K types of ggml-quants.c: 256 weights in runs, each with a scale of few bits beside the block's own.
 */
import { type Block, half, signed, single } from "./quant-block.ts";

/** Two bits a weight, in two halves of 128; sixteen runs of 16, whose scales and minimums are nibbles. */
export const q2_K: Block = (bytes, at, out, to) => {
  const scales = half(bytes, at + 80);
  const leasts = half(bytes, at + 82);
  for (let run = 0; run < 16; run++) {
    const packed = bytes[at + run];
    const [d, m] = [single(scales * (packed & 15)), single(leasts * (packed >> 4))];
    for (let i = 0; i < 16; i++) out[to + run * 16 + i] = single(d * twoBits(bytes, at + 16, run, i)) - m;
  }
};

/** Two bits and a third of their own, which is set where the weight is not less by 4; sixteen six-bit scales. */
export const q3_K: Block = (bytes, at, out, to) => {
  const scales = half(bytes, at + 108);
  for (let run = 0; run < 16; run++) {
    const low = (bytes[at + 96 + (run & 7)] >> (run >> 3 ? 4 : 0)) & 15;
    const high = (bytes[at + 104 + (run & 3)] >> ((run >> 2) * 2)) & 3;
    const d = single(scales * ((low | (high << 4)) - 32));
    for (let i = 0; i < 16; i++) {
      const third = (bytes[at + (run & 1) * 16 + i] >> (run >> 1)) & 1;
      out[to + run * 16 + i] = d * (twoBits(bytes, at + 32, run, i) - (third ? 0 : 4));
    }
  }
};

/** Weight `i` of a run: four pairs of runs share 32 bytes, two bits of each byte for a pair. */
const twoBits = (bytes: Uint8Array, at: number, run: number, i: number): number =>
  (bytes[at + (run >> 3) * 32 + (run & 1) * 16 + i] >> (((run >> 1) & 3) * 2)) & 3;

/** Eight runs of 32, whose six-bit scales and minimums are packed in twelve bytes. */
function sixBits(bytes: Uint8Array, at: number, run: number): { scale: number; least: number } {
  if (run < 4) return { scale: bytes[at + run] & 63, least: bytes[at + run + 4] & 63 };
  const low = bytes[at + run + 4];
  return {
    scale: (low & 15) | ((bytes[at + run - 4] >> 6) << 4),
    least: (low >> 4) | ((bytes[at + run] >> 6) << 4),
  };
}

export const q4_K: Block = (bytes, at, out, to) => {
  const scales = half(bytes, at);
  const leasts = half(bytes, at + 2);
  for (let run = 0; run < 8; run++) {
    const { scale, least } = sixBits(bytes, at + 4, run);
    const [d, m] = [single(scales * scale), single(leasts * least)];
    const from = at + 16 + (run >> 1) * 32;
    const shift = (run & 1) * 4;
    for (let i = 0; i < 32; i++) out[to + run * 32 + i] = single(d * ((bytes[from + i] >> shift) & 15)) - m;
  }
};

export const q5_K: Block = (bytes, at, out, to) => {
  const scales = half(bytes, at);
  const leasts = half(bytes, at + 2);
  for (let run = 0; run < 8; run++) {
    const { scale, least } = sixBits(bytes, at + 4, run);
    const [d, m] = [single(scales * scale), single(leasts * least)];
    const from = at + 48 + (run >> 1) * 32;
    const shift = (run & 1) * 4;
    for (let i = 0; i < 32; i++) {
      const fifth = ((bytes[at + 16 + i] >> run) & 1) << 4;
      out[to + run * 32 + i] = single(d * (((bytes[from + i] >> shift) & 15) | fifth)) - m;
    }
  }
};

/** 256 weights of six bits in two halves of 128; sixteen signed scales, one for each run of 16. */
export const q6_K: Block = (bytes, at, out, to) => {
  const scale = half(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const [part, within] = [i >> 7, i & 127];
    const [quarter, column] = [within >> 5, within & 31];
    const low = (bytes[at + part * 64 + (quarter & 1) * 32 + column] >> ((quarter >> 1) * 4)) & 15;
    const high = (bytes[at + 128 + part * 32 + column] >> (quarter * 2)) & 3;
    const d = single(scale * signed(bytes[at + 192 + (i >> 4)]));
    out[to + i] = d * ((low | (high << 4)) - 32);
  }
};
