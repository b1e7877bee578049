/** The hub behind a proxy: its name resolves nowhere, and only the proxy knows where it is. */
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { refuses } from "../models/files.ts";
import { fetched, hub, weights } from "./small-repo.ts";

const names = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"];

/** A proxy that takes every name for the hub's own address, and notes what it was asked. */
let proxy: Server;
let asked: { target: string; authorization: string | undefined; first?: number }[];
let refusal: number | undefined;
beforeEach(async () => {
  for (const name of names) delete process.env[name];
  asked = [];
  refusal = undefined;
  proxy = createServer((request, response) => {
    const url = new URL(request.url!);
    note(url.host, request);
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    // storage is at the hub's own address; every other name is the hub
    const { hostname, port } = url.hostname === "127.0.0.1" ? url : new URL(hub.endpoint);
    const { method, headers } = request;
    const onward = httpRequest(
      { hostname, port, path: url.pathname + url.search, method, headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
    const one = note(request.url!, request);
    socket.on("error", () => undefined);
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    socket.once("data", (data) => {
      one.first = data[0];
      socket.destroy();
    });
  });
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
});
afterEach(async () => {
  for (const name of names) delete process.env[name];
  proxy.closeAllConnections();
  await new Promise((done) => proxy.close(done));
});

function note(target: string, { headers }: IncomingMessage) {
  const one: (typeof asked)[number] = { target, authorization: headers["proxy-authorization"] };
  asked.push(one);
  return one;
}

const address = () => `127.0.0.1:${(proxy.address() as AddressInfo).port}`;

test.each(["HTTP_PROXY", "http_proxy"])(
  "everything is asked through %s, files and storage too",
  async (name) => {
    process.env.HF_ENDPOINT = "http://hub.invalid";
    process.env[name] = `http://me:p%40ss@${address()}`;
    const bytes: number[] = [];
    await fetched({ onProgress: (done) => bytes.push(done) });
    expect(bytes.at(-1)).toBeGreaterThan(weights.length);
    expect(new Set(asked.map(({ target }) => target.split(":")[0]))).toEqual(
      new Set(["hub.invalid", "127.0.0.1"]),
    );
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(
      new Set([`Basic ${Buffer.from("me:p@ss").toString("base64")}`]),
    );
  },
);

test("hosts that NO_PROXY has are asked directly", async () => {
  process.env.HTTP_PROXY = `http://${address()}`;
  process.env.NO_PROXY = "example.com,127.0.0.1";
  await fetched();
  expect(asked).toEqual([]);
});

test.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])(
  "an https hub is asked through a tunnel by %s",
  async (name) => {
    process.env.HF_ENDPOINT = "https://hub.invalid";
    process.env[name] = address();
    await expect(fetched()).rejects.toThrow(/hub\.invalid/);
    expect(asked[0]).toMatchObject({ target: "hub.invalid:443", first: 0x16 });
  },
);

test("a proxy that refuses, or is not there, is named without its password", async () => {
  process.env.HF_ENDPOINT = "https://hub.invalid";
  process.env.HTTPS_PROXY = `http://me:secret@${address()}`;
  refusal = 407;
  const error: Error = (await fetched().catch((cause: Error) => cause)) as Error;
  expect(error.message).toContain(`through the proxy ${address()}`);
  expect(error.message).toContain("got 407 from the proxy");
  expect(error.message).not.toContain("secret");
  process.env.HTTPS_PROXY = "http://me:secret@127.0.0.1:1";
  await refuses(fetched(), "ECONNREFUSED", "through the proxy 127.0.0.1:1");
});

test.each(["socks5://127.0.0.1:1080", "http://:3128", "http://a b", "::::"])(
  "%s is no proxy, and what it holds is not shown",
  async (value) => {
    process.env.HTTPS_PROXY = value;
    const error: Error = (await fetched().catch((cause: Error) => cause)) as Error;
    expect(error.message).toMatch(/^HTTPS_PROXY: expected the address of a proxy/);
    expect(error.message).not.toContain(value);
  },
);
