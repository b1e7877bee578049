/**
 * Evaluation: held-out problems → rollouts → verdicts, reported as rates with their intervals.
 *
 * Every evaluation of a run draws with the same random numbers, so that what changes between two of
 * them is the policy alone; `errata eval` draws with them too.
 */
import type { Engine } from "../engine/engine.ts";
import type { Tokenizer } from "../formats/tokenizer/tokenizer.ts";
import type { Options } from "../options/options.ts";
import type { AnswerRecord, Interval, JudgedAnswer, ShownAnswer, SolveEval } from "../run/records.ts";
import type { PhaseProgress, Tell } from "../run/reporter.ts";
import { pairedDifference } from "../statistics/intervals.ts";
import { measure } from "../statistics/rates.ts";
import { RolloutJudge, reasonOf, verifierFault } from "./judge-rollouts.ts";
import type { AskedProblem } from "./rollouts/filter-prompts.ts";
import { type Drawn, sampleRollouts } from "./rollouts/sample.ts";
import type { Asked } from "./session/datasets.ts";
import { type Judged, shownAnswers } from "./shown-answers.ts";
import type { JudgedRollout, Verdict } from "./types.ts";
import type { OpenedVerifier } from "./verdicts/opened-verifier.ts";

export interface Examined {
  readonly options: Options;
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  readonly verifier: OpenedVerifier;
  readonly tell: Tell;
}

/**
 * Measures the policy as it is now.
 *
 * @param step   steps taken before
 * @param start  the run's first evaluation, for the change since
 * @param asked  where somebody asked for it
 * @throws VerifierError where too many verdicts are errors
 */
export async function evaluatePolicy(
  examined: Examined,
  heldOut: Asked,
  step: number,
  start?: SolveEval,
  asked?: true,
): Promise<{
  readonly record: SolveEval;
  /** Of answers.jsonl. */
  readonly lines: readonly AnswerRecord[];
  readonly answers: readonly ShownAnswer[];
}> {
  const began = performance.now();
  const { options, verifier, tell } = examined;
  const k = options.evalNumGenerations;
  const drawn = heldOut.asked.map((asked, draw) => ({ ...asked, draw }));
  const bearable = options.maxVerifierErrorRate * drawn.length * k;
  const answers = await tell.timed("eval", step, (progress) =>
    answer(examined, drawn, k, bearable, progress),
  );
  const fault = verifierFault(verifier.name, verdictsOf(answers.flat()), options.maxVerifierErrorRate);
  if (fault !== undefined) throw fault;
  const seconds = (performance.now() - began) / 1000;
  const own = await solveEval(examined, heldOut.name, step, k, answers, seconds);
  const record = { ...own, ...(asked && { asked }) };
  const sinceStart = start && changeSince(start, record);
  return {
    record: sinceStart === undefined ? record : { ...record, sinceStart },
    lines: heldOut.asked.map(({ problem, text }, place) => ({
      ...{ step, ...(asked && { asked }), place, problem: problem.id },
      ...{ prompt: text, reference: problem.answer, answers: answers[place]! },
    })),
    answers: shownAnswers(judgedAnswers(heldOut.asked, answers)),
  };
}

/**
 * Asks each problem k times and judges what comes.
 *
 * @param drawn     the draw of each is its place in its data set
 * @param bearable  once more verdicts than these are errors, the rest is not judged
 * @returns         the answers to each problem, in the order of sampling
 */
export async function answer(
  { options, engine, tokenizer, verifier }: Examined,
  drawn: readonly Drawn[],
  k: number,
  bearable: number,
  onProgress?: PhaseProgress,
): Promise<JudgedAnswer[][]> {
  const sampling = {
    answers: k,
    maxTokens: options.maxCompletionLength,
    temperature: options.evalTemperature,
    topP: options.evalTopP,
    topK: options.evalTopK,
    seed: options.seed,
    // training samples at steps from 1 on: step 0 has random numbers of its own
    step: 0,
  };
  const judge = new RolloutJudge(verifier, bearable);
  const judging: Promise<JudgedRollout[]>[] = [];
  await sampleRollouts(engine, tokenizer, drawn, sampling, {
    onProgress,
    onGroup: (place, own) => {
      judging[place] = judge.judge(own);
    },
  });
  const judged = await Promise.all(judging);
  return judged.map((own) => own.map(judgedAnswer));
}

/** Each answer beside its problem. */
export function judgedAnswers(
  asked: readonly AskedProblem[],
  answers: readonly (readonly JudgedAnswer[])[],
): Judged[] {
  return asked.flatMap(({ problem }, i) =>
    answers[i]!.map((one) => ({ problem, text: one.text, verdict: verdictsOf([one])[0]! })),
  );
}

function judgedAnswer({ rollout, verdict }: JudgedRollout): JudgedAnswer {
  const { text, stop, tokens, entropies } = rollout;
  const entropy = entropies?.reduce((sum, each) => sum + each, 0);
  return {
    ...{ text, stop, tokens: tokens.length },
    ...(entropy === undefined ? {} : { entropy }),
    ...{ verdict: verdict.kind, ...reasonOf(verdict) },
  };
}

export function verdictsOf(answers: readonly JudgedAnswer[]): Verdict[] {
  return answers.map(({ verdict: kind, because = "" }) => ({ kind, because }));
}

/** The record of one data set. */
export async function solveEval(
  { options, verifier }: Pick<Examined, "options" | "verifier">,
  dataset: string,
  step: number,
  k: number,
  answers: readonly (readonly JudgedAnswer[])[],
  seconds: number,
): Promise<SolveEval> {
  const votes = k === 1 ? [] : await votesOf(answers, verifier);
  return {
    kind: "solve",
    step,
    dataset,
    problems: answers.length,
    k,
    temperature: options.evalTemperature,
    topP: options.evalTopP,
    topK: options.evalTopK,
    ...measure(answers, k, (problem) => votes[problem]),
    seconds: Math.round(1000 * seconds) / 1000,
  };
}

/** For each problem whether two of its answers say the same. */
function votesOf(
  problems: readonly (readonly JudgedAnswer[])[],
  verifier: OpenedVerifier,
): Promise<((one: string, other: string) => boolean)[]> {
  return Promise.all(
    problems.map(async (own) => {
      const put = own.flatMap(({ extracted }) => extracted ?? []);
      const classes = await verifier.compare(put);
      const classOf = new Map(put.map((text, i) => [text, classes[i]]));
      return (one: string, other: string) => classOf.get(one) === classOf.get(other);
    }),
  );
}

/** Problem by problem, over those judged both times; undefined where the two are not of the same problems. */
function changeSince(start: SolveEval, now: SolveEval): Interval | undefined {
  if (start.step === now.step || start.dataset !== now.dataset || start.problems !== now.problems)
    return undefined;
  const both = now.judged.flatMap((count, i) => (count > 0 && start.judged[i]! > 0 ? [i] : []));
  if (both.length === 0) return undefined;
  return pairedDifference(
    both.map((i) => start.right[i]! / start.judged[i]!),
    both.map((i) => now.right[i]! / now.judged[i]!),
    Math.min(start.k, now.k),
  );
}
