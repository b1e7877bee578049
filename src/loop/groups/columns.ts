/**
 * Columns: what an objective can read of each answer beside its log-probs, one number per answer.
 *
 *   groups  →  their rollouts with columns, errors left out
 */
import type { Group, JudgedRollout } from "../types.ts";
import { type AdvantageOptions, advantages, type OverlongBuffer, reward } from "./advantages.ts";
import { scoreOf } from "./group.ts";

/** Every column there is, and what it holds. */
export const columnMeanings = {
  right: "1 where the verdict is right, 0 where it is wrong",
  solveRate: "the share of right answers in its group, in [0, 1]",
  reward: "the verdict's score or else 1 or 0, less the overlong penalty where overlong_buffer is on",
  advantage: "its reward against its group's, as scale_rewards says",
  group: "which group of the step it belongs to, from 0",
  length: "its tokens",
} as const;
export type ColumnName = keyof typeof columnMeanings;
export type Columns = Readonly<Record<ColumnName, number>>;

/** Those that an objective reads, by its names. */
export function readBy(names: readonly string[], columns: Columns): Record<string, number> {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => names.includes(name)));
}

export interface ColumnOptions extends AdvantageOptions {
  readonly overlongBuffer?: OverlongBuffer | undefined;
}

/** A judged rollout compared with its group. */
export interface ComparedRollout extends JudgedRollout {
  readonly columns: Columns;
}

/**
 * The rollouts of a step with their columns, group by group in order. An error is no signal and is left out.
 *
 * @param groups  all that a step learns from, not those of a mini-batch: they are compared over the whole of it
 */
export function withColumns(groups: readonly Group[], options: ColumnOptions): ComparedRollout[] {
  const judged = groups.map(({ rollouts }) => rollouts.filter(({ verdict }) => verdict.kind !== "error"));
  const rewards = judged.map((own) =>
    own.map(({ rollout, verdict }) =>
      reward(scoreOf(verdict), rollout.tokens.length, options.overlongBuffer),
    ),
  );
  const compared = advantages(rewards, options);
  return judged.flatMap((own, group) =>
    own.map((one, i) => ({
      ...one,
      columns: {
        right: one.verdict.kind === "right" ? 1 : 0,
        solveRate: groups[group].solveRate,
        reward: rewards[group][i],
        advantage: compared[group][i],
        group,
        length: one.rollout.tokens.length,
      },
    })),
  );
}
