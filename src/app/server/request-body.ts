/**
 * A request's body: JSON of a bounded length, or a refusal that the client gets to read.
 */
import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

const MOST_BYTES = 4 * 2 ** 20;
/** What is read of a refused body and kept nowhere, at most. */
const MOST_DRAINED_BYTES = 64 * 2 ** 20;
const DRAIN_MS = 5000;

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
    new ApiError(413, `The body is longer than ${MOST_BYTES} bytes.`, null, "request_too_large");
  if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) throw tooLong();
  const parts: Buffer[] = [];
  let bytes = 0;
  // a loop that is left would destroy the connection, and with it the answer
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw tooLong();
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
export async function drainBody(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, DRAIN_MS);
    let bytes = 0;
    request.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes > MOST_DRAINED_BYTES) done();
    });
    for (const ending of ["end", "close", "error"]) request.once(ending, done);
    request.resume();
  });
  request.pause();
}
