/**
 * A training session: everything a run needs, opened and checked before its first step.
 */

import type { Objective } from "../../engine/objective.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { AnyOptions } from "../../options/options.ts";
import type { OnEvent, RunContext } from "../../run/events.ts";
import type { Tell } from "../../run/reporter.ts";
import type { UserVerifier } from "../verdicts/as-verifier.ts";
import { noiseOf, noiseWarning, type VerdictNoise } from "../verdicts/noise.ts";
import { openVerifier } from "../verdicts/open-verifier.ts";
import type { OpenedVerifier } from "../verdicts/opened-verifier.ts";
import { objectiveOf } from "./build-objective.ts";
import { checkGoldAnswers } from "./checks.ts";
import {
  type Asked,
  checkAnswers,
  fitting,
  loadSets,
  needOf,
  type ProblemSets,
  rendererFor,
  sharedPrompts,
  tellNotices,
} from "./datasets.ts";
import type { TrainOptions, Values } from "./given-values.ts";
import { locateModel } from "./locate-model.ts";
import { openPolicy } from "./open-policy.ts";
import { fingerprint, openSession, type Session } from "./open-session.ts";
import { openOrder } from "./problem-order.ts";

export interface TrainSession extends Session {
  readonly tokenizer: Tokenizer;
  readonly verifier: OpenedVerifier;
  /** How its verdicts are turned about in training, where an experiment asks for it. */
  readonly noise: VerdictNoise | undefined;
  readonly objective: Objective;
  readonly problems: Asked;
  readonly heldOut: Asked | undefined;
}

/** Opens what `train` needs. */
export function openTraining(given: TrainOptions, context: RunContext): Promise<TrainSession> {
  return openSession("train", given, context, async ({ options, values, resumes, tell, closers }) => {
    if (options.topP < 1 || options.topK > 0) {
      tell({
        kind: "warning",
        text: "top_p or top_k is on: answers are drawn from a cut distribution, and learnt from as if from the whole one",
      });
    }
    const noise = noiseOf(options.verifierNoiseFalseAccept, options.verifierNoiseFalseReject);
    if (noise !== undefined) tell({ kind: "warning", text: noiseWarning(noise) });
    const sets = await loadSets(options, needOf(options.verifier), context, values);
    const { dataset, held } = sets;
    tellNotices(sets, tell);
    const model = resumes === undefined ? await locateModel(options.model, context) : undefined;
    const { objective, verifier } = await openUserCode(options, sets, tell, values);
    closers.push(() => verifier.close());
    return {
      name: `${objective.name}-${dataset.name}`,
      openModel: (checkpoint) => openPolicy(checkpoint ?? model ?? options.model, options, context),
      prepare: ({ engine, tokenizer }) => {
        const render = rendererFor(tokenizer, options, tell);
        const problems = fitting(dataset, render, engine, options, tell);
        const heldOut = held && fitting(held, render, engine, options, tell);
        if (heldOut !== undefined) warnOfOverlap(problems, heldOut, tell);
        const data = fingerprint(problems.asked.map(({ problem, tokens }) => [problem.answer, tokens]));
        const count = problems.asked.length;
        const leftOut = [dataset, problems, held, heldOut].flatMap((set) => set?.leftOut ?? []);
        return {
          verifier,
          noise,
          objective,
          problems,
          heldOut,
          data,
          count,
          leftOut,
          steps: options.maxSteps,
        };
      },
      openOrder: ({ problems }, folder) => openOrder(options, problems, folder),
    };
  });
}

interface UserCode {
  readonly objective: Objective;
  readonly verifier: OpenedVerifier;
  /** As its reference answers were judged; undefined where there were none to try. */
  readonly secondsPerVerdict: number | undefined;
}

/**
 * What may be a user's own code, loaded and tried.
 *
 * @throws OptionError, VerifierError where it does not load, or can teach nothing of these problems
 */
export async function openUserCode(
  options: AnyOptions,
  { dataset, held }: ProblemSets,
  tell: OnEvent,
  values: Values = {},
): Promise<UserCode> {
  const objective = await objectiveOf(options, values.objective);
  const verifier = await verifierOf(options, values.verifier);
  try {
    for (const set of held === undefined ? [dataset] : [dataset, held]) checkAnswers(set, verifier);
    const secondsPerVerdict = await checkGoldAnswers(verifier, dataset, tell);
    return { objective, verifier, secondsPerVerdict };
  } catch (cause) {
    await verifier.close();
    throw cause;
  }
}

/** The verifier that the options name, or the value they stand for. */
export function verifierOf(options: AnyOptions, given?: UserVerifier): Promise<OpenedVerifier> {
  return openVerifier(given ?? options.verifier, {
    workers: options.verifierWorkers,
    timeoutMs: options.verifierTimeoutMs,
    scoreThreshold: options.scoreThreshold,
  });
}

/** A model that learnt the held-out problems is not measured by them. */
function warnOfOverlap(problems: Asked, heldOut: Asked, tell: Tell): void {
  const shared = sharedPrompts(problems.asked, heldOut.asked);
  if (shared === 0) return;
  tell({
    kind: "warning",
    text: `${shared} of ${heldOut.asked.length} held-out problems are also learnt from, so the evaluation is not of unseen problems alone`,
  });
}
