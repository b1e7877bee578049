/**
 * Reference answers put to their own verifier.
 *
 * A model cannot be right where the reference is not: an answer that its verifier rejects, or cannot
 * judge, costs a run its signal, and is found here before the run begins.
 */

import { VerifierError } from "../../errors.ts";
import { isReadable } from "../../maths/answer.ts";
import type { Problem, Verdict } from "../types.ts";
import type { OpenedVerifier } from "./opened-verifier.ts";

export interface Refused {
  readonly problem: Problem;
  /** What the verifier said of the first form of the reference, which is in a box where there is an answer. */
  readonly verdict: Verdict;
  /** Every form was an error: it judged none. */
  readonly isUnjudged: boolean;
}

/**
 * The ways a reference may be put forward; a verifier that reads only one of them still finds it.
 */
function forms({ answer, solution }: Problem): readonly string[] {
  const announced =
    answer === "" ? [] : [`\\boxed{${answer}}`, answer, `Answer: ${answer}`, `#### ${answer}`];
  return [...announced, ...(solution === undefined ? [] : [solution])];
}

/** Whether there is anything of a problem to put forward. */
export function hasReference(problem: Problem): boolean {
  return forms(problem).length > 0;
}

/** Answers without a verdict in time after which a verifier is waited for no more. */
const mostTimeouts = 4;
/** Problems tried at once: few at first and where they take long, so that one that hangs is known soon. */
const [fewest, most] = [4, 64];
const longMs = 1000;

/**
 * @param onProgress  hears how many of the problems have been tried
 * @returns           the problems whose reference answer their verifier does not call right, in any form; in order
 * @throws VerifierError where it hangs
 */
export async function refusedReferences(
  verifier: OpenedVerifier,
  problems: readonly Problem[],
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Refused[]> {
  const refused: Refused[] = [];
  const late: Refused[] = [];
  let size = fewest;
  for (let at = 0; at < problems.length; ) {
    onProgress(at, problems.length);
    const began = performance.now();
    const own = await refusedAmong(verifier, problems.slice(at, at + size));
    at = Math.min(at + size, problems.length);
    refused.push(...own);
    late.push(...own.filter(({ verdict }) => verdict.kind === "error" && verdict.isLate === true));
    if (late.length >= mostTimeouts) throw hangs(verifier, late, at);
    size = performance.now() - began < longMs ? Math.min(2 * size, most) : fewest;
  }
  onProgress(problems.length, problems.length);
  return refused;
}

async function refusedAmong(verifier: OpenedVerifier, problems: readonly Problem[]): Promise<Refused[]> {
  const boxed = await verifier.verify(problems.map((problem) => ({ problem, answer: forms(problem)[0]! })));
  const doubtful = problems.flatMap((problem, i) =>
    boxed[i].kind === "right" ? [] : [{ problem, verdict: boxed[i] }],
  );
  // one that hung is not put again in another form
  const others = ({ problem, verdict }: Omit<Refused, "isUnjudged">) =>
    verdict.kind === "error" && verdict.isLate === true ? [] : forms(problem).slice(1);
  const items = doubtful.flatMap((one) => others(one).map((answer) => ({ problem: one.problem, answer })));
  const verdicts = await verifier.verify(items);
  let next = 0;
  return doubtful.flatMap((one) => {
    const own = [one.verdict, ...verdicts.slice(next, (next += others(one).length))];
    if (own.some(({ kind }) => kind === "right")) return [];
    return [{ ...one, isUnjudged: own.every(({ kind }) => kind === "error") }];
  });
}

function hangs({ name }: OpenedVerifier, late: readonly Refused[], tried: number): VerifierError {
  const [{ problem, verdict }] = late as readonly [Refused, ...Refused[]];
  return new VerifierError({
    where: `verifier ${name}`,
    expected: "a verdict on each reference answer in its time",
    got: `${late.length} of ${tried} answers without one, such as that of ${problem.id} (${verdict.because})`,
    next: "Judge that answer by itself to see where it hangs. What asks another program needs a time limit of its own.",
  });
}

/** @returns the problems whose reference answer no maths mode can read: only the same text will pass for it */
export function unreadReferences(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ answer }) => !isReadable(answer));
}
