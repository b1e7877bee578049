/** Which held-out problems are listed, and at which evaluations the answers to one are shown. */
import type { Fate, ProblemHistory } from "../../../commands/watch/flips.ts";

export const fates = ["forgotten", "learnt", "never", "always"] as const;

/** The first of them that any problem has. */
export const firstFate = (histories: readonly ProblemHistory[]): Fate | undefined =>
  fates.find((fate) => histories.some((one) => one.fate === fate));

/** What flipped last first, where a fate is asked for. */
export function shownRows(
  histories: readonly ProblemHistory[],
  filter: Fate | undefined,
): readonly ProblemHistory[] {
  if (filter === undefined) return histories;
  return histories.filter(({ fate }) => fate === filter).sort((a, b) => (b.since ?? 0) - (a.since ?? 0));
}

/** The evaluations around the last flip, or the first and the last, where the address names none. */
export function comparedSteps(
  { since }: ProblemHistory,
  steps: readonly number[],
  asked: { readonly before?: string | undefined; readonly after?: string | undefined },
): readonly [before: number, after: number] {
  const flip = steps.indexOf(since ?? -1);
  const known = (word: string | undefined, otherwise: number) =>
    steps.includes(Number(word)) ? Number(word) : steps.at(otherwise)!;
  return [known(asked.before, flip < 1 ? 0 : flip - 1), known(asked.after, flip < 1 ? -1 : flip)];
}
