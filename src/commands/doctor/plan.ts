/**
 * A plan: what a run would do, worked out from the options, the data and the model's files alone.
 *
 *   options  →  model, problems, first prompt, batches, memory
 *
 * The weights are not read and nothing is written. A verifier and an objective of the user's own are loaded and
 * tried, as the run would do before its first step. What was opened is handed on, to measure a step with.
 */
import type { Limits } from "../../engine/embedded/limits.ts";
import type { MemoryPart } from "../../engine/embedded/memory.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { characterTokenizer } from "../../formats/tokenizer/character-tokenizer.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { DataSet } from "../../loop/problems/load.ts";
import { ShuffledSampler } from "../../loop/problems/shuffled-sampler.ts";
import { type AskedProblem, fittingProblems } from "../../loop/rollouts/filter-prompts.ts";
import { endOf, fittingExamples, type WorkedExample } from "../../loop/rollouts/fit-examples.ts";
import { formatOf, promptRenderer } from "../../loop/rollouts/prompt.ts";
import { loadSets, needOf } from "../../loop/session/datasets.ts";
import { findModel, tokenizerOf } from "../../loop/session/load-model.ts";
import type { Locating } from "../../loop/session/locate-model.ts";
import { newModelConfig } from "../../loop/session/new-model.ts";
import { textsOf } from "../../loop/session/sft-session.ts";
import { openUserCode } from "../../loop/session/train-session.ts";
import { parameterCount } from "../../models/parameter-shapes.ts";
import { roundsOf, sftSteps, updatesPerStep } from "../../options/batch-sizes.ts";
import { loraOf } from "../../options/choose-lora.ts";
import type { Options } from "../../options/options.ts";
import type { OnEvent } from "../../run/events.ts";
import type { ExaminedData } from "./data.ts";
import { type Lengths, runBatches, runMemory } from "./memory-plan.ts";
import type { ExaminedModel } from "./model.ts";
import { rateNote } from "./rate-note.ts";

export interface Plan {
  readonly model: {
    readonly architecture: string;
    readonly parameters: number;
    readonly vocabulary: number;
    readonly contextLength: number;
    /** Sentences on how it goes together with the options. */
    readonly notices: readonly string[];
  };
  /** What is learnt from and, where there is one, what it is measured on. */
  readonly problems: readonly {
    readonly name: string;
    readonly count: number;
    /** What is left out of it, and why. */
    readonly notices: readonly string[];
  }[];
  /** The first prompt of the run, as the model reads it; in sft with its solution. */
  readonly prompt: {
    readonly text: string;
    readonly tokens: number;
    /** Through the model's chat template, or bare text. */
    readonly format: "chat" | "raw";
    readonly solution?: string;
  };
  /** The arithmetic of a step, in sentences. */
  readonly batches: readonly string[];
  readonly memory: readonly MemoryPart[];
  /** Bytes: the most of these that is held at one time. */
  readonly peak: number;
}

/** A plan, and what was opened to make it. */
export interface OpenedPlan {
  readonly plan: Plan;
  /** undefined where it is new and has no files. */
  readonly model: ExaminedModel | undefined;
  readonly data: ExaminedData;
}

/**
 * @param locating  hears of a download: the model's files have to be here to be looked into
 * @throws OptionError, DataError, ModelError, HubError as the run itself would
 */
export async function plan(...of: Parameters<typeof openPlan>): Promise<Plan> {
  return (await openPlan(...of)).plan;
}

/** @throws as `plan` does */
export async function openPlan(
  command: "train" | "sft",
  options: Options<"train" | "sft">,
  locating: Locating = {},
): Promise<OpenedPlan> {
  const { dataset, held } = await loadSets(
    options,
    command === "sft" ? "solution" : needOf(options.verifier),
    locating,
  );
  const data = held ? [dataset, held] : [dataset];
  const warnings: string[] = [];
  let secondsPerVerdict: number | undefined;
  if (command === "train") {
    const hear: OnEvent = (event) => event.kind === "warning" && warnings.push(event.text);
    const code = await openUserCode(options, { dataset, held }, hear);
    await code.verifier.close();
    secondsPerVerdict = code.secondsPerVerdict;
  }
  const { files, config, tokenizer, eosIds } = await modelOf(options, data, locating);
  const render = promptRenderer(tokenizer, options);
  const limits = { prompt: options.maxPromptLength, context: config.contextLength };
  const fitted = (set: DataSet): Fitted =>
    command === "sft"
      ? fittingExamples(set, render, tokenizer, endOf(tokenizer, eosIds, options.model), limits)
      : fittingProblems(set, render, {
          ...limits,
          completion: options.maxCompletionLength,
        });
  const fits = data.map(fitted);
  const { asked } = fits[0]!;
  const first = asked[new ShuffledSampler(asked.length, options.seed).at(0)]!;
  const batches = runBatches(command, config, options, longest(asked, options.maxCompletionLength));
  const memory = runMemory(config, batches);
  const plan: Plan = {
    model: {
      architecture: config.architecture,
      parameters: parameterCount(config),
      vocabulary: config.vocabSize,
      contextLength: config.contextLength,
      notices: command === "train" ? [rateNote(options, parameterCount(config)) ?? []].flat() : [],
    },
    problems: data.map(({ name, notices }, i) => ({
      name,
      count: fits[i]!.asked.length,
      notices: [...notices, ...fits[i]!.notices, ...(i === 0 ? warnings : [])],
    })),
    prompt: {
      text: first.text,
      tokens: first.tokens.length,
      format: formatOf(tokenizer, options),
      ...(command === "sft" ? { solution: first.problem.solution! } : {}),
    },
    batches:
      command === "sft"
        ? sftBatches(options, asked.length, batches.limits)
        : trainBatches(options as Options<"train">, batches.limits),
    memory: memory.parts,
    peak: memory.peak,
  };
  return {
    plan,
    model: files && { files, config, tokenizer, render },
    data: { asked, heldOut: fits[1]?.asked ?? [], secondsPerVerdict },
  };
}

/** Problems that fit, with their solutions' tokens in sft. */
interface Fitted {
  readonly asked: readonly (AskedProblem & Partial<WorkedExample>)[];
  readonly notices: readonly string[];
}

async function modelOf(
  options: Options,
  data: readonly DataSet[],
  locating: Locating,
): Promise<
  Pick<ModelFiles, "config" | "eosIds"> & { readonly files?: ModelFiles; readonly tokenizer: Tokenizer }
> {
  if (options.model === "new") {
    const tokenizer = characterTokenizer(data.flatMap(textsOf));
    return {
      config: newModelConfig(options, tokenizer.vocabulary),
      ...{ tokenizer, eosIds: tokenizer.eosIds },
    };
  }
  const files = await findModel(options.model, locating);
  return {
    files,
    config: { ...files.config, lora: loraOf(options) },
    tokenizer: tokenizerOf(files),
    eosIds: files.eosIds,
  };
}

/** @param sampled  tokens of the longest answer, where there are no solutions to learn from */
function longest(asked: Fitted["asked"], sampled: number): Lengths {
  const most = (lengths: readonly number[]) => lengths.reduce((a, b) => Math.max(a, b), 1);
  return {
    prompt: most(asked.map(({ tokens }) => tokens.length)),
    answer: most(asked.map(({ completion }) => completion?.length ?? sampled)),
  };
}

function trainBatches(options: Options<"train">, limits: Limits): string[] {
  const { promptsPerStep: P, numGenerations: G, miniBatchSize } = options;
  const updates = updatesPerStep(options);
  const { problems: round, most: rounds } = roundsOf(options);
  return [
    `a step learns from ${P} problems × ${G} answers = ${P * G} answers`,
    `a round samples ${round} problems × ${G} answers = ${round * G}; ${rounds === 1 ? "1 round" : `up to ${rounds} rounds, until ${P} groups are mixed`}`,
    `an update learns from ${Math.min(P, miniBatchSize)} problems, ${Math.min(P, miniBatchSize) * G} answers: ${updates} ${updates === 1 ? "update" : "updates"} a step, ${updates * options.maxSteps} in ${options.maxSteps} steps`,
    microBatchLine(limits),
  ];
}

function sftBatches(options: Options, examples: number, limits: Limits): string[] {
  const { miniBatchSize } = options;
  const steps = sftSteps(options, examples);
  const passes = Number(((steps * miniBatchSize) / examples).toPrecision(3));
  return [
    `a step learns from ${miniBatchSize} examples; ${steps} steps pass over ${examples} examples ${passes} times`,
    microBatchLine(limits),
  ];
}

function microBatchLine({ tokens, keep }: Limits): string {
  const how = keep ? "kept for the backward pass" : "computed again in the backward pass";
  return `a micro-batch holds up to ${tokens} tokens, its values ${how}; the cut does not change the gradient`;
}
