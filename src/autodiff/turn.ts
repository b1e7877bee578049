/**
 * The turn that numbers take before they are rounded to eight bits: each block of a row by one orthogonal matrix.
 *
 * A row x of a product x·Wᵀ and the rows of W are turned alike, which changes nothing but the last bits, and spreads
 * what stands out over its block: the rest keeps more of its digits. The matrix is a Hadamard matrix with signs from a
 * generator of its own, so that no pattern of the weights lies along one of its rows; it is the same in every run.
 */

/** Numbers of the largest block. */
export const LARGEST_BLOCK = 64;

/** The largest power of two that divides a width, 64 at most. */
export function blockOf(width: number): number {
  for (let block = LARGEST_BLOCK; ; block /= 2) if (width % block === 0) return block;
}

/** +1 or −1 for each number of a block; those of a shorter block come first. */
export const signs: Float32Array = (() => {
  let state = 0x9e3779b9;
  return Float32Array.from({ length: LARGEST_BLOCK }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state < 0 ? -1 : 1;
  });
})();

/** [block, block], row by row: x becomes x·matrix. Entry (i, j) is sign i · (−1)^(bits that i and j share) / √block. */
export function turnMatrix(block: number): Float32Array {
  const shared = (i: number, j: number) => [...(i & j).toString(2)].filter((bit) => bit === "1").length;
  return Float32Array.from({ length: block * block }, (_, at) => {
    const [i, j] = [Math.floor(at / block), at % block];
    return (signs[i] * (shared(i, j) % 2 === 0 ? 1 : -1)) / Math.sqrt(block);
  });
}
