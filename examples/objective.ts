/**
 * An objective of one's own:  errata train --objective examples/objective.ts …
 *
 * REINFORCE with a leash: −A · log π_new, and the square of the log-ratio, so that no token goes far in one step.
 * The columns there are: right, solveRate, reward, advantage, group, length.
 */
import type { UserObjective } from "errata";

export default {
  columns: ["advantage"],
  loss({ logp, logpOld, mask, columns: { advantage } }, { add, greater, mul, neg, sub, where }) {
    const change = where(greater(mask, 0), sub(logp, logpOld), 0);
    const learn = neg(mul(advantage, logp));
    const leash = mul(mul(change, change), 0.5);
    return {
      loss: add(learn, leash),
      metrics: { "mine/leash": { of: leash, over: mask, reduce: "mean" } },
    };
  },
} satisfies UserObjective;
