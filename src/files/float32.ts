/**
 * Numbers that were kept in 32 bits, as they were written.
 */

/** The shortest decimal of a float32: 0.1 is kept as 0.100000001490116…, and 1e-5 as 0.00000999999974…. */
export function shortestDecimal(value: number): number {
  // six digits tell any two decimals of so many apart, nine any two float32
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === Math.fround(value)) return shorter;
  }
  return value;
}
