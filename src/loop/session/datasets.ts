/**
 * A session's problems: read from where the options say, put as the model reads them, held to what fits.
 */
import type { Engine } from "../../engine/engine.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { Options } from "../../options/options.ts";
import type { OnEvent } from "../../run/events.ts";
import { readFields } from "../problems/fields.ts";
import { type DataSet, loadProblems } from "../problems/load.ts";
import { type AskedProblem, fittingProblems } from "../rollouts/filter-prompts.ts";
import { bareTextNote, promptRenderer, type RenderPrompt } from "../rollouts/prompt.ts";
import type { LeftOut } from "../types.ts";
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
  options: Options,
  need: "answer" | "solution",
  locating: Locating = {},
): Promise<ProblemSets> {
  const load = (split: "train" | "test", source: string) =>
    loadProblems(source, { ...loading(options, split, locating), need });
  const dataset = await load("train", options.dataset);
  const held = options.evalDataset === "" ? undefined : await load("test", options.evalDataset);
  return { dataset, held };
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
    fieldsOption: isTrain ? "data_fields" : "eval_data_fields",
    hub: hearing(named, locating),
    generatedSize: generatedSizes[split],
    split,
    seed: options.seed,
    need: "answer",
  } as const;
}

/** Says what of the sets is not used. */
export function tellNotices({ dataset, held }: ProblemSets, tell: OnEvent): void {
  for (const text of [dataset, held].flatMap((set) => set?.notices ?? [])) tell({ kind: "warning", text });
}

/** How problems are put to this model; told where it is bare text and nobody asked for that. */
export function rendererFor(tokenizer: Tokenizer, options: Options, tell: OnEvent): RenderPrompt {
  const bare = bareTextNote(tokenizer, options);
  if (bare !== undefined) tell({ kind: "note", text: bare });
  return promptRenderer(tokenizer, options);
}

/** The problems that the model can be asked; those left out are told. */
export function fitting(
  data: Pick<DataSet, "name" | "problems">,
  render: RenderPrompt,
  engine: Engine,
  options: Options,
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
