/**
 * Which worked examples fit: prompts that are short enough for the limit and, with their solution, for the
 * model. The others are left out before the run and counted, never cut.
 */

import { DataError } from "../../errors.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { LeftOut, Problem } from "../types.ts";
import type { AskedProblem, Fitting } from "./filter-prompts.ts";
import type { RenderPrompt } from "./prompt.ts";
import { Asking } from "./render-problems.ts";

export interface WorkedExample extends AskedProblem {
  /** The tokens of its solution, and the one that ends it. */
  readonly completion: Int32Array;
}

/**
 * @param end     the token that ends a solution
 * @param limits  tokens: of a prompt, and of prompt and solution together in the model
 * @throws DataError where no example fits; what the first said, where the model can be asked none
 */
export function fittingExamples(
  { name, problems }: { readonly name: string; readonly problems: readonly Problem[] },
  render: RenderPrompt,
  tokenizer: Tokenizer,
  end: number,
  limits: { readonly prompt: number; readonly context: number },
): Pick<Fitting, "leftOut" | "notices"> & { readonly asked: readonly WorkedExample[] } {
  const asking = new Asking(name, (problem) => ({
    ...{ problem, ...render(problem) },
    completion: Int32Array.from([...tokenizer.encode(problem.solution!), end]),
  }));
  const asked: WorkedExample[] = [];
  const tooLong: LeftOut[] = [];
  for (const problem of problems) {
    const example = asking.ask(problem);
    if (example === undefined) continue;
    const prompt = example.tokens.length;
    const whole = prompt + example.completion.length;
    if (prompt <= limits.prompt && whole <= limits.context) asked.push(example);
    else {
      const because = `has ${prompt} tokens, ${whole} with its solution`;
      tooLong.push({ where: name, what: `problem ${problem.id}`, because });
    }
  }
  const notices = asking.notices();
  if (asked.length === 0) {
    throw new DataError({
      where: name,
      expected: `an example that fits: a prompt of at most ${limits.prompt} tokens, ${limits.context} with its solution`,
      got: `${tooLong.length} that do not`,
      next: "Raise max_prompt_length, or take a model with a longer context.",
    });
  }
  const long = `${name}: ${tooLong.length} of ${problems.length} examples left out, longer than max_prompt_length (${limits.prompt}) or, with their solution, than the model's ${limits.context} tokens`;
  return {
    asked,
    leftOut: [...asking.refused, ...tooLong],
    notices: [...notices, ...(tooLong.length > 0 ? [long] : [])],
  };
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
