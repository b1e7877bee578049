/**
 * Which problems fit: prompts that are short enough for the limit and, with the longest answer, for
 * the model. The others are left out before the run and counted, never cut.
 */
import { DataError } from "../../errors.ts";
import type { LeftOut, Problem } from "../types.ts";
import type { RenderedPrompt, RenderPrompt } from "./prompt.ts";

/** A problem with the tokens that ask it. */
export interface AskedProblem extends RenderedPrompt {
  readonly problem: Problem;
}

export interface Fitting {
  readonly asked: readonly AskedProblem[];
  /** Problems left out for the length of their prompt. */
  readonly leftOut: readonly LeftOut[];
  /** The longest prompt allowed, in tokens. */
  readonly limit: number;
}

/**
 * @param limits  tokens: of a prompt, of an answer, and of both together in the model
 * @throws DataError where no problem fits, or a prompt is empty
 */
export function fittingProblems(
  source: string,
  problems: readonly Problem[],
  render: RenderPrompt,
  limits: { readonly prompt: number; readonly completion: number; readonly context: number },
): Fitting {
  const limit = Math.min(limits.prompt, limits.context - limits.completion);
  const asked: AskedProblem[] = [];
  const leftOut: LeftOut[] = [];
  let shortest = Number.POSITIVE_INFINITY;
  for (const problem of problems) {
    const { text, tokens } = render(problem);
    if (tokens.length === 0) {
      throw new DataError({
        where: `${source}, problem ${problem.id}`,
        expected: "a prompt of at least one token",
        got: `${JSON.stringify(text)}, which is none`,
        next: "Check the row and prompt_template.",
      });
    }
    shortest = Math.min(shortest, tokens.length);
    if (tokens.length <= limit) asked.push({ problem, text, tokens });
    else {
      const because = `has a prompt of ${tokens.length} tokens, longer than ${limit}`;
      leftOut.push({ where: source, what: `problem ${problem.id}`, because });
    }
  }
  if (asked.length === 0) {
    const byContext = limits.context - limits.completion < limits.prompt;
    throw new DataError({
      where: source,
      expected: byContext
        ? `a prompt of at most ${limit} tokens (the model holds ${limits.context}, of which an answer may take ${limits.completion})`
        : `a prompt of at most ${limit} tokens (max_prompt_length)`,
      got: `${problems.length} problems, the shortest of ${shortest} tokens`,
      next: byContext
        ? "Lower max_completion_length, or take a model with a longer context."
        : "Raise max_prompt_length.",
    });
  }
  return { asked, leftOut, limit };
}
