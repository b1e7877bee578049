/**
 * Prompts: a problem's text or messages → the tokens the model continues.
 *
 * Answers are kept as the token ids that were sampled and never encoded again: text that is decoded
 * and encoded may come back as other tokens, with other log-probs.
 */

import { DataError, OptionError } from "../../errors.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { Message, Problem } from "../types.ts";

export interface PromptOptions {
  /** Left out, the chat template where the model has one. */
  readonly promptFormat?: "chat" | "raw" | undefined;
  /** Said before the problem, in the chat format. */
  readonly systemPrompt?: string | undefined;
  /** The text around a problem, `{problem}` in its place; left out, the format's own. */
  readonly promptTemplate?: string | undefined;
}

export interface RenderedPrompt {
  readonly text: string;
  readonly tokens: Int32Array;
}

/** Renders problems for one model. */
export type RenderPrompt = (problem: Problem) => RenderedPrompt;

/**
 * @throws OptionError where the chat format is asked of a model without a template
 */
export function promptRenderer(tokenizer: Tokenizer, options: PromptOptions = {}): RenderPrompt {
  const hasTemplate = tokenizer.chatTemplate !== undefined;
  if (options.promptFormat === "chat" && !hasTemplate) {
    throw new OptionError({
      where: "prompt_format",
      expected: "raw for this model",
      got: "chat, and the model has no chat template",
      next: "This is a base model: leave prompt_format out, or set it to raw.",
    });
  }
  const chat = formatOf(tokenizer, options) === "chat";
  if (!chat && options.systemPrompt !== undefined) {
    throw new OptionError({
      where: "system_prompt",
      expected: "nothing, as the prompt is bare text",
      got: JSON.stringify(options.systemPrompt),
      next: "Put the words into prompt_template.",
    });
  }
  const around = options.promptTemplate ?? (chat ? "{problem}" : "{problem}\n");
  const fill = (text: string) => around.split("{problem}").join(text);
  return (problem) => {
    const text = chat
      ? tokenizer.renderChat(conversation(problem, fill, options.systemPrompt))
      : fill(bareText(problem));
    return { text, tokens: tokenizer.encode(text) };
  };
}

/** `raw` where it is asked for, and where a model has no template. */
export function formatOf(tokenizer: Tokenizer, { promptFormat }: PromptOptions): "chat" | "raw" {
  return promptFormat ?? (tokenizer.chatTemplate === undefined ? "raw" : "chat");
}

/** What to say where a model is given bare text although nobody asked for it; undefined elsewhere. */
export function bareTextNote(tokenizer: Tokenizer, options: PromptOptions): string | undefined {
  return options.promptFormat === undefined && formatOf(tokenizer, options) === "raw"
    ? "the model has no chat template: problems are put to it as bare text (prompt_format: raw)"
    : undefined;
}

/** The messages of a problem; the template goes around its last turn, the question. */
function conversation(
  problem: Problem,
  fill: (text: string) => string,
  systemPrompt: string | undefined,
): Message[] {
  const turns: readonly Message[] =
    typeof problem.prompt === "string" ? [{ role: "user", content: problem.prompt }] : problem.prompt;
  const last = turns.length - 1;
  const filled = turns.map((turn, i) => (i === last ? { ...turn, content: fill(turn.content) } : turn));
  // a conversation that brings its own system turn keeps it
  return systemPrompt === undefined || turns[0]!.role === "system"
    ? filled
    : [{ role: "system", content: systemPrompt }, ...filled];
}

function bareText(problem: Problem): string {
  if (typeof problem.prompt === "string") return problem.prompt;
  if (problem.prompt.length === 1) return problem.prompt[0]!.content;
  throw new DataError({
    where: `problem ${problem.id}`,
    expected: "a plain text, or one message of the user's, as this model has no chat template",
    got: `a conversation of ${problem.prompt.length} messages`,
    next: "Use an instruct model, or write the problem as one text.",
  });
}
