/** Who may reach the server, and clients that come in crowds or go away. */
import { request as httpRequest } from "node:http";
import { describe, expect, test, vi } from "vitest";
import type { Answered } from "../../src/app/server/completions.ts";
import { startServer } from "../../src/app/server/server.ts";
import { refuses } from "../models/files.ts";
import { answered, base, json, model, post, server } from "./served.ts";
import { settings } from "./settings.ts";

/** A request with headers that fetch does not let through. */
function raw(headers: Record<string, string>, path = "/v1/models", method = "GET"): Promise<number> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    request.on("error", reject);
    request.end();
  });
}

describe("pages in a browser", () => {
  test("that reach the server by a name of their own are refused", async () => {
    const { port } = new URL(server.url);
    for (const host of [
      `evil.example:${port}`,
      "evil.example",
      "127.0.0.1.evil.example",
      "127.0.0.1@evil.example",
    ])
      expect(await raw({ host }), host).toBe(403);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "localhost", `[::1]:${port}`])
      expect(await raw({ host }), host).toBe(200);
  });

  test("of other origins are refused, and so is what a form can send", async () => {
    const { host } = new URL(server.url);
    for (const origin of ["https://evil.example", "null", "http://localhost.evil.example"])
      expect(await raw({ host, origin }), origin).toBe(403);
    expect(await raw({ host, origin: "http://localhost:5173" })).toBe(200);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const response = await post("/chat/completions", base, { headers: { "content-type": type } });
      expect(response.status, type).toBe(415);
    }
    expect(await raw({ host, origin: "https://evil.example" }, "/v1/chat/completions", "OPTIONS")).toBe(403);
  });
});

describe("a client that goes away", () => {
  const long = { ...base, max_tokens: 4000, n: 16 };

  /** What the server says of the next request that it takes; undefined where none comes. */
  async function nextAnswered(before: number): Promise<Answered | undefined> {
    await vi
      .waitFor(() => expect(answered.length).toBeGreaterThan(before), { timeout: 10_000 })
      .catch(() => undefined);
    return answered[before];
  }

  test("in the middle of a stream ends its answers, and the next is answered", async () => {
    const whole = await json(post("/chat/completions", long));
    const before = answered.length;
    const abort = new AbortController();
    const { body } = await post("/chat/completions", { ...long, stream: true }, { signal: abort.signal });
    await body!.getReader().read();
    abort.abort();
    const gone = await nextAnswered(before);
    expect(gone).toMatchObject({ aborted: true });
    expect(gone!.seconds).toBeLessThan(answered[before - 1]!.seconds * 0.8);
    expect(await json(post("/chat/completions", long))).toMatchObject({ choices: whole.choices });
  });

  test("before its answer ends it too", async () => {
    let gone: Answered | undefined;
    // too early, the server has not read the request; too late, it has answered
    for (const ms of [60, 30, 120, 15, 240, 480]) {
      const before = answered.length;
      const abort = new AbortController();
      setTimeout(() => abort.abort(), ms);
      await post("/chat/completions", long, { signal: abort.signal }).catch(() => undefined);
      gone = await nextAnswered(before);
      if (gone?.aborted) break;
    }
    expect(gone).toMatchObject({ aborted: true });
    expect((await post("/chat/completions", base)).status).toBe(200);
  });

  test("requests beyond those that may wait are told to come again", async () => {
    const abort = new AbortController();
    const many = Array.from({ length: 70 }, () =>
      post("/chat/completions", { ...long, stream: true }, { signal: abort.signal }).then(
        ({ status }) => status,
      ),
    );
    const statuses = await Promise.all(many);
    abort.abort();
    const refused = statuses.filter((status) => status === 429).length;
    // some may have been answered while others came
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThanOrEqual(6);
    expect(statuses.filter((status) => status === 200).length).toBe(70 - refused);
    await vi.waitFor(async () => expect((await post("/chat/completions", base)).status).toBe(200), {
      timeout: 60_000,
    });
  });
});

test("a port that is taken is an error with the way out", async () => {
  const { port } = new URL(server.url);
  await refuses(startServer(model, { ...settings, port: Number(port) }), "EADDRINUSE", "--port");
});

test("closing ends the requests under way", async () => {
  const own = await startServer(model, settings);
  const body = JSON.stringify({ ...base, max_tokens: 4000, n: 16, stream: true });
  const response = await fetch(`${own.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await own.close();
  await expect(response.text()).rejects.toThrow();
  expect((await post("/chat/completions", base)).status).toBe(200);
});
