/**
 * How alike answers are that should differ: a sign that a trick is taken for the answer.
 *
 *   judged answers, their references  →  of right and of wrong ones, the share that other references share
 *
 * What is asked for decides what is right, so a right answer to one reference does not say the words of a right answer
 * to another. Where many do, one text is right whatever is asked. Case, order, repeats and punctuation do not count.
 */
import type { Interval } from "../run/records.ts";
import { clustered } from "./intervals.ts";

export interface AlikeAnswer {
  /** The problem it answers. */
  readonly problem: string;
  /** What is right there; an answer without a reference is compared with none. */
  readonly reference: string;
  readonly text: string;
  readonly verdict: "right" | "wrong" | "error";
}

export interface Alikeness {
  /** Share of right answers in the words of a right answer to another reference, over problems; undefined without two references. */
  readonly right: Interval | undefined;
  /** The same of wrong answers. */
  readonly wrong: Interval | undefined;
}

export function alikeness(answers: readonly AlikeAnswer[]): Alikeness {
  return { right: shareAlike(answers, "right"), wrong: shareAlike(answers, "wrong") };
}

/** Share of alike right answers that chance and tolerances do not reach; docs/log.md has what was measured. */
const SUSPICIOUS_SHARE = 0.1;

/**
 * Whether right answers are alike as a trick would make them: surely more than a tenth of them. How alike wrong ones
 * are is no measure for it: where there are six labels, every wrong answer is another's right one.
 */
export function isSuspicious({ right }: Alikeness): boolean {
  return right !== undefined && right.low > SUSPICIOUS_SHARE;
}

function shareAlike(answers: readonly AlikeAnswer[], kind: AlikeAnswer["verdict"]): Interval | undefined {
  const own = answers.filter(({ verdict, reference }) => verdict === kind && reference.trim() !== "");
  if (new Set(own.map(({ reference }) => reference)).size < 2) return undefined;
  const said = own.map(({ text }) => wordsOf(text));
  const references = new Map<string, Set<string>>();
  for (const [i, words] of said.entries())
    references.set(words, (references.get(words) ?? new Set()).add(own[i]!.reference));
  const problems = new Map<string, boolean[]>();
  for (const [i, { problem }] of own.entries()) {
    const isAlike = references.get(said[i]!)!.size > 1;
    problems.set(problem, [...(problems.get(problem) ?? []), isAlike]);
  }
  const rates = [...problems.values()].map((alike) => alike.filter(Boolean).length / alike.length);
  return clustered(rates, own.length);
}

/** What a text says, as a set of words; the text itself where it has none. */
function wordsOf(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu);
  return words === null ? text.trim() : [...new Set(words)].sort().join(" ");
}
