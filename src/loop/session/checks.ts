/**
 * Gold answers: a sample of references, judged by the verifier that is to judge a model's answers.
 *
 * Where a verifier's forms are known and most references do not pass in any, no answer can be right, and the run is
 * refused. One that may ask for another form is warned of, with how to try it, and the run goes on.
 */
import { VerifierError } from "../../errors.ts";
import type { OnEvent } from "../../run/events.ts";
import type { Problem } from "../types.ts";
import {
  type GoldOutcome,
  goldOutcome,
  hasReference,
  howToTry,
  type Refused,
  refusedReferences,
} from "../verdicts/gold-answers.ts";
import type { OpenedVerifier } from "../verdicts/opened-verifier.ts";

/** Problems whose reference answers are tried. */
const GOLD_SAMPLE = 64;

/** How a sample of reference answers fares with its own verifier. */
export interface GoldAnswers {
  readonly tried: number;
  readonly passed: number;
  /** The first that does not pass, in words; empty where all do. */
  readonly example: string;
  readonly outcome: GoldOutcome;
  /** Of one verdict, over all threads; undefined where none was asked for. */
  readonly secondsPerVerdict: number | undefined;
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
  const began = performance.now();
  const outcome = await refusedReferences(verifier, sample);
  const { tried, refused } = outcome;
  const secondsPerVerdict = tried === 0 ? undefined : (performance.now() - began) / 1000 / tried;
  const counts = { tried, passed: tried - refused.length, secondsPerVerdict };
  return { ...counts, example: exampleOf(refused[0]), outcome: goldOutcome(verifier, outcome) };
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
 * @returns seconds of one verdict; undefined where none was asked for
 * @throws VerifierError where the run cannot be right
 */
export async function checkGoldAnswers(
  verifier: OpenedVerifier,
  { name, problems }: Answers,
  tell: OnEvent,
): Promise<number | undefined> {
  const { tried, passed, example, outcome, secondsPerVerdict } = await goldAnswers(verifier, problems);
  const text = `${passed} of ${tried} reference answers of ${name} pass ${verifier.name}${example}`;
  switch (outcome) {
    case "untried":
      tell({
        kind: "check",
        name: "gold answers",
        text: `${name} has no reference answers to try with ${verifier.name}`,
      });
      break;
    case "good":
      tell({ kind: "check", name: "gold answers", text });
      break;
    case "unsure":
      tell({ kind: "warning", text: `${text}. ${howToTry(verifier)}` });
      break;
    case "hopeless":
      throw new VerifierError({
        where: `verifier ${verifier.name} on ${name}`,
        expected: "reference answers that pass it",
        got: `${passed} of ${tried}${example}`,
        next: verifier.isBuiltIn
          ? "A model cannot be right where the reference is not. Choose the verifier that fits the data, or mend the answers."
          : 'It judged none of them, in any form. What it cannot read is wrong, not an error: return false there. A column "solution" with an answer as it should be is tried, too.',
      });
    default:
      outcome satisfies never;
  }
  return secondsPerVerdict;
}
