/** Lines of rollouts.jsonl → the answers to one problem in one step, together, in the order that they were drawn. */
import type { RolloutRecord } from "./records.ts";

/** @returns groups of at least one line each */
export function rolloutGroups(rollouts: readonly RolloutRecord[]): RolloutRecord[][] {
  const groups = new Map<string, RolloutRecord[]>();
  for (const rollout of rollouts) {
    const key = `${rollout.step} ${rollout.draw}`;
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [rollout]);
    else own.push(rollout);
  }
  return [...groups.values()];
}
