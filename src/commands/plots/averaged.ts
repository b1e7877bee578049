/**
 * A series over steps, few enough points to be seen.
 */

/** Points of a curve over steps: more are averaged together. */
const MOST_POINTS = 40;

/** Values at steps; null where nothing was measured. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

/**
 * @param series  one value a step, from step 1
 * @returns       means over spans of equal length, each at the step it ends with
 */
export function averaged(series: readonly (number | null)[]): Curve {
  const size = Math.max(1, Math.ceil(series.length / MOST_POINTS));
  const ends = Array.from({ length: Math.ceil(series.length / size) }, (_, i) =>
    Math.min(series.length, (i + 1) * size),
  );
  return {
    steps: ends,
    values: ends.map((end, i) => {
      const own = series.slice(i * size, end).filter((value) => value !== null);
      return own.length === 0 ? null : own.reduce((sum, value) => sum + value, 0) / own.length;
    }),
  };
}
