/**
 * A request for answers, cut over threads that sample side by side.
 *
 * A small model's products are too short for several threads to share: one thread each and half of the answers is
 * faster. How it is cut is a function of the model, the request and the number of threads, never of a measurement:
 * rows that stand side by side may differ in their last bits from rows that do not, and a resumed run has to have the same.
 */
import type { ModelConfig } from "../../models/config.ts";
import type { Prompt, Sampling } from "../engine.ts";
import { wayOf } from "./decode.ts";

/** So many answers to a prompt, from the number of the first of them. */
export interface Asked {
  readonly prompt: Prompt;
  /** Which of the request's prompts. */
  readonly place: number;
  readonly first: number;
  readonly count: number;
}

/** How answers are drawn, whichever they are. */
export type Draws = Omit<Sampling, "answers" | "firstAnswer">;

/** Answers of a share, at least: with fewer a token of each costs too much. */
const LEAST_ANSWERS = 16;
/** Tokens of a request that win back what a thread more costs. */
const MANY_TOKENS = 4096;

/** Whether this model samples on one thread, and on several by several of these. */
export const oneThreadEach = (config: ModelConfig): boolean => wayOf(config, 1) === "program";

/** All that a request is for. */
export const askedFor = (prompts: readonly Prompt[], { answers, firstAnswer = 0 }: Sampling): Asked[] =>
  prompts.map((prompt, place) => ({ prompt, place, first: firstAnswer, count: answers }));

/** Shares of a request in order, as even as they can be, at most `threads` and at least one. */
export function sharesOf(
  config: ModelConfig,
  asked: readonly Asked[],
  maxTokens: number,
  threads: number,
): Asked[][] {
  const answers = asked.reduce((sum, { count }) => sum + count, 0);
  const many = oneThreadEach(config) && answers * maxTokens >= MANY_TOKENS;
  const shares = many ? Math.max(1, Math.min(threads, Math.floor(answers / LEAST_ANSWERS))) : 1;
  return Array.from({ length: shares }, (_, share) =>
    between(asked, Math.round((share * answers) / shares), Math.round(((share + 1) * answers) / shares)),
  );
}

/** The answers from one number up to another, counted through the whole request. */
function between(asked: readonly Asked[], from: number, to: number): Asked[] {
  let before = 0;
  return asked.flatMap((each) => {
    const [start, end] = [Math.max(from - before, 0), Math.min(to - before, each.count)];
    before += each.count;
    return start < end ? [{ ...each, first: each.first + start, count: end - start }] : [];
  });
}
