/**
 * Sampling: problems → rollouts, some to each problem, from the policy as it is now.
 */
import type { Completion, Engine, Sampling, Watch } from "../../engine/engine.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { Rollout } from "../types.ts";
import type { AskedProblem } from "./filter-prompts.ts";

/** A problem drawn at some place of the run; the place is the key of its random numbers. */
export interface Drawn extends AskedProblem {
  readonly draw: number;
  /** How likely its answers differ, where the order that chose it predicts that. */
  readonly mixed?: number;
}

/** Hears the rollouts of each drawn problem once, when the last of them has ended, while others are sampled. */
export interface SampleRolloutsWatch extends Watch {
  readonly onGroup?: (place: number, rollouts: readonly Rollout[]) => void;
}

/** @returns for each drawn problem its rollouts, in the order of their index */
export async function sampleRollouts(
  engine: Engine,
  tokenizer: Tokenizer,
  drawn: readonly Drawn[],
  sampling: Sampling,
  { onGroup, ...watch }: SampleRolloutsWatch = {},
): Promise<Rollout[][]> {
  const prompts = drawn.map(({ tokens, draw }) => ({ tokens, key: draw }));
  const groups = drawn.map((): Rollout[] => []);
  const first = sampling.firstAnswer ?? 0;
  const toRollout = (completion: Completion, place: number, index: number): Rollout => ({
    ...completion,
    problem: drawn[place]!.problem,
    prompt: drawn[place]!.tokens,
    index,
    text: tokenizer.decode(completion.tokens),
  });
  await engine.sample(prompts, sampling, {
    ...watch,
    onGroup: (place, answers) => {
      groups[place] = answers.map((completion, i) => toRollout(completion, place, first + i));
      onGroup?.(place, groups[place]);
    },
  });
  return groups;
}
