/**
 * Chat: one model, asked by a person, turn by turn.
 *
 * A model with a chat template sees the turns before; a base model answers each text alone.
 */
import type { Completion, Engine, ModelFacts, Progress } from "../engine/engine.ts";
import type { Tokenizer } from "../engine/models/tokenizer.ts";
import { EngineError } from "../errors.ts";
import type { Locating } from "./locate-model.ts";
import { openPolicy } from "./open-engine.ts";
import type { GivenOptions, Options } from "./options.ts";
import { resolveOptions } from "./resolve-options.ts";
import { formatOf, promptRenderer, type RenderPrompt } from "./rollouts/prompt.ts";
import type { Message } from "./types.ts";

export interface Answer {
  readonly text: string;
  readonly stop: Completion["stop"];
  readonly tokens: number;
}

export class Chat {
  readonly facts: ModelFacts;
  /** True where the model is shown the turns before. */
  readonly remembers: boolean;
  readonly #engine: Engine;
  readonly #tokenizer: Tokenizer;
  readonly #options: Options;
  readonly #render: RenderPrompt;
  #turns: readonly Message[] = [];
  #asked = 0;

  private constructor(engine: Engine, tokenizer: Tokenizer, options: Options) {
    this.#engine = engine;
    this.#tokenizer = tokenizer;
    this.#options = options;
    this.#render = promptRenderer(tokenizer, options);
    this.facts = engine.facts;
    this.remembers = formatOf(tokenizer, options) === "chat";
  }

  /** @throws OptionError, ModelError where the options or the model are not usable */
  static async open(given: GivenOptions, locating: Locating = {}): Promise<Chat> {
    const { options } = resolveOptions("chat", { given });
    const { engine, tokenizer } = await openPolicy(options.model, options, locating);
    try {
      return new Chat(engine, tokenizer, options);
    } catch (cause) {
      await engine.close();
      throw cause;
    }
  }

  /**
   * The model's answer to the next turn. The same turns and seed give the same answers.
   *
   * @throws EngineError where the conversation is as long as the model's context
   */
  async ask(text: string, progress?: Progress): Promise<Answer> {
    const turns: Message[] = [...(this.remembers ? this.#turns : []), { role: "user", content: text }];
    const { tokens } = this.#render({ id: "chat", prompt: turns, answer: "" });
    const room = this.facts.contextLength - tokens.length;
    if (tokens.length === 0 || room < 1) {
      throw new EngineError({
        where: "chat",
        expected: `a prompt of 1 to ${this.facts.contextLength - 1} tokens`,
        got: `${tokens.length} tokens, with the turns before`,
        next: "Ask something shorter, or begin again with /new.",
      });
    }
    const { maxCompletionLength, temperature, topP, topK, seed } = this.#options;
    const sampling = { answers: 1, maxTokens: Math.min(maxCompletionLength, room), temperature, topP, topK };
    const [[completion]] = await this.#engine.sample(
      [{ tokens, key: this.#asked++ }],
      { ...sampling, seed, step: 0 },
      progress,
    );
    const answer = this.#tokenizer.decode(completion.tokens);
    this.#turns = [...turns, { role: "assistant", content: answer }];
    return { text: answer, stop: completion.stop, tokens: completion.tokens.length };
  }

  /** Begins a new conversation. */
  forget(): void {
    this.#turns = [];
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
