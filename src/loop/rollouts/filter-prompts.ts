/**
 * Which problems fit: prompts that the model can be asked, short enough for the limit and, with the longest
 * answer, for the model. The others are left out before the run, counted and listed, never cut.
 */
import { DataError, OptionError } from "../../errors.ts";
import type { LeftOut, Problem } from "../types.ts";
import type { RenderedPrompt, RenderPrompt } from "./prompt.ts";
import { Asking } from "./render-problems.ts";

/** A problem with the tokens that ask it. */
export interface AskedProblem extends RenderedPrompt {
  readonly problem: Problem;
}

export interface Fitting {
  readonly asked: readonly AskedProblem[];
  readonly leftOut: readonly LeftOut[];
  /** In words, how many are left out and why. */
  readonly notices: readonly string[];
  /** The longest prompt allowed, in tokens. */
  readonly limit: number;
}

/**
 * @param limits  tokens: of a prompt, of an answer, and of both together in the model
 * @throws OptionError where an answer may take the whole context; DataError where no problem fits; what the first
 *   said, where the model can be asked none
 */
export function fittingProblems(
  { name, problems }: { readonly name: string; readonly problems: readonly Problem[] },
  render: RenderPrompt,
  limits: { readonly prompt: number; readonly completion: number; readonly context: number },
): Fitting {
  if (limits.completion >= limits.context)
    throw new OptionError({
      where: "max_completion_length",
      expected: `less than the model's context of ${limits.context} tokens, as the prompt is in it too`,
      got: String(limits.completion),
      next: "Lower max_completion_length, or take a model with a longer context.",
    });
  const limit = Math.min(limits.prompt, limits.context - limits.completion);
  const asking = new Asking(name, render);
  const asked: AskedProblem[] = [];
  const tooLong: LeftOut[] = [];
  let shortest = Number.POSITIVE_INFINITY;
  for (const problem of problems) {
    const prompt = asking.ask(problem);
    if (prompt === undefined) continue;
    shortest = Math.min(shortest, prompt.tokens.length);
    if (prompt.tokens.length <= limit) asked.push({ problem, ...prompt });
    else {
      const because = `has a prompt of ${prompt.tokens.length} tokens, longer than ${limit}`;
      tooLong.push({ where: name, what: `problem ${problem.id}`, because });
    }
  }
  const notices = asking.notices();
  if (asked.length === 0) {
    const byContext = limits.context - limits.completion < limits.prompt;
    throw new DataError({
      where: name,
      expected: byContext
        ? `a prompt of at most ${limit} tokens (the model holds ${limits.context}, of which an answer may take ${limits.completion})`
        : `a prompt of at most ${limit} tokens (max_prompt_length)`,
      got: `${tooLong.length} problems, the shortest of ${shortest} tokens`,
      next: byContext
        ? "Lower max_completion_length, or take a model with a longer context."
        : "Raise max_prompt_length.",
    });
  }
  const long = `${name}: ${tooLong.length} of ${problems.length} problems left out, their prompts are longer than ${limit} tokens`;
  return {
    ...{ asked, limit },
    leftOut: [...asking.refused, ...tooLong],
    notices: [...notices, ...(tooLong.length > 0 ? [long] : [])],
  };
}
