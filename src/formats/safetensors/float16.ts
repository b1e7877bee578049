/**
 * Sixteen-bit floats: IEEE half (F16) and brain float (BF16), to and from float32.
 *
 * Widening is exact. Narrowing rounds to the nearest, ties to even, as PyTorch does; a half
 * overflows to infinity, and subnormals are kept.
 */
const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Float32 of every half, by its bits: 256 KiB that make widening one look-up. */
const halves = new Float32Array(65536);
for (let half = 0; half < 65536; half++) {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 0) halves[half] = sign * mantissa * 2 ** -24;
  else if (exponent < 31) halves[half] = sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
  else halves[half] = mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
}

/** The float32 that a half's sixteen bits stand for. */
export function halfToFloat(half: number): number {
  return halves[half];
}

/** The nearest half's sixteen bits. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 is the first float that rounds past the largest half.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below the least normal half: count steps of 2^-24. Adding 2^23 to a float rounds it to an integer, ties to even.
    float[0] = Math.abs(value) * 2 ** 24 + 2 ** 23;
    return sign | (bits[0] & 0x7fffff);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The nearest brain float's sixteen bits. */
export function floatToBrain(value: number): number {
  float[0] = value;
  if ((bits[0] & 0x7fffffff) > 0x7f800000) return (bits[0] >>> 16) | 0x40;
  return (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16;
}

/** Widens halves. */
export function widenHalves(source: Uint16Array): Float32Array {
  const wide = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) wide[i] = halves[source[i]];
  return wide;
}

/** Widens brain floats: their bits are the upper half of a float32's. */
export function widenBrains(source: Uint16Array): Float32Array {
  const wide = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) wide[i] = source[i] << 16;
  return new Float32Array(wide.buffer);
}

/** Narrows float32 with `narrow`, one of `floatToHalf` and `floatToBrain`. */
export function narrowAll(source: Float32Array, narrow: (value: number) => number): Uint16Array {
  const narrowed = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) narrowed[i] = narrow(source[i]);
  return narrowed;
}
