import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Answered, type ModelServer, startServer } from "../../src/app/server/server.ts";
import { characterTokenizer } from "../../src/engine/models/character-tokenizer.ts";
import { createModel } from "../../src/engine/models/create-model.ts";
import { Responder } from "../../src/index.ts";
import { refuses, temporaryFolder, tinyConfig } from "../models/files.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Reads messages, so that conversations are taken; its context is long, so that answers can be ended early. */
const template =
  "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
const contextLength = 4096;

let model: Responder;
let server: ModelServer;
const answered: Answered[] = [];
beforeAll(async () => {
  const folder = join(temporaryFolder(), "tiny");
  const plain = characterTokenizer([]);
  const { makeTokenizer } = await import("../../src/engine/models/tokenizer.ts");
  const tokenizer = makeTokenizer({
    ...plain.files,
    config: { ...plain.files.config, chat_template: template },
  });
  await createModel(folder, { ...tinyConfig, vocabSize: plain.vocabulary, contextLength }, tokenizer, 1);
  model = await Responder.open("serve", { model: folder, threads: 1, maxCompletionLength: 20 });
  server = await startServer(model, 0, (one) => answered.push(one));
});
afterAll(async () => {
  await server.close();
  await model.close();
});

const messages = [{ role: "user", content: "1+1=?" }];
const base = { model: "tiny", messages, seed: 5 };

function post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client would
async function json(response: Promise<Response>): Promise<any> {
  return (await response).json();
}

/** The events of a stream, without its last. */
// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client would
async function events(response: Response): Promise<any[]> {
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const lines = (await response.text()).split("\n\n").filter((line) => line !== "");
  expect(lines.at(-1)).toBe("data: [DONE]");
  return lines.slice(0, -1).map((line) => JSON.parse(line.replace(/^data: /, "")));
}

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

describe("a chat completion", () => {
  test("has OpenAI's shape, and the same seed has the same answer", async () => {
    const one = await json(post("/chat/completions", base));
    expect(one).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      object: "chat.completion",
      created: expect.any(Number),
      model: "tiny",
      choices: [{ index: 0, message: { role: "assistant", content: expect.any(String) }, logprobs: null }],
    });
    expect(["stop", "length"]).toContain(one.choices[0].finish_reason);
    const prompt = "user: 1+1=?\nassistant: ".length;
    expect(one.usage.prompt_tokens).toBe(prompt);
    expect(one.usage.total_tokens).toBe(prompt + one.usage.completion_tokens);
    expect(one.usage.completion_tokens).toBeLessThanOrEqual(20);
    const again = await json(post("/chat/completions", base));
    expect(again.choices).toEqual(one.choices);
    const other = await json(post("/chat/completions", { ...base, seed: 6 }));
    expect(other.choices[0].message).not.toEqual(one.choices[0].message);
  });

  test("streams the same answer, its role first, its reason last, then usage where it is asked for", async () => {
    const whole = await json(post("/chat/completions", { ...base, n: 2, max_completion_tokens: 30 }));
    const body = {
      ...base,
      n: 2,
      max_completion_tokens: 30,
      stream: true,
      stream_options: { include_usage: true },
    };
    const chunks = await events(await post("/chat/completions", body));
    expect(new Set(chunks.map(({ id, object }) => `${id} ${object}`)).size).toBe(1);
    expect(chunks[0].object).toBe("chat.completion.chunk");
    expect(chunks[0].choices[0].delta).toEqual({ role: "assistant", content: "" });
    for (const index of [0, 1]) {
      const own = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index);
      expect(own.map(({ delta }) => delta.content ?? "").join("")).toBe(whole.choices[index].message.content);
      expect(own.at(-1).finish_reason).toBe(whole.choices[index].finish_reason);
      expect(own.slice(0, -1).every(({ finish_reason }) => finish_reason === null)).toBe(true);
      expect(own.length).toBeGreaterThan(4);
    }
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  });

  test("honours max_tokens, temperature 0, top_k, top_p and stop", async () => {
    const greedy = { ...base, temperature: 0, max_tokens: 12 };
    const one = await json(post("/chat/completions", greedy));
    for (const narrow of [
      { temperature: 1, top_k: 1 },
      { temperature: 1, top_p: 0 },
    ])
      expect((await json(post("/chat/completions", { ...greedy, ...narrow }))).choices).toEqual(one.choices);
    expect(one.usage.completion_tokens).toBe(12);
    expect(one.choices[0].finish_reason).toBe("length");
  });

  test("ends before a stop text, which is no part of it", async () => {
    const free = { ...base, seed: 8, max_tokens: 40 };
    const { content } = (await json(post("/chat/completions", free))).choices[0].message;
    const stop = content.slice(5, 7);
    const cut = await json(post("/chat/completions", { ...free, stop: ["not in it", stop] }));
    expect(cut.choices[0]).toMatchObject({
      message: { content: content.slice(0, content.indexOf(stop)) },
      finish_reason: "stop",
    });
    expect(cut.usage.completion_tokens).toBeLessThan(content.length);
  });

  test("gives log-probs of its tokens where asked, as the model scores them", async () => {
    const { choices } = await json(post("/chat/completions", { ...base, logprobs: true, max_tokens: 8 }));
    const { content } = choices[0].logprobs;
    expect(content.map(({ token }: { token: string }) => token).join("")).toBe(choices[0].message.content);
    for (const { logprob, bytes, token } of content) {
      expect(logprob).toBeLessThan(0);
      expect(Buffer.from(bytes).toString()).toBe(token);
    }
  });

  test("takes content in parts, and the developer as the system", async () => {
    const parts = [
      { role: "developer", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "1+" },
          { type: "text", text: "1=?" },
        ],
      },
    ];
    const plain = [{ role: "system", content: "Be brief." }, ...messages];
    const [one, other] = await Promise.all(
      [parts, plain].map((each) => json(post("/chat/completions", { ...base, messages: each }))),
    );
    expect(one.choices).toEqual(other.choices);
  });
});

describe("a text completion", () => {
  test("continues a text as it stands, or its token ids, whole and streamed", async () => {
    const body = { model: "tiny", prompt: "1+1=", seed: 1, max_tokens: 10 };
    const one = await json(post("/completions", body));
    expect(one).toMatchObject({ object: "text_completion", usage: { prompt_tokens: 4 } });
    const ids = [...characterTokenizer([]).encode("1+1=")];
    for (const prompt of [ids, ["1+1="]])
      expect((await json(post("/completions", { ...body, prompt }))).choices).toEqual(one.choices);
    const chunks = await events(await post("/completions", { ...body, stream: true }));
    expect(chunks.map(({ choices }) => choices[0].text).join("")).toBe(one.choices[0].text);
    const scored = await json(post("/completions", { ...body, logprobs: 0 }));
    expect(scored.choices[0].logprobs.tokens.join("")).toBe(one.choices[0].text);
    expect(scored.choices[0].logprobs.token_logprobs.length).toBe(scored.choices[0].logprobs.tokens.length);
  });
});

describe("models", () => {
  test("are the one that is served", async () => {
    const list = await json(fetch(`${server.url}/models`));
    expect(list).toMatchObject({
      object: "list",
      data: [{ id: "tiny", object: "model", owned_by: "errata" }],
    });
    expect(await json(fetch(`${server.url}/models/tiny`))).toEqual(list.data[0]);
    expect((await fetch(`${server.url}/models/other`)).status).toBe(404);
  });
});

describe("a request that cannot be answered is refused, naming the field:", () => {
  const cases: [string, object, number, string | null][] = [
    ["another model", { model: "gpt-4" }, 404, "model"],
    ["no messages", { messages: [] }, 400, "messages"],
    ["a tool's message", { messages: [{ role: "tool", content: "x" }] }, 400, "messages.0.role"],
    [
      "an image",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
      400,
      "messages.0.content",
    ],
    ["a temperature out of range", { temperature: -1 }, 400, "temperature"],
    ["a temperature that is no number", { temperature: "hot" }, 400, "temperature"],
    ["no tokens", { max_tokens: 0 }, 400, "max_tokens"],
    ["two lengths", { max_tokens: 1, max_completion_tokens: 2 }, 400, "max_tokens"],
    ["too many answers", { n: 1000 }, 400, "n"],
    ["a half answer", { n: 1.5 }, 400, "n"],
    ["an empty stop", { stop: "" }, 400, "stop"],
    ["five stops", { stop: ["a", "b", "c", "d", "e"] }, 400, "stop"],
    ["the likeliest tokens", { logprobs: true, top_logprobs: 5 }, 400, "top_logprobs"],
    ["a penalty", { frequency_penalty: 0.5 }, 400, "frequency_penalty"],
    ["a bias", { logit_bias: { "5": 100 } }, 400, "logit_bias"],
    ["tools", { tools: [{ type: "function" }] }, 400, "tools"],
    ["JSON as the format", { response_format: { type: "json_object" } }, 400, "response_format"],
    ["a field nobody knows", { temprature: 1 }, 400, "temprature"],
    ["options of no stream", { stream_options: { include_usage: true } }, 400, "stream_options"],
    ["an answer longer than the context", { max_tokens: contextLength }, 400, "messages"],
    [
      "a prompt longer than the context",
      { messages: [{ role: "user", content: "9".repeat(5000) }] },
      400,
      "messages",
    ],
  ];
  test.each(cases)("%s", async (_name, change, status, param) => {
    const response = await post("/chat/completions", { ...base, ...change });
    const { error } = await json(Promise.resolve(response));
    expect(error).toMatchObject({ type: "invalid_request_error", param, message: expect.any(String) });
    expect(response.status).toBe(status);
  });

  test.each(["constructor", "toString", "__proto__"])(
    "a field named as what every object has: %s",
    async (name) => {
      const body = JSON.stringify(base).replace(/\}$/, `,"${name}":{"a":1}}`);
      expect((await json(post("/chat/completions", body))).error).toMatchObject({
        param: name,
        code: "unknown_parameter",
      });
    },
  );

  test("what asks for nothing is taken", async () => {
    const nothing = {
      frequency_penalty: 0,
      logit_bias: {},
      tools: [],
      response_format: { type: "text" },
      user: "me",
      stop: null,
    };
    expect((await post("/chat/completions", { ...base, ...nothing })).status).toBe(200);
  });

  test("ids the model does not have, and a body that is no JSON or no object", async () => {
    const bad = { model: "tiny", prompt: [1, 2, 3_000_000] };
    expect((await json(post("/completions", bad))).error.message).toContain("token ids");
    expect((await post("/completions", "{")).status).toBe(400);
    expect((await post("/completions", "[1]")).status).toBe(400);
    expect((await post("/completions", "null")).status).toBe(400);
    expect((await json(post("/completions", "{"))).error.code).toBe("invalid_json");
    expect((await post("/chat/completions", base)).status).toBe(200);
  });

  test("a body that is too long, whole or in parts: its client is told so, also one that is still sending", async () => {
    const parts = () =>
      new ReadableStream({
        start(controller) {
          for (let i = 0; i < 6; i++) controller.enqueue(Buffer.alloc(2 ** 20, "9"));
          controller.close();
        },
      });
    const whole = { model: "tiny", prompt: "9".repeat(5 * 2 ** 20) };
    for (let i = 0; i < 3; i++) {
      const long = await post("/completions", whole);
      expect(long.status).toBe(413);
      expect((await json(Promise.resolve(long))).error.code).toBe("request_too_large");
      const init = { body: parts(), duplex: "half" } as RequestInit;
      expect((await post("/completions", "", init)).status).toBe(413);
      expect((await post("/nowhere", whole)).status).toBe(404);
    }
    expect((await post("/chat/completions", base)).status).toBe(200);
  });

  test("another path or method", async () => {
    expect((await post("/embeddings", {})).status).toBe(404);
    expect((await fetch(`${server.url}/chat/completions`)).status).toBe(405);
    expect((await fetch(server.url.replace("/v1", "/../etc/passwd"))).status).toBe(404);
    expect((await post("/models", {})).status).toBe(405);
  });
});

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
  await refuses(startServer(model, Number(port)), "EADDRINUSE", "--port");
});

test("closing ends the requests under way", async () => {
  const own = await startServer(model, 0);
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
