/**
 * Where the hub is, where its cache is, and who asks: read from the environment that every tool of
 * Hugging Face reads, so that what one of them fetched, all have.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { getHFHubCachePath } from "@huggingface/hub";
import { OptionError } from "../errors.ts";
import { type Proxies, proxiesOf } from "./proxy-fetch.ts";

export interface HubSettings {
  /** Without a slash at its end: `https://huggingface.co`, or `HF_ENDPOINT`. */
  readonly endpoint: string;
  /** `HF_HUB_CACHE`, or `hub` in `HF_HOME`. */
  readonly cache: string;
  /** `HF_TOKEN`, or the one that `hf auth login` left in `HF_HOME`. */
  readonly token: string | undefined;
  /** `HF_HUB_OFFLINE`: only what is in the cache. */
  readonly offline: boolean;
  /** `HF_HUB_DOWNLOAD_TIMEOUT`: a server may be silent so long. */
  readonly silenceMs: number;
  /** `HTTPS_PROXY` and `HTTP_PROXY`. */
  readonly proxies: Proxies;
}

const truths = ["1", "true", "yes", "on"];

/** @throws OptionError where `HF_ENDPOINT` or a proxy is no address, or a token holds what none does */
export function hubSettings(): HubSettings {
  const { env } = process;
  const silence = Number(env.HF_HUB_DOWNLOAD_TIMEOUT);
  return {
    endpoint: endpointOf(env.HF_ENDPOINT || "https://huggingface.co"),
    cache: getHFHubCachePath(),
    token: checkedToken("HF_TOKEN", env.HF_TOKEN) ?? storedToken(),
    offline: truths.includes((env.HF_HUB_OFFLINE ?? "").toLowerCase()),
    silenceMs: silence > 0 && silence < 3600 ? silence * 1000 : 30_000,
    proxies: proxiesOf(env),
  };
}

function endpointOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return address.replace(/\/+$/, "");
  throw new OptionError({
    where: "HF_ENDPOINT",
    expected: "an address such as https://huggingface.co",
    got: JSON.stringify(address),
    next: "Mend or unset this environment variable.",
  });
}

function storedToken(): string | undefined {
  const { HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME } = process.env;
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "huggingface");
  const path = HF_TOKEN_PATH ?? join(home, "token");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined; // most people have none, and most models need none
  }
  return checkedToken(path, text);
}

/**
 * The token in `text`, or undefined where that is blank.
 *
 * Checked here, because what sends it would show it: a header that cannot be sent is quoted in the error.
 */
function checkedToken(where: string, text: string | undefined): string | undefined {
  const token = text?.trim();
  if (!token) return undefined;
  const odd = token.search(/[^\x21-\x7e]/);
  if (odd < 0) return token;
  throw new OptionError({
    where,
    expected: "one token: letters, digits and signs of ASCII in a row",
    got: `${/\s/.test(token[odd]!) ? "a space or a line break" : "a sign that no token has"} in it, as character ${odd + 1} of ${token.length}`,
    next: "Copy the token anew, without quotes or a second line, or unset it: most models need none.",
  });
}
