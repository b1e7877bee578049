/**
 * Chat: one model, asked by a person, turn by turn.
 *
 * A model with a chat template sees the turns before; a base model answers each text alone.
 */
import type { EngineFacts } from "../../engine/engine.ts";
import type { Locating } from "../../loop/session/locate-model.ts";
import type { Message } from "../../loop/types.ts";
import type { GivenOptions } from "../../options/options.ts";
import { type AnswerDelta, Responder } from "./responder.ts";

export interface Answer {
  readonly text: string;
  /** `stopped`: ended by the one who asked. */
  readonly stop: "eos" | "length" | "stopped";
  readonly tokens: number;
}

/** An answer followed as it grows. */
export interface Listening {
  /** Hears its text, piece by piece. */
  readonly onText?: (text: string) => void;
  /** Ends it; what was said until then is the answer. */
  readonly signal?: AbortSignal;
}

export class Chat {
  /** What the model is called. */
  readonly name: string;
  readonly facts: EngineFacts;
  /** True where the model is shown the turns before. */
  readonly remembers: boolean;
  readonly #model: Responder;
  #turns: readonly Message[] = [];

  private constructor(model: Responder) {
    this.#model = model;
    this.name = model.name;
    this.facts = model.facts;
    this.remembers = model.format === "chat";
  }

  /** @throws OptionError, ModelError where the options or the model are not usable */
  static async open(given: GivenOptions, locating: Locating = {}): Promise<Chat> {
    return new Chat(await Responder.open("chat", given, locating));
  }

  /**
   * The model's answer to the next turn. The same turns and seed give the same answers.
   *
   * @throws EngineError where the conversation is as long as the model's context
   */
  async ask(text: string, { onText, signal }: Listening = {}): Promise<Answer> {
    const turns: Message[] = [...(this.remembers ? this.#turns : []), { role: "user", content: text }];
    const prepared = await this.#model.prepare({ prompt: turns, answers: 1, stop: [] });
    let said = "";
    let tokens = 0;
    let stop: Answer["stop"] = "stopped";
    const hear = (delta: AnswerDelta) => {
      said += delta.text;
      tokens += delta.tokens.length;
      if (delta.text !== "") onText?.(delta.text);
      if (delta.stop === "eos" || delta.stop === "length") stop = delta.stop;
    };
    try {
      await this.#model.complete(prepared, hear, signal);
    } catch (cause) {
      if (signal?.aborted !== true) throw cause;
    }
    this.#turns = [...turns, { role: "assistant", content: said }];
    return { text: said, stop, tokens };
  }

  /** Begins a new conversation. */
  forget(): void {
    this.#turns = [];
  }

  close(): Promise<void> {
    return this.#model.close();
  }
}
