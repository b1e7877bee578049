/**
 * A training session: everything a run needs, opened and checked before its first step.
 */
import type { Engine } from "../../engine/engine.ts";
import type { Tokenizer } from "../../engine/models/tokenizer.ts";
import type { Objective } from "../../engine/objective.ts";
import type { RunContext, RunEvent } from "../events.ts";
import type { GivenOptions, Options } from "../options/options.ts";
import { readFields } from "../problems/fields.ts";
import { type DataSet, loadProblems } from "../problems/load.ts";
import { type AskedProblem, fittingProblems } from "../rollouts/fit.ts";
import { bareTextNote, promptRenderer, type RenderPrompt } from "../rollouts/prompt.ts";
import type { Tell } from "../tell.ts";
import type { LeftOut } from "../types.ts";
import { VerifierPool } from "../verdicts/verify.ts";
import { checkGoldAnswers } from "./checks.ts";
import { objectiveOf } from "./choose-objective.ts";
import { hearing, type Locating } from "./locate-model.ts";
import { openPolicy } from "./open-engine.ts";
import { fingerprint, openSession, type Session } from "./open-session.ts";

/** Problems of a generator, where the options name no number. */
export const generatedSizes = { train: 4096, test: 256 } as const;

export interface Asked {
  readonly name: string;
  readonly asked: readonly AskedProblem[];
  /** Problems that the model cannot be asked, or whose prompts are too long. */
  readonly leftOut: readonly LeftOut[];
}

export interface TrainSession extends Session {
  readonly tokenizer: Tokenizer;
  readonly verifier: VerifierPool;
  readonly objective: Objective;
  readonly problems: Asked;
  readonly heldOut: Asked | undefined;
}

/** Opens what `train` needs. */
export function openTraining(given: GivenOptions, context: RunContext): Promise<TrainSession> {
  return openSession("train", given, context, async ({ options, tell, closers }) => {
    if (options.topP < 1 || options.topK > 0) {
      tell({
        kind: "warning",
        text: "top_p or top_k is on: answers are drawn from a cut distribution, and learnt from as if from the whole one",
      });
    }
    const objective = await objectiveOf(options);
    const dataset = await loadProblems(options.dataset, loading(options, "train", context));
    const held =
      options.evalDataset === ""
        ? undefined
        : await loadProblems(options.evalDataset, loading(options, "test", context));
    for (const text of [dataset, held].flatMap((set) => set?.notices ?? [])) tell({ kind: "warning", text });
    const verifier = await openVerifier(options);
    closers.push(() => verifier.close());
    const gold = await checkGoldAnswers(verifier, options.verifier, dataset);
    tell({ kind: "check", name: "gold answers", text: gold });
    return {
      name: `${objective.name}-${dataset.name}`,
      openModel: (checkpoint) => openPolicy(checkpoint ?? options.model, options, context),
      prepare: ({ engine, tokenizer }) => {
        const render = promptRenderer(tokenizer, options);
        const bare = bareTextNote(tokenizer, options);
        if (bare !== undefined) tell({ kind: "note", text: bare });
        const problems = fitting(dataset, render, engine, options, tell);
        const heldOut = held && fitting(held, render, engine, options, tell);
        if (heldOut !== undefined) warnOfOverlap(problems, heldOut, tell);
        const data = fingerprint(problems.asked.map(({ problem, tokens }) => [problem.answer, tokens]));
        const count = problems.asked.length;
        const leftOut = [dataset, problems, held, heldOut].flatMap((set) => set?.leftOut ?? []);
        return { verifier, objective, problems, heldOut, data, count, leftOut, steps: options.maxSteps };
      },
    };
  });
}

export function openVerifier(options: Options): Promise<VerifierPool> {
  return VerifierPool.open(options.verifier, {
    workers: options.verifierWorkers,
    timeoutMs: options.verifierTimeoutMs,
  });
}

/** How a command reads the problems it learns from, or those it is measured on. */
export function loading(options: Options, split: "train" | "test", locating: Locating = {}) {
  const isTrain = split === "train";
  const named = isTrain ? options.dataset : options.evalDataset;
  return {
    size: isTrain ? options.datasetSize : options.evalDatasetSize,
    fields: isTrain
      ? readFields(options.dataFields, "data_fields")
      : readFields(options.evalDataFields, "eval_data_fields"),
    hub: hearing(named, locating),
    generatedSize: generatedSizes[split],
    split,
    seed: options.seed,
    need: "answer",
  } as const;
}

/** The problems that fit the model; those left out are told. */
export function fitting(
  data: Pick<DataSet, "name" | "problems">,
  render: RenderPrompt,
  engine: Engine,
  options: Options,
  tell: (event: RunEvent) => void,
): Asked {
  const { asked, leftOut, notices } = fittingProblems(data, render, {
    prompt: options.maxPromptLength,
    completion: options.maxCompletionLength,
    context: engine.facts.contextLength,
  });
  for (const text of notices) tell({ kind: "warning", text });
  return { name: data.name, asked, leftOut };
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

/** Held-out prompts that are learnt from, too. */
export function sharedPrompts(asked: readonly AskedProblem[], heldOut: readonly AskedProblem[]): number {
  const learnt = new Set(asked.map(({ text }) => text));
  return heldOut.filter(({ text }) => learnt.has(text)).length;
}
