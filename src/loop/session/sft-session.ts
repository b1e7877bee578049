/**
 * A session of supervised fine-tuning: the model, old or new, and the examples it learns from.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, Example } from "../../engine/engine.ts";
import { characterTokenizer } from "../../engine/models/character-tokenizer.ts";
import { createModel } from "../../engine/models/create-model.ts";
import type { Tokenizer } from "../../engine/models/tokenizer.ts";
import { DataError } from "../../errors.ts";
import type { RunContext } from "../events.ts";
import type { GivenOptions, Options } from "../options/options.ts";
import { type DataSet, loadProblems } from "../problems/load.ts";
import { bareTextNote, promptRenderer, type RenderPrompt } from "../rollouts/prompt.ts";
import type { Tell } from "../tell.ts";
import type { LeftOut } from "../types.ts";
import { newModelConfig } from "./new-model.ts";
import { type OpenedModel, openPolicy } from "./open-engine.ts";
import { fingerprint, openSession, type Session } from "./open-session.ts";
import { loading } from "./train-session.ts";

export interface SftSession extends Session {
  /** Those that fit the model. */
  readonly examples: readonly Example[];
  readonly heldOut: { readonly name: string; readonly examples: readonly Example[] } | undefined;
}

/** Opens what `sft` needs. */
export function openSft(given: GivenOptions, context: RunContext): Promise<SftSession> {
  return openSession("sft", given, context, async ({ options, tell }) => {
    const dataset = await loadProblems(options.dataset, {
      ...loading(options, "train", context),
      need: "solution",
    });
    const held =
      options.evalDataset === ""
        ? undefined
        : await loadProblems(options.evalDataset, { ...loading(options, "test", context), need: "solution" });
    for (const text of [dataset, held].flatMap((set) => set?.notices ?? [])) tell({ kind: "warning", text });
    return {
      name: `sft-${dataset.name}`,
      openModel: (checkpoint) =>
        openModel(options, checkpoint, held === undefined ? [dataset] : [dataset, held], context),
      prepare: ({ engine, tokenizer }) => {
        const render = promptRenderer(tokenizer, options);
        const bare = bareTextNote(tokenizer, options);
        if (bare !== undefined) tell({ kind: "note", text: bare });
        const fitted = (data: DataSet) => fittingExamples(data, render, tokenizer, engine, options, tell);
        const { examples, leftOut } = fitted(dataset);
        const measured = held && fitted(held);
        const heldOut = held && measured && { name: held.name, examples: measured.examples };
        const passes = Math.ceil((examples.length * options.numTrainEpochs) / options.miniBatchSize);
        const steps = options.maxSteps === 0 ? Math.max(1, passes) : options.maxSteps;
        const data = fingerprint(examples.map(({ prompt, completion }) => [prompt, completion]));
        const all = [dataset.leftOut, leftOut, held?.leftOut ?? [], measured?.leftOut ?? []].flat();
        return { examples, heldOut, steps, data, count: examples.length, leftOut: all };
      },
    };
  });
}

/** The checkpoint, the model named, or a new one, which is a function of the seed and the data's characters. */
async function openModel(
  options: Options,
  checkpoint: string | undefined,
  data: readonly DataSet[],
  context: RunContext,
): Promise<OpenedModel> {
  if (checkpoint !== undefined) return openPolicy(checkpoint, options);
  if (options.model !== "new") return openPolicy(options.model, options, context);
  const folder = await mkdtemp(join(tmpdir(), "errata-"));
  try {
    const tokenizer = characterTokenizer(data.flatMap(textsOf));
    await createModel(folder, newModelConfig(options, tokenizer.vocabulary), tokenizer, options.seed);
    return await openPolicy(folder, options);
  } finally {
    // its weights are in memory now; a run resumed before its first checkpoint makes it again
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every text a new tokenizer has to spell. */
export function textsOf({ problems }: DataSet): string[] {
  return problems.flatMap(({ prompt, solution }) => [
    ...(typeof prompt === "string" ? [prompt] : prompt.map(({ content }) => content)),
    solution ?? "",
  ]);
}

/** The examples short enough for the model; those left out are told. */
function fittingExamples(
  { name, problems }: DataSet,
  render: RenderPrompt,
  tokenizer: Tokenizer,
  engine: Engine,
  options: Options,
  tell: Tell,
): { readonly examples: Example[]; readonly leftOut: readonly LeftOut[] } {
  const { contextLength, eosIds } = engine.facts;
  const end = tokenizer.eosIds[0] ?? eosIds[0];
  if (end === undefined) {
    throw new DataError({
      where: options.model,
      expected: "a model with an end-of-sequence token, to end solutions with",
      got: "none in its config, generation config and tokenizer",
      next: "Set eos_token in tokenizer_config.json.",
    });
  }
  const examples: Example[] = [];
  const leftOut: LeftOut[] = [];
  for (const problem of problems) {
    const prompt = render(problem).tokens;
    const completion = Int32Array.from([...tokenizer.encode(problem.solution!), end]);
    const fits =
      prompt.length <= options.maxPromptLength && prompt.length + completion.length <= contextLength;
    if (!fits || prompt.length === 0) {
      const because = fits
        ? "has a prompt of no tokens"
        : `has ${prompt.length} tokens, ${prompt.length + completion.length} with its solution`;
      leftOut.push({ where: name, what: `problem ${problem.id}`, because });
      continue;
    }
    examples.push({ prompt, completion, logpsOld: new Float32Array(completion.length), columns: {} });
  }
  const left = leftOut.length;
  if (examples.length === 0) {
    throw new DataError({
      where: name,
      expected: `an example that fits: a prompt of at most ${options.maxPromptLength} tokens, ${contextLength} with its solution`,
      got: `${problems.length} that do not`,
      next: "Raise max_prompt_length, or take a model with a longer context.",
    });
  }
  if (left > 0) {
    tell({
      kind: "warning",
      text: `${name}: ${left} of ${problems.length} examples left out, longer than max_prompt_length (${options.maxPromptLength}) or, with their solution, than the model's ${contextLength} tokens`,
    });
  }
  return { examples, leftOut };
}
