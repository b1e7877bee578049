/**
 * Random numbers by counter: the number for (seed, step, key, answer, position) is a function of these
 * alone, so an answer does not depend on what else was sampled beside it.
 *
 * Philox 4×32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** The high 32 bits of a product of two 32-bit numbers. */
function high(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter.map((each) => each >>> 0);
  let [k0, k1] = key.map((each) => each >>> 0);
  for (let round = 0; round < 10; round++) {
    const [h0, l0] = [high(M0, c0), Math.imul(M0, c0) >>> 0];
    const [h1, l1] = [high(M1, c2), Math.imul(M1, c2) >>> 0];
    [c0, c1, c2, c3] = [(h1 ^ c1 ^ k0) >>> 0, l1, (h0 ^ c3 ^ k1) >>> 0, l0];
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Uniform on [0, 1), 53 bits. `seed` may be any integer up to 2⁵³; the rest are 32-bit counters. */
export function uniform(seed: number, step: number, key: number, answer: number, position: number): number {
  const [a, b] = philox([position, answer, key, step], [seed, Math.floor(seed / 2 ** 32)]);
  return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
}
