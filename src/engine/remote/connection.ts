/**
 * One request to a Tinker server and its answer, asked again with the same bytes while the fault may pass.
 *
 * Every request has a time limit and every answer a size limit, so that no server can hold or flood a run.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { EngineError } from "../../errors.ts";
import { damagedAnswer } from "./pass.ts";

export interface ServerAddress {
  /** With the base path, where there is one: `http://127.0.0.1:8000`, `https://host/services/tinker`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
}

/** How long to wait, in milliseconds, and how much to take. */
export interface Limits {
  /** For the answer to one request. */
  readonly answer: number;
  /** For the answer to one poll: servers hold those back. */
  readonly poll: number;
  /** Before asking again, doubled each time up to `longestPause`. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** In all for a server that does not answer, or answers that it cannot now. */
  readonly silence: number;
  /** For one piece of work, however often the server says that it is not done. */
  readonly work: number;
  /** Bytes of one answer. */
  readonly size: number;
}

const limits: Limits = {
  answer: 60_000,
  poll: 45_000,
  firstPause: 500,
  longestPause: 30_000,
  silence: 300_000,
  work: 3_600_000,
  // a thousand answers of 32,000 tokens and their log-probs
  size: 2 ** 28,
};

export interface Request {
  /** After `/api/v1/`. */
  readonly path: string;
  /** JSON, or protobuf as bytes; left out, the request is a GET. */
  readonly body?: string | Uint8Array | undefined;
  readonly accept?: "protobuf" | undefined;
}

export interface Reply {
  /** 0 where none came: then the text says why. */
  readonly status: number;
  readonly isProtobuf: boolean;
  readonly body: Uint8Array;
  readonly text: string;
  /** Milliseconds to wait before asking again, where the server said. */
  readonly retryAfter: number | undefined;
  /** No answer came in time, which of a poll is no fault. */
  readonly timedOut: boolean;
}

const PROTOBUF = "application/x-protobuf";
const LONGEST_PAUSE_ASKED_FOR = 60_000;

/** Whether asking again may help. */
export const mayPass = ({ status }: Reply): boolean =>
  status === 0 || status === 402 || status === 408 || status === 425 || status === 429 || status >= 500;

/** Whether the server said that it has not taken the request on, and may later. */
export const isRefusedForNow = ({ status }: Reply): boolean =>
  status === 402 || status === 425 || status === 429 || status === 503;

export class Connection {
  readonly limits: Limits;
  readonly url: string;
  readonly #apiKey: string | undefined;

  /** @throws EngineError where the address is none */
  constructor({ url, apiKey }: ServerAddress, waiting: Limits = limits) {
    const protocol = URL.canParse(url) ? new URL(url).protocol : "";
    if (protocol !== "http:" && protocol !== "https:")
      throw new EngineError({
        where: "engine",
        expected: "the address of a Tinker server, as http://127.0.0.1:8000",
        got: url,
        next: "Give the address that the server printed when it started, with its base path where it has one.",
      });
    this.url = url.replace(/\/+$/, "");
    this.#apiKey = apiKey;
    this.limits = waiting;
  }

  get headers(): Record<string, string> {
    return { accept: "application/json", ...(this.#apiKey !== undefined && { "x-api-key": this.#apiKey }) };
  }

  /** One try. @throws the signal's reason; EngineError where the answer is too long */
  async once(
    { path, body, accept }: Request,
    limit = this.limits.answer,
    signal?: AbortSignal,
  ): Promise<Reply> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(limit);
    const type = typeof body === "string" ? "application/json" : PROTOBUF;
    try {
      const response = await fetch(`${this.url}/api/v1/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          ...this.headers,
          ...(body !== undefined && { "content-type": type }),
          ...(accept === "protobuf" && { accept: PROTOBUF }),
        },
        ...(body !== undefined && { body: body }),
        // the key goes to the address that was given, and nowhere else
        redirect: "manual",
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      });
      const bytes = await bounded(response, this.limits.size);
      const isProtobuf = response.headers.get("content-type")?.startsWith(PROTOBUF) ?? false;
      return {
        ...{ status: response.status, isProtobuf, body: bytes, timedOut: false },
        text: isProtobuf ? "" : new TextDecoder().decode(bytes),
        retryAfter: retryAfter(response.headers),
      };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof EngineError) throw error;
      const text = `no answer: ${error instanceof Error ? String(error.cause ?? error.message) : error}`;
      return {
        ...{ status: 0, isProtobuf: false, body: new Uint8Array(), text, retryAfter: undefined },
        timedOut: timeout.aborted,
      };
    }
  }

  /**
   * Asks until the answer is one that asking again would not change.
   *
   * @param again  whether to ask again after an answer
   * @returns the answer, and whether the server may have had the request before
   * @throws  EngineError where there is none within `limits.silence`
   */
  async ask(
    request: Request,
    what: string,
    signal?: AbortSignal,
    again = mayPass,
  ): Promise<{ reply: Reply; repeated: boolean }> {
    const begin = performance.now();
    for (let tries = 0; ; tries++) {
      const reply = await this.once(request, this.limits.answer, signal);
      if (!again(reply)) return { reply, repeated: tries > 0 };
      if (performance.now() - begin > this.limits.silence) throw this.silent(what, reply);
      await this.pause(tries, reply, signal);
    }
  }

  async pause(tries: number, { retryAfter }: Reply, signal?: AbortSignal): Promise<void> {
    const { firstPause, longestPause } = this.limits;
    const grown = Math.min(firstPause * 2 ** Math.min(tries, 20), longestPause);
    // requests that failed together do not come back together
    await sleep(retryAfter ?? grown * (1 - Math.random() / 4), undefined, { signal }).catch((error) => {
      signal?.throwIfAborted();
      throw error;
    });
  }

  silent(what: string, { status, text }: Reply): EngineError {
    return new EngineError({
      where: `${what} at ${this.url}`,
      expected: `the server to answer within ${this.limits.silence / 1000} s`,
      got: `${status === 0 ? "" : `${status} `}${text}`,
      next: "See whether the server runs and can be reached, then resume the run.",
    });
  }
}

/** A body of at most so many bytes. @throws EngineError where it is longer */
export async function bounded(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > most) throw damagedAnswer(`an answer of at most ${most} bytes`, "a longer one");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function retryAfter(headers: Headers): number | undefined {
  const inMs = headers.get("retry-after-ms");
  const inSeconds = headers.get("retry-after");
  const asked = inMs !== null ? Number(inMs) : inSeconds !== null ? Number(inSeconds) * 1000 : Number.NaN;
  return asked >= 0 && asked <= LONGEST_PAUSE_ASKED_FOR ? asked : undefined;
}
