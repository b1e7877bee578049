/**
 * Whether two answers say the same, as a majority vote needs it: by the maths verifier's equality where
 * the answers are mathematics, by their text under any other verifier.
 *
 *   a verifier's name  →  (answer, answer) → boolean
 */

import { equal } from "../../maths/verify.ts";
import { modes } from "./grade.ts";

export type SameAnswer = (one: string, other: string) => boolean;

/** Work of one comparison; an answer that takes more is compared as text. */
const fuelOfOne = 10_000;
/** Work of all comparisons of one vote, so that thousands of strange answers cannot hold up a run: about two seconds. */
const fuelOfAll = 1_000_000;

/** A comparison for the answers to one problem; the work they may take together is counted. */
export function sameAnswer(verifier: string): SameAnswer {
  if (!modes.includes(verifier) || verifier === "exact") return (one, other) => one.trim() === other.trim();
  let left = fuelOfAll;
  return (one, other) => {
    if (one.trim() === other.trim()) return true;
    if (left <= 0) return false;
    const { kind, fuel } = equal(one, other, { fuel: fuelOfOne });
    left -= fuel;
    return kind === "right";
  };
}
