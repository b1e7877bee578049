/**
 * The server: OpenAI's API for one model.
 *
 *   POST /v1/chat/completions   POST /v1/completions   GET /v1/models   GET /v1/models/NAME   GET /health   GET /metrics
 *
 * A request's Host, Origin and key are looked at before its path, and its path before its body.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import type { Responder } from "../../commands/chat/responder.ts";
import { OptionError } from "../../errors.ts";
import { ApiError, errorBody } from "./api-error.ts";
import { type Answered, Completions, MOST_REQUESTS } from "./completions.ts";
import { drainBody, readBody } from "./request-body.ts";
import {
  answerPreflight,
  rejectForeignHost,
  rejectForeignOrigin,
  rejectWithoutKey,
} from "./request-guard.ts";
import { readRequest } from "./requests.ts";
import { sendJson } from "./send-json.ts";
import { ServerMetrics } from "./server-metrics.ts";
import type { ServerSettings } from "./server-settings.ts";

export interface ModelServer {
  /** `http://127.0.0.1:8000/v1` */
  readonly url: string;
  /** Ends the requests under way and stops listening. The model stays open. */
  close(): Promise<void>;
}

const kinds: Readonly<Record<string, "chat" | "text">> = {
  "/v1/chat/completions": "chat",
  "/v1/completions": "text",
};

const METRICS = "/metrics";

/** @throws OptionError where the address or the port is not to be had */
export async function startServer(
  model: Responder,
  settings: ServerSettings,
  onAnswered: (answered: Answered) => void = () => undefined,
): Promise<ModelServer> {
  const metrics = new ServerMetrics();
  const completions = new Completions(model, (answered) => {
    metrics.count(answered);
    onAnswered(answered);
  });
  const created = Math.floor(Date.now() / 1000);
  const card = { id: model.name, object: "model", created, owned_by: "errata" };
  const pages: Readonly<Record<string, object>> = {
    "/health": { status: "ok" },
    "/v1/models": { object: "list", data: [card] },
    [`/v1/models/${model.name}`]: card,
  };
  const limits = { requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 5000 };
  const server = createServer(limits, (request, response) => {
    handle(request, response).catch((error: unknown) => fail(request, response, error));
  });
  server.maxConnections = 4 * MOST_REQUESTS;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    rejectForeignHost(request, settings);
    rejectForeignOrigin(request, response, settings);
    if (answerPreflight(request, response)) return;
    const path = (request.url ?? "/").split("?")[0]!;
    // those who watch over the server are given no key
    if (path !== "/health") rejectWithoutKey(request, settings);
    const kind = Object.hasOwn(kinds, path) ? kinds[path] : undefined;
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (kind !== undefined) {
      rejectMethod(request, path, ["POST"]);
      await completions.answer(readRequest(kind, await readBody(request)), response);
    } else if (page !== undefined) {
      rejectMethod(request, path, ["GET", "HEAD"]);
      sendJson(response, 200, page);
    } else if (path === METRICS) {
      rejectMethod(request, path, ["GET", "HEAD"]);
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
      response.end(metrics.text(completions.running));
    } else throw unknownPath(path, [...Object.keys(kinds), ...Object.keys(pages), METRICS]);
  }

  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(settings.host) ? `[${settings.host}]` : settings.host}:${port}/v1`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      completions.stop();
      server.closeAllConnections();
      await closed;
    },
  };
}

function rejectMethod({ method = "" }: IncomingMessage, path: string, taken: readonly string[]): void {
  if (!taken.includes(method))
    throw new ApiError(405, `${path} takes ${taken.join(" and ")}.`, null, "method_not_allowed");
}

function unknownPath(path: string, known: readonly string[]): ApiError {
  const message = `There is no ${path.slice(0, 200)} here, but ${known.join(", ")}.`;
  return new ApiError(404, message, null, "not_found");
}

function listen(server: Server, { host, port }: ServerSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === "EADDRINUSE" || cause.code === "EACCES";
      reject(
        new OptionError({
          where: isTaken ? "port" : "host",
          expected: isTaken ? "a port that is free and may be taken" : "an address of this machine",
          got: `${isTaken ? port : host} (${cause.code ?? cause.message})`,
          next: isTaken
            ? "Choose another with --port; 0 takes any that is free."
            : "127.0.0.1 is this machine alone, 0.0.0.0 all its addresses.",
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

/** Tells what went wrong: as the answer, or in a stream that has begun as its last event. */
async function fail(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
  const known = error instanceof ApiError ? error : new ApiError(500, messageOf(error), null, "engine_error");
  if (response.destroyed) return;
  if (response.headersSent) {
    response.end(`data: ${JSON.stringify(errorBody(known))}\n\n`);
    return;
  }
  await drainBody(request);
  if (response.destroyed) return;
  // of a body longer than that the rest is not read
  response.shouldKeepAlive = false;
  sendJson(response, known.status, errorBody(known));
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
