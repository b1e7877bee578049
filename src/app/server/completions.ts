/**
 * Requests for completions → the model's answers, whole or as a stream; who goes away is not answered further.
 */
import type { ServerResponse } from "node:http";
import type { AnswerDelta, Prepared, Responder } from "../../commands/chat/responder.ts";
import { ContextError, ErrataError, SchemaError } from "../../errors.ts";
import { ApiError } from "./api-error.ts";
import type { ApiRequest } from "./requests.ts";
import { Responses } from "./responses.ts";
import { sendJson } from "./send-json.ts";

/** What was answered, for a line on the screen. */
export interface Answered {
  readonly kind: "chat" | "text";
  readonly promptTokens: number;
  /** Left out where the client went away before they were counted. */
  readonly completionTokens?: number;
  readonly seconds: number;
  /** True where the client went away before the end. */
  readonly aborted: boolean;
}

/** Requests under way and waiting; one more is told to come again. */
export const MOST_REQUESTS = 64;

export class Completions {
  readonly #model: Responder;
  readonly #onAnswered: (answered: Answered) => void;
  readonly #underWay = new Set<AbortController>();

  constructor(model: Responder, onAnswered: (answered: Answered) => void) {
    this.#model = model;
    this.#onAnswered = onAnswered;
  }

  /** @throws ApiError where the request cannot be answered, and nothing of an answer was sent */
  async answer(request: ApiRequest, response: ServerResponse): Promise<void> {
    const abort = this.#admit(request);
    const began = performance.now();
    let prepared: Prepared | undefined;
    let completionTokens: number | undefined;
    try {
      response.on("close", () => abort.abort());
      prepared = await this.#prepare(request);
      completionTokens = await this.#complete(request, prepared, response, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      this.#underWay.delete(abort);
      if (prepared !== undefined)
        this.#onAnswered({
          kind: request.kind,
          promptTokens: prepared.tokens.length,
          ...(completionTokens === undefined ? {} : { completionTokens }),
          seconds: (performance.now() - began) / 1000,
          aborted: abort.signal.aborted && !response.writableFinished,
        });
    }
  }

  /** Requests under way and waiting. */
  get running(): number {
    return this.#underWay.size;
  }

  /** Ends the requests under way. */
  stop(): void {
    for (const abort of this.#underWay) abort.abort();
  }

  /** @throws ApiError where it is for another model, or too many wait */
  #admit(request: ApiRequest): AbortController {
    if (request.model !== this.#model.name)
      throw new ApiError(
        404,
        `There is no model ${request.model.slice(0, 200)} here, but ${this.#model.name}.`,
        "model",
        "model_not_found",
      );
    if (this.#underWay.size >= MOST_REQUESTS)
      throw new ApiError(429, "Too many requests are waiting; try again later.", null, "queue_full");
    const abort = new AbortController();
    this.#underWay.add(abort);
    return abort;
  }

  /** The model's refusal of a prompt is the client's to mend. */
  async #prepare(request: ApiRequest): Promise<Prepared> {
    try {
      return await this.#model.prepare(request.completion);
    } catch (error) {
      if (!(error instanceof ErrataError)) throw error;
      if (error instanceof SchemaError)
        throw new ApiError(400, error.message, "response_format", "invalid_schema");
      const param = request.kind === "chat" ? "messages" : "prompt";
      const code = error instanceof ContextError ? "context_length_exceeded" : "invalid_prompt";
      throw new ApiError(400, error.message, param, code);
    }
  }

  /** @returns the tokens sampled */
  async #complete(
    request: ApiRequest,
    prepared: Prepared,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<number> {
    const model = this.#model;
    const responses = new Responses(request, model.name);
    const prompt = prepared.tokens.length;
    if (!request.stream) {
      const deltas: AnswerDelta[] = [];
      const completion = await model.complete(prepared, (delta) => deltas.push(delta), signal);
      sendJson(response, 200, responses.whole(deltas, { prompt, completion }));
      return completion;
    }
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
    const send = (data: object) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    responses.opening().forEach(send);
    const completion = await model.complete(prepared, (delta) => send(responses.chunk(delta)), signal);
    if (request.includeUsage) send(responses.usage({ prompt, completion }));
    response.end("data: [DONE]\n\n");
    return completion;
  }
}
