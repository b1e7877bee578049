/** Several answers to each of several problems, judged together. */
import type { Problem, Verdict } from "../types.ts";
import type { OpenedVerifier } from "./opened-verifier.ts";

export interface AnswerGroup {
  readonly problem: Problem;
  readonly answers: readonly string[];
}

/** @returns for each group the verdicts of its answers, in their order */
export async function verifyGroups(
  verifier: OpenedVerifier,
  groups: readonly AnswerGroup[],
): Promise<Verdict[][]> {
  const verdicts = await verifier.verify(
    groups.flatMap(({ problem, answers }) => answers.map((answer) => ({ problem, answer }))),
  );
  let next = 0;
  return groups.map(({ answers }) => verdicts.slice(next, (next += answers.length)));
}
