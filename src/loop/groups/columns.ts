/**
 * Columns: what an objective can read of each answer beside its log-probs, one number per answer.
 */
import type { Group } from "../types.ts";
import { type AdvantageOptions, advantages, type OverlongBuffer, reward } from "./advantages.ts";
import { judgedRollouts } from "./group.ts";

/** Every column there is, and what it holds. */
export const columnMeanings = {
  right: "1 where the verdict is right, 0 where it is wrong",
  solveRate: "the share of right answers in its group, in [0, 1]",
  reward: "1 or 0, less the overlong penalty where overlong_buffer is on",
  advantage: "its reward against its group's, as scale_rewards says",
  group: "which group of the step it belongs to, from 0",
  length: "its tokens",
} as const;
export type ColumnName = keyof typeof columnMeanings;
export type Columns = Readonly<Record<ColumnName, number>>;

export interface ColumnOptions extends AdvantageOptions {
  readonly overlongBuffer?: OverlongBuffer | undefined;
}

/** The columns of each judged answer of each group, over all its group's answers and not those of a mini-batch. */
export function columnsOf(groups: readonly Group[], options: ColumnOptions): Columns[][] {
  const judged = groups.map(judgedRollouts);
  const rewards = judged.map((own) =>
    own.map(({ rollout, right }) => reward(right, rollout.tokens.length, options.overlongBuffer)),
  );
  const compared = advantages(rewards, options);
  return judged.map((own, group) =>
    own.map(({ rollout, right }, i) => ({
      right: right ? 1 : 0,
      solveRate: groups[group].solveRate,
      reward: rewards[group][i],
      advantage: compared[group][i],
      group,
      length: rollout.tokens.length,
    })),
  );
}
