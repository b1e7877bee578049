/**
 * Advantages: how much better an answer is than the others to its problem.
 *
 *   verdicts, lengths  →  rewards  →  advantages
 *
 * The reward is the verdict's score or, as in verl, 1 for a right answer and 0 for a wrong one, less what overlong
 * shaping takes.
 */

export interface OverlongBuffer {
  /** The longest answer allowed, in tokens. */
  readonly maxLength: number;
  /** The last so many of them are the buffer. */
  readonly length: number;
  /** Taken off at the longest answer, in rewards of +1 and −1 as in DAPO: half of it in rewards of 1 and 0. */
  readonly penaltyFactor: number;
}

/** A score in [0, 1], less DAPO's soft penalty, which rises in a line over the buffer (arXiv:2503.14476, equation 13). */
export function reward(score: number, tokens: number, buffer?: OverlongBuffer): number {
  const over = buffer === undefined ? 0 : tokens - (buffer.maxLength - buffer.length);
  const penalty = buffer === undefined || over <= 0 ? 0 : (over / buffer.length) * (buffer.penaltyFactor / 2);
  return score - penalty;
}

/**
 * `group`: divided by the spread of the group (GRPO). `batch`: by that of all rewards of the step.
 * `mean`: by the group's mean (MaxRL). `none`: not at all (Dr. GRPO).
 */
export type ScaleRewards = "group" | "batch" | "mean" | "none";

/** `sample` divides by n − 1 and is what verl and TRL take; `population` divides by n and is what theorems take. */
export type RewardStd = "sample" | "population";

export interface AdvantageOptions {
  readonly scaleRewards: ScaleRewards;
  readonly rewardStd: RewardStd;
}

/** Added to a sample standard deviation, as in verl. */
const EPSILON = 1e-6;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function standardDeviation(values: readonly number[], kind: RewardStd): number {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (kind === "sample" ? values.length - 1 : values.length));
}

/**
 * One advantage for each reward: reward − mean of the group, over a spread.
 *
 *     sample       (reward − mean) / (s + 1e-6)
 *     population   (reward − mean) / σ, and 0 where σ is
 *
 * An answer without others to compare it with has the advantage 0.
 *
 * @param groups  the rewards of each group of a step; a group may be empty
 */
export function advantages(
  groups: readonly (readonly number[])[],
  { scaleRewards, rewardStd }: AdvantageOptions,
): number[][] {
  const ofBatch = scaleRewards === "batch" ? divisor(groups.flat(), rewardStd) : 1;
  return groups.map((rewards) => {
    const center = mean(rewards);
    const spread = {
      group: () => divisor(rewards, rewardStd),
      // rewards of 0 differ by 0; a penalty may take a mean below 0, which says no more of what an answer is worth
      mean: () => (center > 0 ? center : 1),
      batch: () => ofBatch,
      none: () => 1,
    }[scaleRewards]();
    return rewards.map((value) => (value - center) / spread);
  });
}

/** What the differences are divided by; 1 where all are 0. */
function divisor(values: readonly number[], kind: RewardStd): number {
  if (values.length < 2) return 1;
  const spread = standardDeviation(values, kind);
  if (kind === "sample") return spread + EPSILON;
  // equal rewards may differ by a rounding of their mean, which is no spread
  return spread > 1e-12 ? spread : 1;
}
