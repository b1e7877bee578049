/**
 * Negative sample reinforcement: wrong answers alone, which is how much they teach by themselves.
 */
import type { Objective } from "../../engine/objective.ts";
import type { ClipOptions } from "./policy-gradient.ts";
import { wReinforce } from "./w-reinforce.ts";

/**
 *     right   0
 *     wrong   max(R, 1 − ε), R per token
 *
 * On-policy its gradient is that of q, as RFT's from right answers is: the two sides of one slope. Column: `right`.
 *
 * arXiv:2506.01347, NSR; the clip is GRPO's.
 */
export function nsr(options: Partial<ClipOptions> = {}): Objective {
  return { ...wReinforce({ ...options, posWeight: 0 }), name: "nsr" };
}
