/**
 * Majority: the answer given most often, as one that does not know the reference would find it.
 *
 *   answers to one problem  →  the first of the largest class of equal ones
 */

/**
 * Answers equal to the first of a class join it; of classes of one size the one that began first wins.
 *
 * @param answers  what was put forward, in the order of sampling; undefined did not put forward anything and has no vote
 * @param same     whether two answers say the same
 * @returns        the place of the winning class's first answer, undefined where nobody voted
 */
export function majority(
  answers: readonly (string | undefined)[],
  same: (one: string, other: string) => boolean,
): number | undefined {
  const classes: { readonly first: number; readonly answer: string; votes: number }[] = [];
  // most answers repeat one given before letter by letter
  const known = new Map<string, (typeof classes)[number]>();
  for (const [place, answer] of answers.entries()) {
    if (answer === undefined) continue;
    const own = known.get(answer) ?? classes.find((each) => same(each.answer, answer));
    if (own === undefined) classes.push({ first: place, answer, votes: 1 });
    else own.votes++;
    known.set(answer, own ?? classes.at(-1)!);
  }
  let winner: (typeof classes)[number] | undefined;
  for (const each of classes) if (winner === undefined || each.votes > winner.votes) winner = each;
  return winner?.first;
}
