/**
 * Where the server listens and whom it answers, checked before a model is opened.
 */
import { isIP } from "node:net";
import { OptionError } from "../../errors.ts";
import type { Options } from "../../options/options.ts";

export interface ServerSettings {
  /** An address or name of this machine. */
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
  /** What requests must bring as their bearer token. */
  readonly apiKey?: string | undefined;
  /** Names that requests may call the server by, beside its own address; undefined is any name. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Origins of pages that may use it; `*` is every page. */
  readonly cors: readonly string[];
}

/** What this machine calls itself. */
export const loopbackNames = ["127.0.0.1", "localhost", "::1"];

/**
 * @param env  the environment, for `ERRATA_API_KEY`
 * @throws OptionError where others would reach the server and no key is set, no client could send it, or an origin is none
 */
export function serverSettings(
  options: Pick<Options, "host" | "port" | "apiKey" | "allowedHosts" | "cors">,
  env: NodeJS.ProcessEnv = process.env,
): ServerSettings {
  const { host, port } = options;
  const apiKey = options.apiKey || env.ERRATA_API_KEY || undefined;
  if (!isLoopback(host) && apiKey === undefined)
    throw new OptionError({
      where: "api_key",
      expected: `a key, as other machines reach ${host}`,
      got: "none",
      next: "Set ERRATA_API_KEY or --api-key to a secret of yours; clients send it as their API key.",
    });
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    throw new OptionError({
      where: "api_key",
      expected: "a key of ASCII letters, digits and signs, as a bearer token is",
      got: "one with blanks or other characters",
      next: "Choose another: no client could send this one.",
    });
  const named = words(options.allowedHosts);
  const allowedHosts = named.length > 0 || isLoopback(host) ? [...loopbackNames, ...named] : undefined;
  return { host, port, apiKey, allowedHosts, cors: words(options.cors).map(checkedOrigin) };
}

function words(list = ""): string[] {
  return list.split(",").flatMap((word) => word.trim().toLowerCase() || []);
}

function isLoopback(host: string): boolean {
  return loopbackNames.includes(host) || (isIP(host) === 4 && host.startsWith("127."));
}

function checkedOrigin(origin: string): string {
  if (origin === "*" || (URL.canParse(origin) && new URL(origin).origin === origin)) return origin;
  throw new OptionError({
    where: "cors",
    expected: "origins such as https://app.example or http://localhost:5173, or *",
    got: origin,
    next: "An origin is what the browser's address begins with: no path, no slash at its end.",
  });
}
