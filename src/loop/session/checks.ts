/**
 * Gold answers: a sample of references, judged by the verifier that is to judge a model's answers.
 */
import { VerifierError } from "../../errors.ts";
import type { Problem } from "../types.ts";
import { refusedReferences } from "../verdicts/gold-answers.ts";
import type { OpenedVerifier } from "../verdicts/opened-verifier.ts";

/** Problems whose reference answers are tried. */
const goldSample = 64;

/** How a sample of reference answers fares with its own verifier. */
export interface GoldAnswers {
  readonly tried: number;
  readonly passed: number;
  /** The first that does not pass, in words; empty where all do. */
  readonly example: string;
}

export async function goldAnswers(
  verifier: OpenedVerifier,
  problems: readonly Problem[],
): Promise<GoldAnswers> {
  const stride = Math.max(1, Math.floor(problems.length / goldSample));
  const tried = problems.filter((_, i) => i % stride === 0).slice(0, goldSample);
  const failed = await refusedReferences(verifier, tried);
  const first = failed[0];
  const example =
    first === undefined
      ? ""
      : `; problem ${first.problem.id}, answer ${JSON.stringify(first.problem.answer)}: ${first.verdict.kind}, ${first.verdict.because ?? "without a reason"}`;
  return { tried: tried.length, passed: tried.length - failed.length, example };
}

/** Whether they pass well enough to learn by. */
export function areGold({ tried, passed }: GoldAnswers): boolean {
  return passed >= tried / 2;
}

/**
 * Reference answers pass their own verifier, in one of the ways an answer is announced.
 *
 * @throws VerifierError where less than half of a sample does
 */
export async function checkGoldAnswers(
  verifier: OpenedVerifier,
  { name, problems }: { readonly name: string; readonly problems: readonly Problem[] },
): Promise<string> {
  const gold = await goldAnswers(verifier, problems);
  const { tried, passed, example } = gold;
  if (areGold(gold))
    return `${passed} of ${tried} reference answers of ${name} pass ${verifier.name}${example}`;
  throw new VerifierError({
    where: `verifier ${verifier.name} on ${name}`,
    expected: "reference answers that pass it",
    got: `${passed} of ${tried}${example}`,
    next: "A model cannot be right where the reference is not. Choose the verifier that fits the data, or mend the answers.",
  });
}
