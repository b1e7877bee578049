/**
 * A session of supervised fine-tuning: the model, old or new, and the examples it learns from.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Example } from "../../engine/engine.ts";
import { createModel } from "../../formats/create-model.ts";
import { characterTokenizer } from "../../formats/tokenizer/character-tokenizer.ts";
import { sftSteps } from "../../options/batch-sizes.ts";
import type { Options } from "../../options/options.ts";
import type { RunContext } from "../../run/events.ts";
import type { Tell } from "../../run/reporter.ts";
import type { DataSet } from "../problems/load.ts";
import { endOf, fittingExamples } from "../rollouts/fit-examples.ts";
import type { RenderPrompt } from "../rollouts/prompt.ts";
import type { LeftOut } from "../types.ts";
import { loadSets, rendererFor, tellNotices } from "./datasets.ts";
import type { SftOptions } from "./given-values.ts";
import type { LoadedModel } from "./load-model.ts";
import { newModelConfig } from "./new-model.ts";
import { openPolicy } from "./open-policy.ts";
import { fingerprint, openSession, type Session } from "./open-session.ts";

export interface SftSession extends Session {
  /** Those that fit the model. */
  readonly examples: readonly Example[];
  readonly heldOut: { readonly name: string; readonly examples: readonly Example[] } | undefined;
}

/** Opens what `sft` needs. */
export function openSft(given: SftOptions, context: RunContext): Promise<SftSession> {
  return openSession("sft", given, context, async ({ options, values, tell }) => {
    const sets = await loadSets(options, "solution", context, values);
    const { dataset, held } = sets;
    tellNotices(sets, tell);
    return {
      name: `sft-${dataset.name}`,
      openModel: (checkpoint) =>
        openModel(options, checkpoint, held === undefined ? [dataset] : [dataset, held], context),
      prepare: (opened) => {
        const render = rendererFor(opened.tokenizer, options, tell);
        const { examples, leftOut } = fitting(dataset, render, opened, options, tell);
        const measured = held && fitting(held, render, opened, options, tell);
        const heldOut = held && measured && { name: held.name, examples: measured.examples };
        const steps = sftSteps(options, examples.length);
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
): Promise<LoadedModel> {
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
function fitting(
  data: DataSet,
  render: RenderPrompt,
  { engine, tokenizer }: LoadedModel,
  options: Options,
  tell: Tell,
): { readonly examples: readonly Example[]; readonly leftOut: readonly LeftOut[] } {
  const { contextLength, eosIds } = engine.facts;
  const end = endOf(tokenizer, eosIds, options.model);
  const limits = { prompt: options.maxPromptLength, context: contextLength };
  const { asked, leftOut, notices } = fittingExamples(data, render, tokenizer, end, limits);
  for (const text of notices) tell({ kind: "warning", text });
  const examples = asked.map(({ tokens, completion }) => ({
    ...{ prompt: tokens, completion },
    logpsOld: new Float32Array(completion.length),
    columns: {},
  }));
  return { examples, leftOut };
}
