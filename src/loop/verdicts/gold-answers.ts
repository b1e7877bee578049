/**
 * Reference answers put to their own verifier.
 *
 * A model cannot be right where the reference is not: an answer that its verifier rejects, or cannot
 * judge, costs a run its signal, and is found here before the run begins.
 */

import { isReadable } from "../../maths/answer.ts";
import type { Problem, Verdict } from "../types.ts";
import type { OpenedVerifier } from "./opened-verifier.ts";

export interface Refused {
  readonly problem: Problem;
  /** What the verifier said of the reference in a box. */
  readonly verdict: Verdict;
}

/**
 * The ways a reference may be put forward; a verifier that reads only one of them still finds it.
 */
function forms({ answer, solution }: Problem): readonly string[] {
  return [
    `\\boxed{${answer}}`,
    answer,
    `Answer: ${answer}`,
    `#### ${answer}`,
    ...(solution === undefined ? [] : [solution]),
  ];
}

/** @returns the problems whose reference answer their verifier does not call right, in any form; in order */
export async function refusedReferences(
  verifier: OpenedVerifier,
  problems: readonly Problem[],
): Promise<Refused[]> {
  const boxed = await verifier.verify(problems.map((problem) => ({ problem, answer: forms(problem)[0]! })));
  const doubtful = problems.flatMap((problem, i) =>
    boxed[i]!.kind === "right" ? [] : [{ problem, verdict: boxed[i]! }],
  );
  const items = doubtful.flatMap(({ problem }) =>
    forms(problem)
      .slice(1)
      .map((answer) => ({ problem, answer })),
  );
  const verdicts = await verifier.verify(items);
  let next = 0;
  return doubtful.filter(({ problem }) => {
    const own = verdicts.slice(next, (next += forms(problem).length - 1));
    return !own.some(({ kind }) => kind === "right");
  });
}

/** @returns the problems whose reference answer no maths mode can read: only the same text will pass for it */
export function unreadReferences(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ answer }) => !isReadable(answer));
}
