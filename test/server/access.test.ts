/** Who may ask the server, by which name, from which page and with which key. */
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ModelServer, startServer } from "../../src/app/server/server.ts";
import { serverSettings } from "../../src/app/server/server-settings.ts";
import { resolveOptions } from "../../src/index.ts";
import { base, model } from "./served.ts";

const KEY = "a-secret-of-ours";

/** The settings that these words of `errata serve` make. */
function settingsOf(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const argv = ["--model", "any", "--port", "0", ...words];
  return serverSettings(resolveOptions("serve", { argv }).options, env);
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** A request with headers that fetch does not let through. */
function ask(
  server: ModelServer,
  path: string,
  headers: Record<string, string>,
  { method = "GET", body }: { method?: string; body?: object } = {},
): Promise<Answer> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: text }),
      );
    });
    request.on("error", reject);
    request.end(body && JSON.stringify(body));
  });
}

/** The status of a request written by hand. */
function statusOf(server: ModelServer, lines: readonly string[]): Promise<number> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(`${lines.join("\r\n")}\r\n\r\n`));
    socket.on("error", reject);
    socket.once("data", (data) => {
      resolve(Number(data.toString().split(" ")[1]));
      socket.destroy();
    });
  });
}

describe("without other words", () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await startServer(model, settingsOf([]));
  });
  afterAll(() => server.close());

  test("a Host header that comes twice, or names a user before the host, is refused", async () => {
    const get = (...hosts: string[]) =>
      statusOf(server, ["GET /v1/models HTTP/1.1", ...hosts.map((host) => `Host: ${host}`)]);
    expect(await get("127.0.0.1")).toBe(200);
    for (const hosts of [
      ["127.0.0.1", "evil.example"],
      ["127.0.0.1", "127.0.0.1"],
      ["a@127.0.0.1"],
      ["evil.example@127.0.0.1"],
      ["127.0.0.1/"],
      [""],
    ])
      expect(await get(...hosts), hosts.join(" and ")).toBe(403);
    expect(await statusOf(server, ["GET /v1/models HTTP/1.0"])).toBe(403);
  });

  test("its health is told to whoever watches over it, by GET and HEAD", async () => {
    const { status, body } = await ask(server, "/health", { host: "localhost" });
    expect([status, JSON.parse(body)]).toEqual([200, { status: "ok" }]);
    expect((await ask(server, "/health", { host: "localhost" }, { method: "HEAD" })).status).toBe(200);
  });

  test("no page is let in, and a path that is not here is answered with those that are", async () => {
    const page = { host: "localhost", origin: "https://app.example" };
    expect((await ask(server, "/v1/models", page)).status).toBe(403);
    const own = await ask(server, "/v1/models", { host: "localhost", origin: "http://localhost:5173" });
    expect(own.headers["access-control-allow-origin"]).toBeUndefined();
    const { status, body } = await ask(server, "/v1/responses", { host: "localhost" });
    expect(status).toBe(404);
    expect(body).toContain("/v1/chat/completions");
    expect(body).toContain("/health");
  });
});

describe("at an address that other machines reach", () => {
  test("a server needs a key, from the command or the environment", () => {
    for (const host of ["0.0.0.0", "::", "192.168.0.7", "box.local"])
      expect(() => settingsOf(["--host", host])).toThrow(/a key, as other machines reach/);
    expect(settingsOf(["--host", "0.0.0.0", "--api-key", KEY]).apiKey).toBe(KEY);
    expect(settingsOf(["--host", "0.0.0.0"], { ERRATA_API_KEY: KEY }).apiKey).toBe(KEY);
    for (const host of ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
      expect(settingsOf(["--host", host]).apiKey).toBeUndefined();
  });

  test.each(["two words", "schlüssel", "tab\t"])("a key that no client could send is refused: %s", (key) => {
    expect(() => settingsOf([], { ERRATA_API_KEY: key })).toThrow(/a key of ASCII letters, digits and signs/);
  });

  test("it answers whoever has the key, by any name, and tells its health without one", async () => {
    const server = await startServer(model, settingsOf(["--host", "0.0.0.0", "--api-key", KEY]));
    const bearer = { authorization: `Bearer ${KEY}` };
    expect(server.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+\/v1$/);
    expect((await ask(server, "/v1/models", { host: "errata:8000", ...bearer })).status).toBe(200);
    expect((await ask(server, "/health", { host: "10.1.2.3:8000" })).status).toBe(200);
    for (const authorization of ["", "Bearer ", "Bearer another", KEY, `Basic ${KEY}`, `Bearer ${KEY}x`]) {
      const { status, body } = await ask(server, "/v1/models", { host: "errata:8000", authorization });
      expect(status, authorization).toBe(401);
      expect(JSON.parse(body).error.code).toBe("invalid_api_key");
      expect(body).not.toContain(KEY);
    }
    await server.close();
  });

  test("with names of its own it goes by those and by its address alone", async () => {
    const words = ["--host", "0.0.0.0", "--api-key", KEY, "--allowed-hosts", "errata,Models.example"];
    const server = await startServer(model, settingsOf(words));
    const status = async (host: string) =>
      (await ask(server, "/v1/models", { host, authorization: `Bearer ${KEY}` })).status;
    for (const host of ["errata:8000", "models.EXAMPLE", "127.0.0.1:8000"])
      expect(await status(host), host).toBe(200);
    for (const host of ["other", "errata.evil.example"]) expect(await status(host), host).toBe(403);
    await server.close();
  });
});

describe("with --cors", () => {
  const page = { host: "localhost", origin: "https://app.example" };

  test("pages of that origin may ask and read, refusals too, and no others", async () => {
    const server = await startServer(model, settingsOf(["--cors", page.origin]));
    const preflight = await ask(
      server,
      "/v1/chat/completions",
      {
        ...page,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-stainless-os",
      },
      { method: "OPTIONS" },
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": page.origin,
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "authorization,content-type,x-stainless-os",
      vary: "origin",
    });
    const json = { ...page, "content-type": "application/json" };
    const post = (body: object) =>
      ask(server, "/v1/chat/completions", json, {
        method: "POST",
        body: { ...base, max_tokens: 3, ...body },
      });
    for (const [body, status] of [
      [{}, 200],
      [{ stream: true }, 200],
      [{ n: 0 }, 400],
    ] as const) {
      const answer = await post(body);
      expect(answer.status).toBe(status);
      expect(answer.headers["access-control-allow-origin"]).toBe(page.origin);
    }
    const other = await ask(server, "/v1/models", { ...page, origin: "https://app.example.evil" });
    expect(other.status).toBe(403);
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    await server.close();
  });

  test("* lets every page in, and what is no origin is refused before a model is opened", async () => {
    const server = await startServer(model, settingsOf(["--cors", "*"]));
    const { headers } = await ask(server, "/v1/models", page);
    expect(headers["access-control-allow-origin"]).toBe(page.origin);
    await server.close();
    for (const origin of ["app.example", "https://app.example/", "https://app.example/path"])
      expect(() => settingsOf(["--cors", origin])).toThrow(/origins such as/);
  });
});

test("an address that is not of this machine is refused with one that is", async () => {
  const far = settingsOf(["--host", "192.0.2.1", "--api-key", KEY]);
  await expect(startServer(model, far)).rejects.toThrow(/an address of this machine.*127\.0\.0\.1/s);
});
