/**
 * Random numbers for weights: xorshift, which has no pattern that would make matrices of low rank. Those make attention
 * so sharp that its weights are subnormal numbers, and products with them are slow.
 */

/** @returns what draws the next number, from -0.5 to 0.5 */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32 - 0.5;
  };
}
