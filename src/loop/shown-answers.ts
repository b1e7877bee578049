/**
 * What is shown of many answers: one right, one wrong, and why most of the wrong ones are.
 */
import type { ShownAnswer, WrongAnswers } from "../run/records.ts";
import { type Alikeness, alikeness } from "../statistics/alike.ts";
import type { Group, Problem, Verdict } from "./types.ts";

/** Reasons that are kept. */
const MOST = 3;

/** An answer beside its problem. */
export interface Judged {
  readonly problem: Problem;
  readonly text: string;
  readonly verdict: Verdict;
}

export function judgedIn(groups: readonly Group[]): Judged[] {
  return groups.flatMap(({ problem, rollouts }) =>
    rollouts.map(({ rollout, verdict }) => ({ problem, text: rollout.text, verdict })),
  );
}

/** How alike right answers are, and wrong ones, to problems with different references. */
export function alikeIn(answers: readonly Judged[]): Alikeness {
  return alikeness(
    answers.map(({ problem, text, verdict }) => ({
      ...{ problem: problem.id, reference: problem.answer },
      ...{ text, verdict: verdict.kind },
    })),
  );
}

/** The first right and the first wrong answer, where there are any. */
export function shownAnswers(answers: readonly Judged[]): ShownAnswer[] {
  const found = new Map<string, ShownAnswer>();
  for (const { problem, text, verdict } of answers) {
    const { kind } = verdict;
    if (kind === "error" || found.has(kind)) continue;
    found.set(kind, {
      problem: problem.id,
      question: typeof problem.prompt === "string" ? problem.prompt : problem.prompt.at(-1)!.content,
      reference: problem.answer,
      text,
      verdict: kind,
      ...(verdict.because === undefined ? {} : { because: verdict.because }),
    });
    if (found.size === 2) break;
  }
  return ["right", "wrong"].flatMap((kind) => found.get(kind) ?? []);
}

/** The commonest reasons of wrong verdicts, most first; undefined where a verdict is right, or none is wrong. */
export function whyAllWrong(verdicts: readonly Verdict[]): WrongAnswers | undefined {
  const wrong = verdicts.filter((verdict) => verdict.kind === "wrong");
  if (wrong.length === 0 || verdicts.some(({ kind }) => kind === "right")) return undefined;
  // reasons that differ in a number alone are one; the first of them speaks for all
  const counts = new Map<string, { because: string; count: number }>();
  for (const { because } of wrong) {
    const key = because.replace(/\d+/g, "0");
    const reason = counts.get(key);
    if (reason === undefined) counts.set(key, { because, count: 1 });
    else reason.count++;
  }
  const reasons = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, MOST);
  return { answers: wrong.length, reasons };
}
