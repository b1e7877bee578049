/**
 * Chat templates: messages → the prompt that the model was tuned on.
 *
 * A template is a program that came with the model, so it runs bounded: in time by a watchdog, in
 * memory by a check of every value it makes.
 */
import { ModelError } from "../../errors.ts";
import { render } from "../jinja/interpreter.ts";
import { parseTemplate } from "../jinja/parser.ts";
import { fromJson } from "../jinja/values.ts";
import { withinTime } from "./time-limit.ts";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

const TEMPLATE_CHARACTERS = 2 ** 18;
/** Above what a rendering may take by its own count, also on a busy machine. */
const TIME_MS = 10_000;

/** What a template may be given beside the messages. */
export interface TemplateOptions {
  readonly addGenerationPrompt?: boolean;
  /** Variables of the template's own, such as `enable_thinking`, `tools` or `documents`. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** What `strftime_now` tells; left out, the time of the call. */
  readonly now?: Date;
}

export type ChatTemplate = (messages: readonly ChatMessage[], options?: TemplateOptions) => string;

/** Variables that are the conversation's, which no caller sets. */
export const reservedVariables: readonly string[] = ["messages", "add_generation_prompt"];

/** As transformers passes them where there are none: a template asks whether they are none, not whether they are defined. */
const absent = { tools: null, documents: null };

/**
 * Prepares a Jinja template.
 *
 * @param special the special tokens that the template may read: `bos_token`, `eos_token`, …
 * @throws ModelError where it cannot be parsed; the function it returns, where the template refuses
 *   the messages, takes too long or makes too much
 */
export function chatTemplate(
  source: string,
  special: Readonly<Record<string, string>>,
  where: string,
): ChatTemplate {
  if (source.length > TEMPLATE_CHARACTERS)
    throw refused(where, `at most ${TEMPLATE_CHARACTERS} characters`, `${source.length}`);
  const body = bounded(where, () => parseTemplate(source));
  return (messages, { addGenerationPrompt = true, variables = {}, now = new Date() } = {}) =>
    bounded(where, () => {
      const given = {
        ...absent,
        ...special,
        messages,
        add_generation_prompt: addGenerationPrompt,
        ...variables,
      };
      return render(
        body,
        Object.entries(given).map(([name, value]) => [name, fromJson(value)]),
        now,
      );
    });
}

function bounded<T>(where: string, task: () => T): T {
  try {
    return withinTime(TIME_MS, task);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw refused(where, "a chat template that renders these messages", got, cause);
  }
}

function refused(where: string, expected: string, got: string, cause?: unknown): ModelError {
  const next =
    "Check the messages, their roles and order, and what the template says in that line; a damaged one is mended by fetching the model again.";
  return new ModelError({ where: `${where}: chat template`, expected, got, next, cause });
}
