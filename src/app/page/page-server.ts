/**
 * The page's server: files of the named runs and nothing else, to the browser of this machine that has the link.
 *
 *   GET /   /page.js   /page.css   /api/NAME?…   /api/stream (server-sent events)       POST /api/tell
 *
 * It keeps nothing between two requests. Host, Origin and token are looked at before anything else of a request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ErrataError, OptionError } from "../../errors.ts";
import { ApiError, errorBody } from "../server/api-error.ts";
import { readBody } from "../server/request-body.ts";
import { callsByName, isSecret } from "../server/request-guard.ts";
import { sendJson } from "../server/send-json.ts";
import { loopbackNames } from "../server/server-settings.ts";
import type { PageData } from "./page-data.ts";
import type { PageFiles } from "./page-files.ts";
import { pageHtml } from "./page-html.ts";
import { streamLines } from "./stream-lines.ts";

export interface PageServer {
  /** With the token, without which nothing is answered. */
  readonly link: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Nothing from elsewhere, nothing inline, in no frame, kept by no cache. */
const headers: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/**
 * @param port   0 is any that is free
 * @param token  at least 16 letters of chance
 * @throws OptionError where the port is not to be had
 */
export async function startPage(
  data: PageData,
  files: PageFiles,
  { port, token }: { readonly port: number; readonly token: string },
): Promise<PageServer> {
  const documents: Readonly<Record<string, readonly [type: string, body: string]>> = {
    "/": ["text/html", pageHtml()],
    "/page.js": ["text/javascript", files.js],
    "/page.css": ["text/css", files.css],
  };
  const limits = { requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 5000 };
  const server = createServer(limits, (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    handle(request, response).catch((error: unknown) => fail(response, error));
  });
  server.maxConnections = 64;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    rejectForeign(request);
    const url = new URL(request.url!.replace(/^[/\\]*/, "/"), "http://page");
    if (url.pathname === "/favicon.ico") return void response.writeHead(204).end();
    const cookie = `errata-page-${(server.address() as AddressInfo).port}`;
    rejectWithoutToken(request, response, url, cookie, token);
    const document = Object.hasOwn(documents, url.pathname) ? documents[url.pathname] : undefined;
    if (url.pathname === "/api/tell") return tell(request, response, url);
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new ApiError(405, `${url.pathname.slice(0, 200)} takes GET.`, null, "method_not_allowed");
    if (document !== undefined) {
      response.writeHead(200, { "content-type": `${document[0]}; charset=utf-8` }).end(document[1]);
    } else if (url.pathname === "/api/stream") await streamLines(data, request, response);
    else sendJson(response, 200, await data.answer(url.pathname.replace(/^\/api\//, ""), url.searchParams));
  }

  /** The one request that changes something; as JSON, which no form of another page can send. */
  async function tell(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (request.method !== "POST")
      throw new ApiError(405, "/api/tell takes POST.", null, "method_not_allowed");
    sendJson(response, 200, await data.tell(url.searchParams, await readBody(request)));
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(portTaken(port, cause)));
    server.listen(port, HOST, resolve);
  });
  return {
    link: `http://${HOST}:${(server.address() as AddressInfo).port}/?token=${token}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Pages of other origins, also of this machine, neither read nor ask; nor does one that calls the server by a name of its own. */
function rejectForeign(request: IncomingMessage): void {
  const { host, origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isForeign = origin !== undefined && origin !== `http://${host}`;
  const crosses = site !== undefined && site !== "same-origin" && site !== "none";
  // a link that was followed from elsewhere opens the page; what it asks then is its own
  const opens = request.headers["sec-fetch-mode"] === "navigate" && request.method === "GET";
  if (callsByName(request, loopbackNames) && !isForeign && (!crosses || opens)) return;
  throw new ApiError(403, "This page answers its own address alone.", null, "origin_not_allowed");
}

/** The link brings the token once; from then on a cookie that no script reads has it, so that addresses are without. */
function rejectWithoutToken(
  { headers: { cookie: sent = "" } }: IncomingMessage,
  response: ServerResponse,
  url: URL,
  name: string,
  token: string,
): void {
  const inLink = url.searchParams.get("token");
  if (inLink !== null && isSecret(inLink, token)) {
    response.setHeader("set-cookie", `${name}=${token}; HttpOnly; SameSite=Strict; Path=/`);
    return;
  }
  const kept = sent.split("; ").find((one) => one.startsWith(`${name}=`));
  if (kept !== undefined && isSecret(kept.slice(name.length + 1), token)) return;
  throw new ApiError(401, "Open the link that errata watch printed.", null, "token_missing");
}

function fail(response: ServerResponse, error: unknown): void {
  // what a run's files or state do not allow is said in words of its own
  const status = error instanceof ErrataError ? 422 : 500;
  const known = error instanceof ApiError ? error : new ApiError(status, (error as Error).message);
  if (response.headersSent) response.end();
  else sendJson(response.setHeader("connection", "close"), known.status, errorBody(known));
}

function portTaken(port: number, cause: NodeJS.ErrnoException): OptionError {
  return new OptionError({
    where: "--port",
    expected: "a port that is free and may be taken",
    got: `${port} (${cause.code ?? cause.message})`,
    next: "Choose another; without --port any that is free is taken.",
    cause,
  });
}
