/**
 * Chat templates: messages → the prompt that the model was tuned on.
 *
 * A template is a program that came with the model, so it runs bounded: in time by a watchdog, in
 * memory by a check of every value it makes. It sees the messages and the special tokens, no clock:
 * the same run renders the same prompts on any day.
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { ModelError } from "../../errors.ts";
import { withinTime } from "./time-limit.ts";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

const TEMPLATE_CHARACTERS = 2 ** 18;
const TIME_MS = 2000;
/** The longest string, and the longest list counted with all it holds. */
const STRING_LENGTH = 2 ** 24;
const LIST_LENGTH = 2 ** 18;

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
  raise_exception(message: string) {
    throw new Error(message);
  },
  range(first: number, second?: number, step = 1): number[] {
    const [start, stop] = second === undefined ? [0, first] : [first, second];
    const length = Math.max(0, Math.ceil((stop - start) / step));
    if (!(length <= LIST_LENGTH)) throw new Error(`range() of more than ${LIST_LENGTH} numbers`);
    return Array.from({ length }, (_, i) => start + i * step);
  },
};

/** The library's declarations are lost to TypeScript's nodenext resolution; these are the two methods used. */
interface Evaluator {
  run(program: unknown): { readonly value: unknown };
  evaluate(statement: unknown, environment: unknown): { readonly value: unknown };
}
const BaseInterpreter = Interpreter as unknown as new (environment: unknown) => Evaluator;

/** Checks the size of every value. A list that holds another twice counts it twice, as printing it would. */
class BoundedInterpreter extends BaseInterpreter {
  private readonly weights = new WeakMap<object, number>();

  override evaluate(statement: unknown, environment: unknown) {
    const result = super.evaluate(statement, environment);
    const { value } = result;
    if (typeof value === "string" && value.length > STRING_LENGTH) throw new Error("a text too long");
    if (Array.isArray(value) && this.weigh(value) > LIST_LENGTH) throw new Error("a list too long");
    return result;
  }

  private weigh(list: readonly { value: unknown }[]): number {
    const known = this.weights.get(list);
    if (known !== undefined) return known;
    let weight = list.length;
    for (const { value } of list) if (Array.isArray(value)) weight += this.weigh(value);
    this.weights.set(list, weight);
    return weight;
  }
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
  const next = "Check the roles and their order; a damaged template is mended by fetching the model again.";
  return new ModelError({ where: `${where}: chat template`, expected, got, next, cause });
}
