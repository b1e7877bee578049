/**
 * The server: OpenAI's API for one model, on this machine's loopback alone.
 *
 *   POST /v1/chat/completions   POST /v1/completions   GET /v1/models   GET /v1/models/NAME
 *
 * Requests are answered one after another; who goes away is not answered any further.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AnswerDelta, Prepared, Responder } from "../../commands/chat/responder.ts";
import { ContextError, ErrataError, OptionError } from "../../errors.ts";
import { ApiError, errorBody } from "./api-error.ts";
import { readBody, refuseStrangers, throwAway } from "./request-guard.ts";
import { type ApiRequest, readRequest } from "./requests.ts";
import { Responses } from "./responses.ts";

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

export interface ModelServer {
  /** `http://127.0.0.1:8000/v1` */
  readonly url: string;
  /** Ends the requests under way and stops listening. The model stays open. */
  close(): Promise<void>;
}

/** Requests under way and waiting; one more is told to come again. */
const MOST_REQUESTS = 64;
const LOOPBACK = "127.0.0.1";

/**
 * @param port  0 is any that is free
 * @throws OptionError where the port is taken
 */
export async function startServer(
  model: Responder,
  port: number,
  onAnswered: (answered: Answered) => void = () => undefined,
): Promise<ModelServer> {
  const underWay = new Set<AbortController>();
  const created = Math.floor(Date.now() / 1000);
  const card = { id: model.name, object: "model", created, owned_by: "errata" };
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    handle(request, response).catch((error: unknown) => fail(request, response, error));
  });
  server.maxConnections = 4 * MOST_REQUESTS;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    refuseStrangers(request);
    const path = (request.url ?? "/").split("?")[0]!;
    const kind = path === "/v1/chat/completions" ? "chat" : path === "/v1/completions" ? "text" : undefined;
    const isModel = path === `/v1/models/${model.name}`;
    if (kind === undefined && path !== "/v1/models" && !isModel)
      throw new ApiError(404, `There is no ${path.slice(0, 200)} here.`, null, "not_found");
    const method = kind === undefined ? "GET" : "POST";
    if (request.method !== method)
      throw new ApiError(405, `${path} takes ${method}.`, null, "method_not_allowed");
    if (kind === undefined) sendJson(response, 200, isModel ? card : { object: "list", data: [card] });
    else await complete(readRequest(kind, await readBody(request)), response);
  }

  async function complete(request: ApiRequest, response: ServerResponse): Promise<void> {
    if (request.model !== model.name)
      throw new ApiError(
        404,
        `There is no model ${request.model.slice(0, 200)} here, but ${model.name}.`,
        "model",
        "model_not_found",
      );
    if (underWay.size >= MOST_REQUESTS)
      throw new ApiError(429, "Too many requests are waiting; try again later.", null, "queue_full");
    const prepared = prepare(request);
    const abort = new AbortController();
    underWay.add(abort);
    response.on("close", () => abort.abort());
    const began = performance.now();
    let completionTokens: number | undefined;
    try {
      completionTokens = await answer(request, prepared, response, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      underWay.delete(abort);
      onAnswered({
        kind: request.kind,
        promptTokens: prepared.tokens.length,
        ...(completionTokens === undefined ? {} : { completionTokens }),
        seconds: (performance.now() - began) / 1000,
        aborted: abort.signal.aborted && !response.writableFinished,
      });
    }
  }

  /** The model's refusal of a prompt is the client's to mend. */
  function prepare(request: ApiRequest): Prepared {
    try {
      return model.prepare(request.completion);
    } catch (error) {
      if (!(error instanceof ErrataError)) throw error;
      const param = request.kind === "chat" ? "messages" : "prompt";
      const code = error instanceof ContextError ? "context_length_exceeded" : "invalid_prompt";
      throw new ApiError(400, error.message, param, code);
    }
  }

  async function answer(
    request: ApiRequest,
    prepared: Prepared,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<number> {
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

  await listen(server, port);
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const abort of underWay) abort.abort();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new OptionError({
          where: "port",
          expected: "a port of this machine that is free and may be taken",
          got: `${port} (${cause.code ?? cause.message})`,
          next: "Choose another with --port; 0 takes any that is free.",
          cause,
        }),
      ),
    );
    server.listen(port, LOOPBACK, resolve);
  });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(`${JSON.stringify(body)}\n`);
}

/** Tells what went wrong: as the answer, or in a stream that has begun as its last event. */
async function fail(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
  const known = error instanceof ApiError ? error : new ApiError(500, messageOf(error), null, "engine_error");
  if (response.destroyed) return;
  if (response.headersSent) {
    response.end(`data: ${JSON.stringify(errorBody(known))}\n\n`);
    return;
  }
  await throwAway(request);
  if (response.destroyed) return;
  // of a body longer than that the rest is not read
  response.shouldKeepAlive = false;
  sendJson(response, known.status, errorBody(known));
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
