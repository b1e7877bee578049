/**
 * Prompts: a problem's text or messages → the tokens the model continues.
 *
 * Answers are kept as the token ids that were sampled and never encoded again: text that is decoded
 * and encoded may come back as other tokens, with other log-probs.
 */

import { DataError, OptionError } from "../../errors.ts";
import { strftime } from "../../formats/jinja/dates.ts";
import { reservedVariables } from "../../formats/tokenizer/chat-template.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import type { Message, Problem } from "../types.ts";

export interface PromptOptions {
  /** Left out, the chat template where the model has one. */
  readonly promptFormat?: "chat" | "raw" | undefined;
  /** Said before the problem, in the chat format. */
  readonly systemPrompt?: string | undefined;
  /** The text around a problem, `{problem}` in its place; left out, the format's own. */
  readonly promptTemplate?: string | undefined;
  /** Variables of the chat template's own, or their JSON. */
  readonly chatTemplateKwargs?: string | TemplateVariables | undefined;
  /** The day that the chat template is told, YYYY-MM-DD; left out, that of each call. */
  readonly chatTemplateDate?: string | undefined;
}

export type TemplateVariables = Readonly<Record<string, unknown>>;

export interface RenderedPrompt {
  readonly text: string;
  readonly tokens: Int32Array;
}

/**
 * Renders problems for one model.
 *
 * @param variables  of the chat template's own, over those of the options
 */
export type RenderPrompt = (problem: Problem, variables?: TemplateVariables) => RenderedPrompt;

/** A prompt before it is encoded, and by which of the tokenizer's ways it is. */
export interface PromptText {
  readonly text: string;
  readonly way: "encode" | "encodePrompt";
}

/**
 * @throws OptionError where the chat format, or what is for a template, is asked of a model without one
 */
export function promptRenderer(tokenizer: Tokenizer, options: PromptOptions = {}): RenderPrompt {
  const render = promptWriter(tokenizer, options);
  return (problem, variables) => {
    const { text, way } = render(problem, variables);
    return { text, tokens: tokenizer[way](text) };
  };
}

/** As `promptRenderer`, without the tokens. */
export function promptWriter(
  tokenizer: Tokenizer,
  options: PromptOptions = {},
): (problem: Problem, variables?: TemplateVariables) => PromptText {
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
  const own = variablesOf(options.chatTemplateKwargs);
  checkVariables(own, chat);
  const now = options.chatTemplateDate === undefined ? undefined : dayOf(options.chatTemplateDate);
  const around = options.promptTemplate ?? (chat ? "{problem}" : "{problem}\n");
  const fill = (text: string) => around.split("{problem}").join(text);
  return (problem, variables = {}) => {
    checkVariables(variables, chat);
    if (!chat) {
      return { text: fill(bareText(problem)), way: "encodePrompt" };
    }
    const turns = conversation(problem, fill, options.systemPrompt);
    const messages = turns.map(({ role, content, fields }) => ({ ...fields, role, content }));
    const text = tokenizer.renderChat(messages, {
      variables: { ...own, ...variables },
      ...(now === undefined ? {} : { now }),
    });
    return { text, way: "encode" };
  };
}

/** This machine's day, as `chat_template_date` has it. */
export function today(): string {
  return strftime("%Y-%m-%d", new Date());
}

/** A day's first moment on this machine. */
function dayOf(date: string): Date {
  return new Date(`${date}T00:00:00`);
}

function variablesOf(kwargs: PromptOptions["chatTemplateKwargs"]): TemplateVariables {
  return typeof kwargs === "string" ? (JSON.parse(kwargs) as TemplateVariables) : (kwargs ?? {});
}

function checkVariables(variables: TemplateVariables, chat: boolean): void {
  const names = Object.keys(variables);
  if (names.length === 0) return;
  const refused = chat ? names.find((name) => reservedVariables.includes(name)) : names[0];
  if (refused === undefined) return;
  throw new OptionError({
    where: "chat_template_kwargs",
    expected: chat
      ? "variables of the chat template's own"
      : "nothing, as the prompt is bare text and goes through no template",
    got: refused,
    next: chat ? "The conversation itself sets that one; leave it out." : "Leave chat_template_kwargs out.",
  });
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
