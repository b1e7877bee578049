/**
 * Who may ask: a request's Host, Origin and key, before anything else of it is read.
 *
 * A page in a browser can reach 127.0.0.1, by a name of its own that resolves there or by a form that it
 * sends across: the Host and Origin headers tell, and JSON is a type that no form has.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import { loopbackNames, type ServerSettings } from "./server-settings.ts";

/** A name or an address, and a port: no user's name, no path. */
const hostHeader = /^(?<name>\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/** An address of IPv6 stands in brackets beside a port. */
const bareName = (name: string): string => name.replace(/^\[|\]$/g, "");

/** Whether the request calls the server by its address or by one of these names; undefined is any name. */
export function callsByName(
  { headersDistinct, socket }: IncomingMessage,
  names: readonly string[] | undefined,
): boolean {
  const { host: sent = [] } = headersDistinct;
  const name = sent.length === 1 ? hostHeader.exec(sent[0]!)?.groups?.name : undefined;
  const bare = name === undefined ? undefined : bareName(name).toLowerCase();
  // no foreign name can stand in for an address, so the one that the connection came to is its own
  const address = socket.localAddress?.replace(/^::ffff:/, "");
  return bare !== undefined && (names === undefined || [...names, address].includes(bare));
}

/** @throws ApiError where the request calls the server by a name that is not one of its own */
export function rejectForeignHost(
  request: IncomingMessage,
  { allowedHosts }: Pick<ServerSettings, "allowedHosts">,
): void {
  if (callsByName(request, allowedHosts)) return;
  const { host: sent = [] } = request.headersDistinct;
  throw new ApiError(
    403,
    `This server does not go by the name ${sent.join(", ").slice(0, 200) || "of an empty Host header"}. Its owner can add one with --allowed-hosts.`,
    null,
    "host_not_allowed",
  );
}

/**
 * Lets pages of the origins that were named read the answer, and pages of this machine ask without reading.
 *
 * @throws ApiError where the request comes from a page of another
 */
export function rejectForeignOrigin(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { cors }: Pick<ServerSettings, "cors">,
): void {
  const { origin } = headers;
  if (cors.length > 0) response.setHeader("vary", "origin");
  if (origin === undefined) return;
  if (cors.includes("*") || cors.includes(origin)) {
    response.setHeader("access-control-allow-origin", origin);
    return;
  }
  if (URL.canParse(origin) && loopbackNames.includes(bareName(new URL(origin).hostname))) return;
  throw new ApiError(
    403,
    `This server does not answer pages of ${origin.slice(0, 200)}. Its owner can let them in with --cors.`,
    null,
    "origin_not_allowed",
  );
}

/** Answers the question that a browser asks before it sends a page's request. @returns whether it was one */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  const { headers, method } = request;
  if (method !== "OPTIONS" || !response.hasHeader("access-control-allow-origin")) return false;
  response.writeHead(204, {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers":
      headers["access-control-request-headers"] ?? "authorization, content-type",
    "access-control-max-age": "600",
  });
  response.end();
  return true;
}

/** @throws ApiError where a key is needed and another or none was brought */
export function rejectWithoutKey(
  { headers }: IncomingMessage,
  { apiKey }: Pick<ServerSettings, "apiKey">,
): void {
  if (apiKey === undefined) return;
  const [, brought] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  if (brought !== undefined && isSecret(brought, apiKey)) return;
  throw new ApiError(
    401,
    brought === undefined
      ? "Send the server's API key as a bearer token."
      : "This is not the server's API key.",
    null,
    "invalid_api_key",
  );
}

/** Compares digests, which are of one length, so that the time taken tells nothing of the secret. */
export function isSecret(brought: string, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(brought), digest(secret));
}
