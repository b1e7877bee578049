/**
 * `fetch` by way of the proxies that the environment names.
 *
 * Node's own `fetch` knows them in its newest releases alone, and only when asked to. undici, which it is made
 * of, knows them on every Node; it is loaded where a proxy is named.
 */
import type { EnvHttpProxyAgent } from "undici";
import { OptionError } from "../errors.ts";

/** Addresses of proxies, by what they are asked for. */
export interface Proxies {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
}

/** One for each pair of proxies, so that connections are kept. */
const agents = new Map<string, EnvHttpProxyAgent>();

/** Hosts that `NO_PROXY` has are asked directly. */
export async function proxyFetch(url: string, init: RequestInit, proxies: Proxies): Promise<Response> {
  if (proxyOf(url, proxies) === undefined) return fetch(url, init);
  const undici = await import("undici");
  const key = JSON.stringify(proxies);
  const agent = agents.get(key) ?? new undici.EnvHttpProxyAgent({ ...proxies, proxyTunnel: false });
  agents.set(key, agent);
  const given = init as unknown as Parameters<typeof undici.fetch>[1];
  return (await undici.fetch(url, { ...given, dispatcher: agent })) as unknown as Response;
}

/** The proxy for an address, where one is named. */
export function proxyOf(url: string, { httpProxy, httpsProxy }: Proxies): string | undefined {
  return new URL(url).protocol === "https:" ? httpsProxy : httpProxy;
}

/**
 * `HTTPS_PROXY` and `HTTP_PROXY`, which stands in for the other; in small letters too, which go first.
 *
 * @throws OptionError where one is no address; what it holds is not shown, as it may have a password in it
 */
export function proxiesOf(env: NodeJS.ProcessEnv): Proxies {
  const httpProxy = checked("HTTP_PROXY", env.http_proxy ?? env.HTTP_PROXY);
  const httpsProxy = checked("HTTPS_PROXY", env.https_proxy ?? env.HTTPS_PROXY) ?? httpProxy;
  return { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }) };
}

function checked(where: string, proxy = ""): string | undefined {
  const text = proxy.trim();
  if (text === "") return undefined;
  const address = /^[a-z\d+.-]+:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new OptionError({
    where,
    expected: "the address of a proxy, such as http://proxy.example:3128",
    got: "something else",
    next: "Mend or unset this environment variable; a sign such as @ in a password is written %40.",
  });
}
