/**
 * Self-checks: what must hold before a run is worth its hours.
 *
 * Each gives one line for the log, or an error with what to do next.
 */
import type { Completion, Engine, Score, Sequence, UpdateReport } from "../../engine/engine.ts";
import { EngineError, VerifierError } from "../../errors.ts";
import type { Problem } from "../types.ts";
import { refusedReferences } from "../verdicts/gold-answers.ts";
import type { OpenedVerifier } from "../verdicts/opened-verifier.ts";

/** Problems whose reference answers are tried. */
const goldSample = 64;
/** Nats: two programs that compute one log-prob in float32 agree this well. */
const sameLogp = 1e-3;

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

/** Largest and mean |log π sampled − log π scored|, in nats, over all tokens. */
export function logpDifference(
  completions: readonly Completion[],
  scores: readonly Score[],
): { readonly mean: number; readonly max: number } {
  let total = 0;
  let tokens = 0;
  let max = 0;
  for (const [i, completion] of completions.entries()) {
    for (const [t, logp] of completion.logps.entries()) {
      const difference = Math.abs(logp - scores[i]!.logps[t]!);
      total += difference;
      tokens++;
      // a NaN must not hide behind a comparison that is false
      if (!(difference <= max)) max = difference;
    }
  }
  return { mean: total / tokens, max };
}

/**
 * Before the first update new and old policy are one: the ratio is 1 for every token.
 *
 * @throws EngineError where sampling and scoring disagree
 */
export function checkRatio(difference: { readonly mean: number; readonly max: number }): string {
  if (difference.max <= sameLogp) {
    return `sampling and scoring agree on every log-prob to ${difference.max.toExponential(1)} nats`;
  }
  throw new EngineError({
    where: "the first step",
    expected: `log-probs of sampling and of scoring within ${sameLogp} nats, so that the ratio starts at 1`,
    got: `a difference of ${difference.max}, ${difference.mean} on average`,
    next: "The engine computes one model in two ways. Please report it, with the model's name and this machine's kind.",
  });
}

/** @throws EngineError where the first update left the weights as they were, or broke them */
export function checkUpdate(report: UpdateReport, learningRate: number): string {
  const { gradNorm, updateNorm } = report;
  if (Number.isFinite(gradNorm) && updateNorm > 0 && Number.isFinite(updateNorm)) {
    return `the first update moved the weights by ${updateNorm.toExponential(1)} (gradient norm ${gradNorm.toExponential(1)})`;
  }
  throw new EngineError({
    where: "the first update",
    expected: "weights that change, by a finite amount",
    got: `a change of ${updateNorm}, gradient norm ${gradNorm}`,
    next:
      learningRate === 0
        ? "learning_rate is 0: set it higher."
        : gradNorm === 0
          ? "No answer had a gradient: check the objective's options."
          : "Lower learning_rate; where that does not help, the model's weights may be damaged.",
  });
}

/**
 * A saved checkpoint is the model: loaded again, it gives the same log-probs to the last bit.
 *
 * @param before  scores of `probe` by the weights that were saved
 * @throws EngineError where they differ
 */
export async function checkReload(
  engine: Engine,
  folder: string,
  probe: readonly Sequence[],
  before: readonly Score[],
  temperature: number,
): Promise<string> {
  await engine.load(folder);
  const after = await engine.score(probe, temperature);
  for (const [i, score] of after.entries()) {
    for (const [t, logp] of score.logps.entries()) {
      if (Object.is(logp, before[i]!.logps[t]!)) continue;
      throw new EngineError({
        where: folder,
        expected: `log-prob ${before[i]!.logps[t]} of token ${t}, as before saving`,
        got: String(logp),
        next: "What is saved is not what was trained. Check the disk; if it is sound, please report it.",
      });
    }
  }
  return `${folder} loads to the same log-probs`;
}
