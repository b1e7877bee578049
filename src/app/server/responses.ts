/**
 * What the server answers, in the shapes of OpenAI's API: one object, or chunks of a stream.
 */
import { randomUUID } from "node:crypto";
import type { AnswerDelta } from "../../commands/chat/responder.ts";
import type { ApiRequest } from "./requests.ts";

export interface Usage {
  readonly prompt: number;
  readonly completion: number;
}

/** The objects of one answered request. */
export class Responses {
  readonly #request: ApiRequest;
  readonly #head: { readonly id: string; readonly created: number; readonly model: string };

  /** @param model  the name of the one that answers */
  constructor(request: ApiRequest, model: string) {
    this.#request = request;
    const id = `${request.kind === "chat" ? "chatcmpl" : "cmpl"}-${randomUUID()}`;
    this.#head = { id, created: Math.floor(Date.now() / 1000), model };
  }

  /** All answers at once. @param deltas  of all answers, in the order they came */
  whole(deltas: readonly AnswerDelta[], usage: Usage): object {
    const { kind, completion } = this.#request;
    const choices = Array.from({ length: completion.answers }, (_, index) => {
      const own = deltas.filter(({ answer }) => answer === index);
      const content = own.map(({ text }) => text).join("");
      const end = {
        logprobs: this.#logprobs(own.flatMap(({ tokens }) => tokens)),
        finish_reason: finishReason(own.at(-1)),
      };
      return kind === "chat"
        ? { index, message: { role: "assistant", content, refusal: null }, ...end }
        : { index, text: content, ...end };
    });
    return { ...this.#object("chat.completion", "text_completion"), choices, usage: usageJson(usage) };
  }

  /** What a stream begins with: each answer's role, in a chat. */
  opening(): object[] {
    const { kind, completion } = this.#request;
    if (kind === "text") return [];
    return Array.from({ length: completion.answers }, (_, index) =>
      this.#chunk({
        index,
        delta: { role: "assistant", content: "" },
        logprobs: null,
        finish_reason: null,
      }),
    );
  }

  chunk(delta: AnswerDelta): object {
    const { answer: index, text, tokens } = delta;
    const end = { logprobs: this.#logprobs(tokens), finish_reason: finishReason(delta) };
    if (this.#request.kind === "text") return this.#chunk({ index, text, ...end });
    return this.#chunk({ index, delta: text === "" ? {} : { content: text }, ...end });
  }

  /** What a stream ends with where its request asked for it. */
  usage(usage: Usage): object {
    return {
      ...this.#object("chat.completion.chunk", "text_completion"),
      choices: [],
      usage: usageJson(usage),
    };
  }

  #chunk(choice: object): object {
    const usage = this.#request.includeUsage ? { usage: null } : {};
    return { ...this.#object("chat.completion.chunk", "text_completion"), choices: [choice], ...usage };
  }

  #object(chat: string, text: string): object {
    const { id, created, model } = this.#head;
    return { id, object: this.#request.kind === "chat" ? chat : text, created, model };
  }

  #logprobs(tokens: AnswerDelta["tokens"]): object | null {
    if (!this.#request.logprobs) return null;
    if (this.#request.kind === "text")
      return {
        tokens: tokens.map(({ text }) => text),
        token_logprobs: tokens.map(({ logp }) => logp),
        top_logprobs: null,
      };
    return {
      content: tokens.map(({ text, logp }) => ({
        token: text,
        logprob: logp,
        // a part of a character has no text of its own
        bytes: text.includes("\ufffd") ? null : [...Buffer.from(text)],
        top_logprobs: [],
      })),
      refusal: null,
    };
  }
}

function finishReason(last: AnswerDelta | undefined): "stop" | "length" | null {
  if (last?.stop === undefined) return null;
  return last.stop === "length" ? "length" : "stop";
}

function usageJson({ prompt, completion }: Usage): object {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
