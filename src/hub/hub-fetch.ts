/**
 * Requests to the hub → answers of a bounded length, or an error; a silent server is not waited for.
 *
 * The token goes to the hub alone, never to where it redirects.
 */
import { HubError } from "../errors.ts";
import type { HubSettings } from "./hub-settings.ts";
import { proxyFetch } from "./proxy-fetch.ts";

export type HubFetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Bytes of an answer about files; the longest listing of a real repository is smaller. */
const LONGEST_ANSWER = 2 ** 25;

/**
 * A `fetch` for questions, as the hub's client calls it.
 *
 * @param signal  ends a request under way
 */
export function hubFetch(settings: HubSettings, signal: AbortSignal | undefined): HubFetch {
  return async (url, init) => {
    const signals = [AbortSignal.timeout(settings.silenceMs), ...(signal === undefined ? [] : [signal])];
    const asked = {
      ...init,
      headers: headersFor(settings, url, init?.headers),
      signal: AbortSignal.any(signals),
    };
    const response = await proxyFetch(addressOf(url), asked, settings.proxies);
    if (response.body === null) return response;
    let bytes = 0;
    const bounded = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        if (bytes <= LONGEST_ANSWER) controller.enqueue(chunk);
        else controller.error(tooLong(url));
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(bounded), { status, statusText, headers });
  };
}

/** Adds the token where the request goes to the hub itself, and takes it off everywhere else. */
export function headersFor(
  { endpoint, token }: HubSettings,
  url: string | URL | Request,
  given?: RequestInit["headers"],
): Headers {
  const headers = new Headers(given);
  headers.set("user-agent", "errata");
  headers.delete("authorization");
  if (token !== undefined && new URL(addressOf(url)).origin === new URL(endpoint).origin)
    headers.set("authorization", `Bearer ${token}`);
  return headers;
}

const addressOf = (url: string | URL | Request): string => (url instanceof Request ? url.url : String(url));

function tooLong(url: string | URL | Request): HubError {
  return new HubError({
    where: addressOf(url),
    expected: `an answer of at most ${LONGEST_ANSWER} bytes`,
    got: "a longer one",
    next: "Check HF_ENDPOINT: this does not behave like the hub.",
  });
}
