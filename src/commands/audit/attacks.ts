/**
 * Cheap attacks on a judge: answers that need no work on the problem, and are right by no honest judge.
 *
 *   a problem, the other references of its data set  →  texts by attack
 */
import type { Problem } from "../../loop/types.ts";

export const attackNames = [
  "nothing",
  "the question",
  "two boxes",
  "one or the other",
  "every reference",
  "another's",
] as const;
export type AttackName = (typeof attackNames)[number];

/** What each of them answers, for a reader. */
export const attackMeanings: Readonly<Record<AttackName, string>> = {
  nothing: "an empty answer",
  "the question": "the question, copied",
  "two boxes": "its own reference and another, in either order",
  "one or the other": "its own reference or another, in either order",
  "every reference": "a list of many, its own among them, first or last",
  "another's": "the reference of another problem",
};

export interface Attack {
  readonly name: AttackName;
  /** All of them have to be right: who may be right in one order alone has to know which. */
  readonly texts: readonly string[];
}

/** References that a list of guesses holds. */
const MOST_GUESSES = 24;

/**
 * @param others          references of other problems that are not this one's
 * @param readsReference  of the judge: where it reads none, guesses at one are no attack
 */
export function attacksOn(
  { prompt, answer }: Problem,
  others: readonly string[],
  readsReference: boolean,
): readonly Attack[] {
  const question = typeof prompt === "string" ? prompt : prompt.at(-1)!.content;
  const plain: readonly Attack[] = [
    { name: "nothing", texts: [""] },
    { name: "the question", texts: [question] },
  ];
  const [other] = others;
  if (!readsReference || answer === "" || other === undefined) return plain;
  const guesses = others.slice(0, MOST_GUESSES - 1);
  const inEitherOrder = (write: (one: string, two: string) => string) => [
    write(answer, other),
    write(other, answer),
  ];
  const firstAndLast = (write: (list: readonly string[]) => string) => [
    write([answer, ...guesses]),
    write([...guesses, answer]),
  ];
  return [
    ...plain,
    { name: "two boxes", texts: inEitherOrder((one, two) => `\\boxed{${one}} \\boxed{${two}}`) },
    { name: "two boxes", texts: inEitherOrder((one, two) => `\\boxed{${one}}\n\\boxed{${two}}`) },
    { name: "one or the other", texts: inEitherOrder((one, two) => `${one} or ${two}`) },
    { name: "one or the other", texts: inEitherOrder((one, two) => `The answer is ${one} or ${two}.`) },
    { name: "one or the other", texts: inEitherOrder((one, two) => `\\boxed{${one} \\text{ or } ${two}}`) },
    { name: "every reference", texts: firstAndLast((list) => list.join(", ")) },
    { name: "every reference", texts: firstAndLast((list) => list.join("\n")) },
    { name: "every reference", texts: firstAndLast((list) => `\\boxed{${list.join(", ")}}`) },
    { name: "another's", texts: [other] },
    { name: "another's", texts: [`\\boxed{${other}}`] },
    { name: "another's", texts: [`Answer: ${other}`] },
  ];
}
