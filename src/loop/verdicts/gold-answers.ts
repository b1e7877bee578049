/**
 * Reference answers put to their own verifier.
 *
 * A model cannot be right where the reference is not: an answer that its verifier rejects, or cannot
 * judge, costs a run its signal, and is found here before the run begins.
 */

import { VerifierError } from "../../errors.ts";
import { isReadable } from "../../maths/answer.ts";
import type { Problem, Verdict } from "../types.ts";
import { usualForms } from "./gold-forms.ts";
import type { OpenedVerifier } from "./opened-verifier.ts";
import { verifyGroups } from "./verify-groups.ts";

export interface Refused {
  readonly problem: Problem;
  /** What the verifier said of the first form of the reference. */
  readonly verdict: Verdict;
  /** Every form was an error: it judged none. */
  readonly isUnjudged: boolean;
  /** It could not parse any form, as one that reads answers of another form alone. */
  readonly isUnread: boolean;
}

export interface Tried {
  /** Problems of which there was a form to try. */
  readonly tried: number;
  /** Those of them that the verifier does not call right in any form, in order. */
  readonly refused: readonly Refused[];
}

/**
 * `untried`: there was no form to try. `good`: half or more pass. `unsure`: fewer, by a verifier that may ask for
 * another form. `hopeless`: no answer can be right, or none is judged.
 */
export type GoldOutcome = "untried" | "good" | "unsure" | "hopeless";

/** What it says of a run that references of its problems were tried. */
export function goldOutcome(
  { hasAllForms, isBuiltIn, readsReference }: OpenedVerifier,
  { tried, refused }: Tried,
): GoldOutcome {
  if (tried === 0) return "untried";
  if (refused.length <= tried / 2) return "good";
  if (hasAllForms) return "hopeless";
  const judgesNone =
    refused.length === tried &&
    refused.every(({ isUnjudged, isUnread }) => isUnjudged && (isBuiltIn || !isUnread));
  return judgesNone && (isBuiltIn || readsReference !== false) ? "hopeless" : "unsure";
}

/** How references can be tried with a verifier that asks for answers in a form of its own. */
export function howToTry({ isBuiltIn, readsReference }: OpenedVerifier): string {
  const solution = 'a column "solution" with an answer as it should be is tried';
  if (isBuiltIn)
    return readsReference === false
      ? `It reads no references; ${solution}.`
      : `It may ask for another form than those tried: ${solution}, too.`;
  return `Tried were the forms it names, or else \\boxed{x}, x, Answer: x, #### x and the row's solution. If it asks for another, let it say so: export default { judge, goldForms: ({ answer }) => ["Label: " + answer] }; ${solution}, too. If it asks for none of them, no answer will be right`;
}

/** Whether there is anything of a problem to put forward. */
export function hasReference(problem: Problem): boolean {
  return usualForms(problem).length > 0;
}

/** Answers without a verdict in time after which a verifier is waited for no more. */
const MOST_TIMEOUTS = 4;
/** Problems tried at once: few at first and where they take long, so that one that hangs is known soon. */
const [fewest, most] = [4, 64];
const LONG_MS = 1000;

/**
 * @param onProgress  hears how many of the problems have been tried
 * @throws VerifierError where it hangs
 */
export async function refusedReferences(
  verifier: OpenedVerifier,
  problems: readonly Problem[],
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Tried> {
  let tried = 0;
  const refused: Refused[] = [];
  const late: Refused[] = [];
  let size = fewest;
  for (let at = 0; at < problems.length; ) {
    onProgress(at, problems.length);
    const began = performance.now();
    const own = await triedOf(verifier, problems.slice(at, at + size));
    at = Math.min(at + size, problems.length);
    tried += own.tried;
    refused.push(...own.refused);
    late.push(...own.refused.filter(({ verdict }) => verdict.kind === "error" && verdict.isLate === true));
    if (late.length >= MOST_TIMEOUTS) throw hangs(verifier, late, at);
    size = performance.now() - began < LONG_MS ? Math.min(2 * size, most) : fewest;
  }
  onProgress(problems.length, problems.length);
  return { tried, refused };
}

async function triedOf(verifier: OpenedVerifier, problems: readonly Problem[]): Promise<Tried> {
  const formsOf = await verifier.goldForms(problems);
  const golds = problems.flatMap((problem, i) => {
    const [first, ...others] = formsOf[i]!;
    return first === undefined ? [] : [{ problem, first, others }];
  });
  const firsts = await verifier.verify(golds.map(({ problem, first }) => ({ problem, answer: first })));
  const doubtful = golds.flatMap(({ problem, others }, i) =>
    firsts[i].kind === "right" ? [] : [{ problem, others, verdict: firsts[i] }],
  );
  // one that hung is not put again in another form
  const again = doubtful.map(({ problem, others, verdict }) => ({
    problem,
    answers: verdict.kind === "error" && verdict.isLate === true ? [] : others,
  }));
  const verdicts = await verifyGroups(verifier, again);
  const refused = doubtful.flatMap(({ problem, verdict }, i) => {
    const own = [verdict, ...verdicts[i]!];
    if (own.some(({ kind }) => kind === "right")) return [];
    const isUnread = own.every((one) => one.kind === "error" && one.isUnread === true);
    return [{ problem, verdict, isUnjudged: own.every(({ kind }) => kind === "error"), isUnread }];
  });
  return { tried: golds.length, refused };
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
