/**
 * A session's problems: read from where the options say, put as the model reads them, held to what fits.
 */
import type { Engine } from "../../engine/engine.ts";
import { DataError } from "../../errors.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { AnyOptions, Options } from "../../options/options.ts";
import type { OnEvent } from "../../run/events.ts";
import { readFields } from "../problems/fields.ts";
import { holdOut } from "../problems/hold-out.ts";
import { type DataSet, loadProblems, type Rows } from "../problems/load.ts";
import type { Need } from "../problems/row.ts";
import { type AskedProblem, fittingProblems } from "../rollouts/filter-prompts.ts";
import { bareTextNote, promptRenderer, type RenderPrompt } from "../rollouts/prompt.ts";
import type { LeftOut } from "../types.ts";
import type { OpenedVerifier } from "../verdicts/opened-verifier.ts";
import { readsReference } from "../verdicts/verifiers.ts";
import type { Values } from "./given-values.ts";
import { hearing, type Locating } from "./locate-model.ts";

/** Problems of a generator, where the options name no number. */
const generatedSizes = { train: 4096, test: 256 } as const;

/** Problems as they are asked. */
export interface Asked {
  readonly name: string;
  readonly asked: readonly AskedProblem[];
  /** Problems that the model cannot be asked, or whose prompts are too long. */
  readonly leftOut: readonly LeftOut[];
}

/** What is learnt from and, where the options name it, what is measured on. */
export interface ProblemSets {
  readonly dataset: DataSet;
  readonly held: DataSet | undefined;
}

/**
 * @param need  what a row has to have beside its problem
 * @throws DataError, HubError where a set cannot be read
 */
export async function loadSets(
  options: Options<"train" | "sft">,
  need: Need,
  locating: Locating = {},
  values: Values = {},
): Promise<ProblemSets> {
  const load = (split: "train" | "test", source: string | Rows) =>
    loadProblems(source, { ...loading(options, split, locating), need });
  const dataset = await load("train", values.dataset ?? options.dataset);
  const named = values.evalDataset ?? options.evalDataset;
  if (named !== undefined) return { dataset, held: await load("test", named) };
  return heldOutOf(dataset, options);
}

/** What is learnt from and, where `eval_fraction` asks for it, a share of it that is held out. */
export function heldOutOf(
  dataset: DataSet,
  { evalFraction, evalDatasetSize, seed }: AnyOptions,
): ProblemSets {
  if (evalFraction === undefined) return { dataset, held: undefined };
  const { dataset: rest, held } = holdOut(dataset, evalFraction, seed);
  return { dataset: rest, held: { ...held, problems: held.problems.slice(0, evalDatasetSize) } };
}

/** How a command reads the problems it learns from, or those it is measured on. */
export function loading(options: AnyOptions, split: "train" | "test", locating: Locating = {}) {
  const isTrain = split === "train";
  const named = (isTrain ? options.dataset : options.evalDataset) ?? "";
  return {
    size: isTrain ? options.datasetSize : options.evalDatasetSize,
    fields: isTrain
      ? readFields(options.dataFields, "data_fields")
      : readFields(options.evalDataFields, "eval_data_fields"),
    fieldsOption: isTrain ? "data_fields" : "eval_data_fields",
    hub: hearing(named, locating),
    generatedSize: generatedSizes[split],
    split,
    seed: options.seed,
    need: needOf(options.verifier),
  } as const;
}

/** A verifier of one's own may do without references; whether it does is known once it is loaded. */
export function needOf(verifier: string): Need {
  return readsReference(verifier) === true ? "answer" : "nothing";
}

/** @throws DataError where problems lack the answer that the verifier says it reads */
export function checkAnswers(
  { name, problems }: Pick<DataSet, "name" | "problems">,
  verifier: OpenedVerifier,
): void {
  const lacking = verifier.readsReference === true ? problems.filter(({ answer }) => answer === "") : [];
  if (lacking.length === 0) return;
  throw new DataError({
    where: name,
    expected: `an answer in every row, as verifier ${verifier.name} says that it reads it`,
    got: `none in ${lacking.length} of ${problems.length}, the first in problem ${lacking[0].id}`,
    next: "Give those rows an answer, or let the verifier say readsReference: false.",
  });
}

/** Says what of the sets is not used. */
export function tellNotices({ dataset, held }: ProblemSets, tell: OnEvent): void {
  for (const text of [dataset, held].flatMap((set) => set?.notices ?? [])) tell({ kind: "warning", text });
}

/** How problems are put to this model; told where it is bare text and nobody asked for that. */
export function rendererFor(tokenizer: Tokenizer, options: AnyOptions, tell: OnEvent): RenderPrompt {
  const bare = bareTextNote(tokenizer, options);
  if (bare !== undefined) tell({ kind: "note", text: bare });
  return promptRenderer(tokenizer, options);
}

/** The problems that the model can be asked; those left out are told. */
export function fitting(
  data: Pick<DataSet, "name" | "problems">,
  render: RenderPrompt,
  engine: Engine,
  options: AnyOptions,
  tell: OnEvent,
): Asked {
  const { asked, leftOut, notices } = fittingProblems(data, render, {
    prompt: options.maxPromptLength,
    completion: options.maxCompletionLength,
    context: engine.facts.contextLength,
  });
  for (const text of notices) tell({ kind: "warning", text });
  return { name: data.name, asked, leftOut };
}

/** Held-out prompts that are learnt from, too. */
export function sharedPrompts(asked: readonly AskedProblem[], heldOut: readonly AskedProblem[]): number {
  const learnt = new Set(asked.map(({ text }) => text));
  return heldOut.filter(({ text }) => learnt.has(text)).length;
}
