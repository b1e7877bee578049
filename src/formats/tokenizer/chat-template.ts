/**
 * Chat templates: messages → the prompt that the model was tuned on.
 *
 * A template is a program that came with the model, so it runs bounded: in time by a watchdog, in
 * memory by a check of every value it makes. It sees the messages and the special tokens, no clock:
 * the same run renders the same prompts on any day.
 */
import { Environment, parse, tokenize } from "@huggingface/jinja";
import { ModelError } from "../../errors.ts";
import { BoundedInterpreter, range } from "./bounded-jinja.ts";
import { withinTime } from "./time-limit.ts";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

const TEMPLATE_CHARACTERS = 2 ** 18;
const TIME_MS = 1000;

export type ChatTemplate = (messages: readonly ChatMessage[], addGenerationPrompt: boolean) => string;

/**
 * Prepares a Jinja template.
 *
 * @param variables what the template reads beside the messages: `bos_token`, `eos_token`, …
 * @throws ModelError where it cannot be parsed; the function it returns, where the template refuses
 *   the messages, takes too long or makes too much
 */
export function chatTemplate(
  source: string,
  variables: Readonly<Record<string, string>>,
  where: string,
): ChatTemplate {
  if (source.length > TEMPLATE_CHARACTERS)
    throw refused(where, `at most ${TEMPLATE_CHARACTERS} characters`, `${source.length}`);
  const program = bounded(where, () => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })));
  return (messages, addGenerationPrompt) =>
    bounded(where, () => {
      const environment = new Environment();
      const globals = { ...constants, ...variables, messages, add_generation_prompt: addGenerationPrompt };
      for (const [name, value] of Object.entries(globals)) environment.set(name, value);
      const rendered = new BoundedInterpreter(environment).run(program);
      return String(rendered.value);
    });
}

const constants = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  // as transformers passes them where there are none: a template asks whether they are, not whether they are defined
  tools: null,
  documents: null,
  raise_exception(message: string) {
    throw new Error(message);
  },
  range,
};

function bounded<T>(where: string, task: () => T): T {
  try {
    return withinTime(TIME_MS, task);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw refused(where, "a chat template that renders these messages", got, cause);
  }
}

function refused(where: string, expected: string, got: string, cause?: unknown): ModelError {
  const next = "Check the roles and their order; a damaged template is mended by fetching the model again.";
  return new ModelError({ where: `${where}: chat template`, expected, got, next, cause });
}
