/**
 * The data: whether its rows are read, its prompts fit, and its reference answers pass their own verifier.
 */

import { type DataSet, loadProblems } from "../../loop/problems/load.ts";
import { type AskedProblem, fittingProblems } from "../../loop/rollouts/filter-prompts.ts";
import { goldAnswers } from "../../loop/session/checks.ts";
import { heldOutOf, loading, sharedPrompts } from "../../loop/session/datasets.ts";
import { verifierOf } from "../../loop/session/train-session.ts";
import type { AnyOptions } from "../../options/options.ts";
import { type Finding, type OnFinding, problemOf, time } from "./finding.ts";
import type { ExaminedModel } from "./model.ts";

export interface ExaminedData {
  /** What would be learnt from; none where no data set was named, or none can be used. */
  readonly asked: readonly AskedProblem[];
  /** Held-out problems. */
  readonly heldOut: readonly AskedProblem[];
  /** Of a verdict, over all threads; undefined where none was asked for. */
  readonly secondsPerVerdict: number | undefined;
}

/** Prompts that are decoded again to see whether the tokenizer can spell them. */
const SPELLED = 64;

/** @param model  undefined where there is none to measure prompts by */
export async function examineData(
  options: AnyOptions,
  model: ExaminedModel | undefined,
  tell: OnFinding,
): Promise<ExaminedData> {
  const whole =
    options.dataset === undefined ? undefined : await read(options, "train", options.dataset, tell);
  const { dataset, held: part } =
    whole === undefined ? { dataset: undefined, held: undefined } : heldOutOf(whole, options);
  const held =
    options.evalDataset === undefined ? part : await read(options, "test", options.evalDataset, tell);
  const asked = dataset && model ? askable("prompts", dataset, options, model, tell) : [];
  const heldOut = held && model ? askable("held-out prompts", held, options, model, tell) : [];
  const both = sharedPrompts(asked, heldOut);
  if (both > 0) {
    tell({
      section: "data",
      name: "overlap",
      status: "note",
      text: `${both} of ${heldOut.length} held-out problems are also learnt from`,
      next: "The evaluation is not of unseen problems alone: take them out of one of the two.",
      values: { shared: both },
    });
  }
  const judged = dataset ?? held;
  return { asked, heldOut, secondsPerVerdict: judged && (await examineAnswers(options, judged, tell)) };
}

async function read(
  options: AnyOptions,
  split: "train" | "test",
  source: string,
  tell: OnFinding,
): Promise<DataSet | undefined> {
  const name = split === "train" ? "problems" : "held-out problems";
  try {
    const data = await loadProblems(source, loading(options, split));
    const { notices, leftOut } = data;
    const finding = {
      section: "data",
      name,
      text: [`${data.problems.length.toLocaleString("en")} of ${data.name}`, ...notices].join("; "),
      values: { problems: data.problems.length, leftOut: leftOut.length },
    } as const;
    if (notices.length === 0) tell({ ...finding, status: "ok" });
    else tell({ ...finding, status: "note", next: "Mend those rows, or know that they are not used." });
    return data;
  } catch (fault) {
    tell(problemOf("data", name, fault));
    return undefined;
  }
}

/** The problems whose prompts fit, as training would ask them. */
function askable(
  what: "prompts" | "held-out prompts",
  data: DataSet,
  options: AnyOptions,
  { config, render, tokenizer }: ExaminedModel,
  tell: OnFinding,
): readonly AskedProblem[] {
  try {
    const { asked, leftOut, notices, limit } = fittingProblems(data, render, {
      prompt: options.maxPromptLength,
      completion: options.maxCompletionLength,
      context: config.contextLength,
    });
    const lengths = asked.map(({ tokens }) => tokens.length).sort((a, b) => a - b);
    const [least, middle, most] = [0, 0.5, 1].map((at) => lengths[Math.round(at * (lengths.length - 1))]!);
    const finding = {
      section: "data",
      name: what,
      text: `${least} to ${most} tokens, half of them up to ${middle}; at most ${limit}`,
      values: { least, middle, most, limit, leftOut: leftOut.length },
    } as const;
    if (notices.length === 0) tell({ ...finding, status: "ok" });
    else {
      tell({
        ...finding,
        status: "note",
        text: [finding.text, ...notices].join("; "),
        next: "Longer prompts are kept where max_prompt_length is raised, as far as the model's context allows.",
      });
    }
    const lost = asked.slice(0, SPELLED).find(({ text, tokens }) => loses(text, tokenizer.decode(tokens)));
    if (lost !== undefined) tell(misspelled(data.name, lost, tokenizer.decode(lost.tokens)));
    return asked;
  } catch (fault) {
    tell(problemOf("data", what, fault));
    return [];
  }
}

/** Whether decoding lost a letter or a digit; special tokens of a template are left out by intent. */
function loses(text: string, back: string): boolean {
  const letters = (of: string) => of.replace(/<\|?[^<>]*\|?>|\[[^\]]*\]|[^\p{L}\p{N}]/gu, "");
  return letters(text).length > letters(back).length;
}

function misspelled(name: string, { text, problem }: AskedProblem, back: string): Finding {
  return {
    section: "data",
    name: "spelling",
    status: "note",
    text: `${name}, problem ${problem.id}: ${JSON.stringify(text.slice(0, 200))} is ${JSON.stringify(back.slice(0, 200))} to this model`,
    next: "Its tokenizer has no token for what is missing there.",
  };
}

/** @returns seconds of a verdict */
async function examineAnswers(
  options: AnyOptions,
  data: DataSet,
  tell: OnFinding,
): Promise<number | undefined> {
  try {
    const pool = await verifierOf(options);
    try {
      const gold = await goldAnswers(pool, data.problems);
      const { tried, passed, example, outcome, secondsPerVerdict } = gold;
      if (secondsPerVerdict === undefined) return undefined;
      const finding = {
        section: "data",
        name: "reference answers",
        text: `${passed} of ${tried} of ${data.name} pass ${options.verifier}, ${time(secondsPerVerdict)} each${example}`,
        values: { tried, passed, secondsPerVerdict },
      } as const;
      const next = `A model cannot be right where the reference is not: errata check ${options.dataset ?? options.evalDataset} --verifier ${options.verifier} lists them.`;
      if (passed === tried) tell({ ...finding, status: "ok" });
      else tell({ ...finding, status: outcome === "hopeless" ? "problem" : "note", next });
      return secondsPerVerdict;
    } finally {
      await pool.close();
    }
  } catch (fault) {
    tell(problemOf("data", "verifier", fault));
    return undefined;
  }
}
