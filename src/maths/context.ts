/**
 * What every comparison is handed: the limits, the policy, and how to compare parts.
 */

import type { Node } from "./node.ts";
import type { LeafMatch, LeafOptions } from "./scalar-equality.ts";

export interface Context extends LeafOptions {
  /** Whether a reference interval may be answered by an inequality. */
  readonly allowSetRelation: boolean;
  /** Compares two parts of the answers, the reference's first. */
  readonly equal: (gold: Node, answer: Node) => LeafMatch | undefined;
}
