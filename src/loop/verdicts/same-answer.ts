/**
 * Which of the answers to one problem say the same, as a majority vote needs it: by the verifier's own equality
 * where it has one, by their text where not.
 */
import type { Verifier } from "../types.ts";

export type SameAnswer = (one: string, other: string) => boolean;

/** Work of all comparisons of one vote, so that thousands of strange answers cannot hold up a run: about two seconds. */
const FUEL_OF_VOTE = 1_000_000;

/** A comparison for the answers to one problem; the work they may take together is counted. */
export function sameAnswer(verifier: Pick<Verifier, "sameAnswer">): SameAnswer {
  const vote = { fuel: FUEL_OF_VOTE };
  return (one, other) => one.trim() === other.trim() || verifier.sameAnswer?.(one, other, vote) === true;
}

/**
 * Answers to one problem in classes of those that say the same.
 *
 * @returns  for each answer the place of the first answer of its class
 */
export function classesOf(answers: readonly string[], same: SameAnswer): number[] {
  const firsts: number[] = [];
  // most answers repeat one given before letter by letter
  const known = new Map<string, number>();
  return answers.map((answer, place) => {
    const found = known.get(answer) ?? firsts.find((first) => same(answers[first], answer));
    if (found === undefined) firsts.push(place);
    known.set(answer, found ?? place);
    return found ?? place;
  });
}
