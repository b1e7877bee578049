/**
 * Sampling, measured: a few tokens of as many answers as a run would grow together, from its own prompts.
 */
import type { BatchShape } from "../../engine/embedded/memory.ts";
import type { Completion, Engine } from "../../engine/engine.ts";
import type { AnyOptions } from "../../options/options.ts";

export interface SamplingSpeed {
  /** Answers that grew together. */
  readonly inFlight: number;
  /** Of each sampled token, all answers together. */
  readonly secondsPerToken: number;
  /** Of each token of a prompt, read once for all its answers. */
  readonly secondsPerPromptToken: number;
  readonly groups: readonly (readonly Completion[])[];
  /** The prompt of each group. */
  readonly prompts: readonly Int32Array[];
  readonly length: AnswerLength;
}

/** How long answers are taken to be. */
export interface AnswerLength {
  /** Tokens, on average. */
  readonly mean: number;
  /** Answers that were looked at, how many of them ended, and after how many tokens the others were left. */
  readonly answers: number;
  readonly ended: number;
  readonly longest: number;
}

/** Tokens of the prompts that are asked: reading them is measured, not to be waited for. */
const PROMPT_TOKENS = 1024;
/** Seconds that the longest of the samplings may take. */
const BUDGET = 5;
const FEW_TOKENS = 4;

/**
 * @param asked  prompts to choose from, one at least
 * @param batch  the answers that a run grows together
 */
export async function measureSampling(
  engine: Engine,
  asked: readonly Int32Array[],
  batch: BatchShape,
  options: AnyOptions,
): Promise<SamplingSpeed> {
  const prompts = firstFew(asked, batch.prompts);
  const answers = Math.max(1, Math.floor(batch.answers / prompts.length));
  const { maxCompletionLength, temperature, topP, topK, seed } = options;
  const run = async (maxTokens: number) => {
    const began = performance.now();
    const groups = await engine.sample(
      prompts.map((tokens, key) => ({ tokens, key })),
      { answers, maxTokens, temperature, topP, topK, seed, step: 0 },
    );
    return { groups, tokens: tokensOf(groups), seconds: (performance.now() - began) / 1000 };
  };
  // the first one compiles
  await run(1);
  const once = await run(1);
  let last = await run(Math.min(1 + FEW_TOKENS, maxCompletionLength));
  const each = Math.max(1e-9, (last.seconds - once.seconds) / FEW_TOKENS);
  const affordable = Math.min(maxCompletionLength, Math.floor(BUDGET / each));
  if (affordable > 2 * FEW_TOKENS) last = await run(affordable);

  const grown = last.tokens - once.tokens;
  const inFlight = prompts.length * answers;
  const secondsPerToken = Math.max(
    1e-9,
    grown > 0 ? (last.seconds - once.seconds) / grown : once.seconds / inFlight,
  );
  const read = prompts.reduce((sum, { length }) => sum + length, 0);
  return {
    inFlight,
    secondsPerToken,
    secondsPerPromptToken: Math.max(0, once.seconds - inFlight * secondsPerToken) / read,
    groups: last.groups,
    prompts,
    length: lengthOf(last.groups, maxCompletionLength),
  };
}

/** As many as are wanted and can be read soon, one at least. */
function firstFew(asked: readonly Int32Array[], wanted: number): readonly Int32Array[] {
  let left = PROMPT_TOKENS;
  const count = asked.slice(0, wanted).findIndex(({ length }) => (left -= length) < 0);
  return asked.slice(0, count < 0 ? wanted : Math.max(1, count));
}

/**
 * The mean length that answers would have with no other bound than `longest`, from those that were looked at for
 * some tokens only: as if every token ended an answer as often as those seen did.
 */
export function lengthOf(groups: readonly (readonly Completion[])[], longest: number): AnswerLength {
  const all = groups.flat();
  const tokens = tokensOf(groups);
  const ended = all.filter(({ stop }) => stop === "eos").length;
  const seen = all.reduce((most, own) => Math.max(most, own.tokens.length), 0);
  const rate = ended / tokens;
  const whole = ended === all.length || seen >= longest;
  const mean = whole ? tokens / all.length : rate === 0 ? longest : (1 - (1 - rate) ** longest) / rate;
  return { mean, answers: all.length, ended, longest: seen };
}

function tokensOf(groups: readonly (readonly Completion[])[]): number {
  return groups.flat().reduce((sum, { tokens }) => sum + tokens.length, 0);
}
