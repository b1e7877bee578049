/**
 * What arrives at the server, held to what a program on this machine would send.
 *
 * A page in a browser can reach 127.0.0.1, by a name of its own that resolves there or by a form that it
 * sends across: the Host and Origin headers tell, and JSON is a type that no form has.
 */
import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

const BODY_BYTES = 4 * 2 ** 20;
/** What is read of a refused body and thrown away, at most. */
const THROWN_BYTES = 64 * 2 ** 20;
const THROWN_MS = 5000;
const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** @throws ApiError where the request was meant for another host or comes from a page of another */
export function refuseStrangers({ headers }: IncomingMessage): void {
  const { host, origin } = headers;
  if (!loopback.has(hostname(`http://${host ?? ""}`)))
    throw new ApiError(403, "This server answers only to 127.0.0.1 and localhost.", null, "host_not_allowed");
  if (origin !== undefined && !loopback.has(hostname(origin)))
    throw new ApiError(403, "This server does not answer pages of other hosts.", null, "origin_not_allowed");
}

function hostname(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return "";
  }
}

/**
 * A request's body.
 *
 * @throws ApiError where it is not JSON, or too long; then it is not read to its end
 */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new ApiError(
      415,
      "Send the body as content-type application/json.",
      null,
      "unsupported_media_type",
    );
  const tooLong = () =>
    new ApiError(413, `The body is longer than ${BODY_BYTES} bytes.`, null, "request_too_large");
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES) throw tooLong();
  const parts: Buffer[] = [];
  let bytes = 0;
  // a loop that is left would destroy the connection, and with it the answer
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES) throw tooLong();
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw new ApiError(400, `The body is no JSON: ${(cause as Error).message}`, null, "invalid_json");
  }
}

/**
 * Reads what is left of a refused body, up to a bound, and keeps nothing: a client that is still sending
 * when the connection closes sees a broken pipe and never the answer that says why.
 */
export async function throwAway(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, THROWN_MS);
    let bytes = 0;
    request.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes > THROWN_BYTES) done();
    });
    for (const ending of ["end", "close", "error"]) request.once(ending, done);
    request.resume();
  });
  request.pause();
}
