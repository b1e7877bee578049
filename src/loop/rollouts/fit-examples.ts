/**
 * Which worked examples fit: prompts that are short enough for the limit and, with their solution, for the
 * model. The others are left out before the run and counted, never cut.
 */
import type { Tokenizer } from "../../engine/models/tokenizer.ts";
import { DataError } from "../../errors.ts";
import type { LeftOut, Problem } from "../types.ts";
import type { AskedProblem } from "./fit.ts";
import type { RenderPrompt } from "./prompt.ts";

export interface WorkedExample extends AskedProblem {
  /** The tokens of its solution, and the one that ends it. */
  readonly completion: Int32Array;
}

/**
 * @param end     the token that ends a solution
 * @param limits  tokens: of a prompt, and of prompt and solution together in the model
 * @throws DataError where no example fits
 */
export function fittingExamples(
  { name, problems }: { readonly name: string; readonly problems: readonly Problem[] },
  render: RenderPrompt,
  tokenizer: Tokenizer,
  end: number,
  limits: { readonly prompt: number; readonly context: number },
): { readonly asked: readonly WorkedExample[]; readonly leftOut: readonly LeftOut[] } {
  const asked: WorkedExample[] = [];
  const leftOut: LeftOut[] = [];
  for (const problem of problems) {
    const { text, tokens } = render(problem);
    const completion = Int32Array.from([...tokenizer.encode(problem.solution!), end]);
    const whole = tokens.length + completion.length;
    const fits = tokens.length <= limits.prompt && whole <= limits.context;
    if (fits && tokens.length > 0) asked.push({ problem, text, tokens, completion });
    else {
      const because = fits
        ? "has a prompt of no tokens"
        : `has ${tokens.length} tokens, ${whole} with its solution`;
      leftOut.push({ where: name, what: `problem ${problem.id}`, because });
    }
  }
  if (asked.length === 0) {
    throw new DataError({
      where: name,
      expected: `an example that fits: a prompt of at most ${limits.prompt} tokens, ${limits.context} with its solution`,
      got: `${problems.length} that do not`,
      next: "Raise max_prompt_length, or take a model with a longer context.",
    });
  }
  return { asked, leftOut };
}

/**
 * The token that ends a solution: the tokenizer's first, or else the model's.
 *
 * @throws DataError where there is none
 */
export function endOf(tokenizer: Tokenizer, eosIds: readonly number[], model: string): number {
  const end = tokenizer.eosIds[0] ?? eosIds[0];
  if (end !== undefined) return end;
  throw new DataError({
    where: model,
    expected: "a model with an end-of-sequence token, to end solutions with",
    got: "none in its config, generation config and tokenizer",
    next: "Set eos_token in tokenizer_config.json.",
  });
}
