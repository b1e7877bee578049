/**
 * Gold answers: a sample of references, judged by the verifier that is to judge a model's answers.
 *
 * One of errata's own verifiers looks for the reference itself: where most do not pass, no answer can be right,
 * and the run is refused. What a verifier of one's own asks of an answer is not known here: that is told, and the
 * run goes on, unless it judges nothing at all.
 */
import { VerifierError } from "../../errors.ts";
import type { OnEvent } from "../../run/events.ts";
import type { Problem } from "../types.ts";
import { hasReference, type Refused, refusedReferences } from "../verdicts/gold-answers.ts";
import type { OpenedVerifier } from "../verdicts/opened-verifier.ts";

/** Problems whose reference answers are tried. */
const GOLD_SAMPLE = 64;

/** How a sample of reference answers fares with its own verifier. */
export interface GoldAnswers {
  readonly tried: number;
  readonly passed: number;
  /** The first that does not pass, in words; empty where all do. */
  readonly example: string;
  /** `few`: under half pass, which may be as it should. `hopeless`: no answer can be right, or none is judged. */
  readonly outcome: "good" | "few" | "hopeless";
}

interface Answers {
  readonly name: string;
  readonly problems: readonly Problem[];
}

export async function goldAnswers(
  verifier: OpenedVerifier,
  problems: readonly Problem[],
): Promise<GoldAnswers> {
  const answered = problems.filter(hasReference);
  const stride = Math.max(1, Math.floor(answered.length / GOLD_SAMPLE));
  const sample = answered.filter((_, i) => i % stride === 0).slice(0, GOLD_SAMPLE);
  const { tried, refused } = await refusedReferences(verifier, sample);
  const counts = { tried, passed: tried - refused.length };
  return { ...counts, example: exampleOf(refused[0]), outcome: outcomeOf(verifier, tried, refused) };
}

function outcomeOf(
  verifier: OpenedVerifier,
  tried: number,
  refused: readonly Refused[],
): GoldAnswers["outcome"] {
  if (refused.length <= tried / 2) return "good";
  const unjudged = refused.filter(({ isUnjudged }) => isUnjudged).length;
  if (unjudged === tried) return "hopeless";
  return verifier.isBuiltIn && verifier.readsReference !== false ? "hopeless" : "few";
}

function exampleOf(first: Refused | undefined): string {
  if (first === undefined) return "";
  const { problem, verdict } = first;
  return `; problem ${problem.id}, answer ${JSON.stringify(problem.answer.slice(0, 200))}: ${verdict.kind}, ${verdict.because ?? "without a reason"}`;
}

/**
 * Reference answers pass their own verifier, in one of the ways an answer is announced; where few do, a warning says
 * what was tried.
 *
 * @throws VerifierError where the run cannot be right
 */
export async function checkGoldAnswers(
  verifier: OpenedVerifier,
  { name, problems }: Answers,
  tell: OnEvent,
): Promise<void> {
  const { tried, passed, example, outcome } = await goldAnswers(verifier, problems);
  const text =
    tried === 0
      ? `${name} has no reference answers to try with ${verifier.name}`
      : `${passed} of ${tried} reference answers of ${name} pass ${verifier.name}${example}`;
  if (outcome === "good") tell({ kind: "check", name: "gold answers", text });
  else if (outcome === "few") {
    tell({
      kind: "warning",
      text: `${text}. Tried were the goldForms it names, or else \\boxed{x}, x, Answer: x, #### x and the row's solution. If it asks for another form, goldForms or a column "solution" with such an answer shows that it can be right; if not, no answer will be`,
    });
  } else {
    throw new VerifierError({
      where: `verifier ${verifier.name} on ${name}`,
      expected: "reference answers that pass it",
      got: `${passed} of ${tried}${example}`,
      next: verifier.isBuiltIn
        ? "A model cannot be right where the reference is not. Choose the verifier that fits the data, or mend the answers."
        : 'It judged none of them, in any form. What it cannot read is wrong, not an error: return false there. A column "solution" with an answer as it should be is tried, too.',
    });
  }
}
