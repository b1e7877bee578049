/**
 * Failed requests and refusing disks → HubErrors that say what to do; an Unreachable one may be mended by a copy in
 * the cache, or by trying again.
 */
import { HubApiError } from "@huggingface/hub";
import { HubError } from "../errors.ts";
import type { HubSettings } from "./hub-settings.ts";
import { proxyOf } from "./proxy-fetch.ts";

/** The network or the hub is down, rather than that the hub says no: what is in the cache may stand in. */
export class Unreachable extends HubError {}

/** What was asked, as an error names it. */
export interface Asked {
  readonly settings: HubSettings;
  readonly where: string;
  /** The address of the repository's page, where a person accepts its terms. */
  readonly page: string;
}

/** Why the hub does not give what was asked, by the status of its answer. */
export function refusal(status: number, { where, page, settings }: Asked): HubError {
  const { endpoint, token } = settings;
  const here = new URL(endpoint).host;
  switch (status) {
    case 401:
    case 403:
      return new HubError({
        where,
        expected: `${here} to give it`,
        got: `${status}: ${token === undefined ? "it asks who you are, and HF_TOKEN is not set" : "this token may not read it"}`,
        next: `If it exists it is private or gated: accept its terms at ${page} and set HF_TOKEN to a token that may read it.`,
      });
    case 404:
      return new HubError({
        where,
        expected: `something of that name and revision on ${here}`,
        got: "404: there is none, or it is private",
        next: "Check the spelling, capitals too; a private one needs HF_TOKEN.",
      });
    default: {
      const down = status === 429 || status >= 500;
      return new (down ? Unreachable : HubError)({
        where,
        expected: `${here} to answer`,
        got: status === 429 ? "429: too many requests" : `status ${status}`,
        next: "Wait a little and give the same command again; what has come is kept.",
      });
    }
  }
}

/** Any error of a request, as one that says what to do; one that does so already passes. */
export function hubErrorOf(cause: unknown, asked: Asked): HubError {
  const { where, settings } = asked;
  if (cause instanceof HubError) return cause;
  if (cause instanceof HubApiError) return refusal(cause.statusCode, asked);
  if (isAbort(cause)) return stopped(where, cause);
  if (!isNetwork(cause)) {
    return new HubError({
      where,
      expected: `answers as the hub gives from ${settings.endpoint}`,
      got: cause instanceof Error ? cause.message : String(cause),
      next: "Check HF_ENDPOINT: this does not behave like the hub.",
      cause,
    });
  }
  const proxy = proxyOf(settings.endpoint, settings.proxies);
  return new Unreachable({
    where,
    expected: `to reach ${settings.endpoint}`,
    got: reason(cause),
    next:
      proxy === undefined
        ? "Check the network. A model that is on this machine is given by its path; HF_HUB_OFFLINE=1 uses the cache alone."
        : `Requests go through the proxy ${new URL(proxy).host}, unless NO_PROXY has this host: check that it lets them pass.`,
    cause,
  });
}

/** An error of the disk, as a HubError; what was written so far stays. */
export function diskError(cause: unknown, path: string): HubError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new HubError({
    where: path,
    expected: "to write into the cache",
    got: code === "ENOSPC" ? "a full disk (ENOSPC)" : code,
    next: "Free space, or set HF_HOME to a folder with more that this user may write. What has come is kept.",
    cause,
  });
}

/** True where the caller asked to stop; a request that took too long is a TimeoutError instead. */
export function isAbort(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "AbortError";
}

export function stopped(where: string, cause?: unknown): HubError {
  return new HubError({
    where,
    expected: "to fetch all of it",
    got: "a request to stop",
    next: "Give the same command again to go on; what has come is kept.",
    cause,
  });
}

/** `fetch` gives its failures a cause; those of reading what came have none. */
function isNetwork(cause: unknown): cause is Error {
  return cause instanceof Error && (cause.name === "TimeoutError" || cause.cause instanceof Error);
}

/** `fetch` says "fetch failed" and keeps the reason to itself, one or two causes deep. */
function reason(cause: Error): string {
  if (cause.name === "TimeoutError") return "no answer in time";
  let inner = cause;
  while (inner.cause instanceof Error) inner = inner.cause;
  const [, status] = /^Proxy .*\((\d{3})\)/.exec(inner.message) ?? [];
  if (status !== undefined) return `${status} from the proxy`;
  return (inner as NodeJS.ErrnoException).code ?? inner.message;
}
