/**
 * Sampling: problems → rollouts, some to each problem, from the policy as it is now.
 */
import type { Engine, Progress, Sampling } from "../../engine/engine.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { Rollout } from "../types.ts";
import type { AskedProblem } from "./filter-prompts.ts";

/** A problem drawn at some place of the run; the place is the key of its random numbers. */
export interface Drawn extends AskedProblem {
  readonly draw: number;
}

/** @returns for each drawn problem its rollouts, in the order of their index */
export async function sampleRollouts(
  engine: Engine,
  tokenizer: Tokenizer,
  drawn: readonly Drawn[],
  sampling: Sampling,
  progress?: Progress,
): Promise<Rollout[][]> {
  const prompts = drawn.map(({ tokens, draw }) => ({ tokens, key: draw }));
  const completions = await engine.sample(prompts, sampling, { onProgress: progress });
  return completions.map((answers, i) =>
    answers.map((completion, index) => ({
      ...completion,
      problem: drawn[i]!.problem,
      index,
      text: tokenizer.decode(completion.tokens),
    })),
  );
}
