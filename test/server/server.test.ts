import { describe, expect, test } from "vitest";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { base, contextLength, json, messages, post, server } from "./served.ts";

/** The events of a stream, without its last. */
// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client would
async function events(response: Response): Promise<any[]> {
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const lines = (await response.text()).split("\n\n").filter((line) => line !== "");
  expect(lines.at(-1)).toBe("data: [DONE]");
  return lines.slice(0, -1).map((line) => JSON.parse(line.replace(/^data: /, "")));
}

const tool = { type: "function", function: { name: "add", parameters: { type: "object" } } };
const callOf = (given: string) => ({
  id: "1",
  type: "function",
  function: { name: "add", arguments: given },
});
const called = { role: "assistant", content: null, tool_calls: [callOf('{"a":1,"b":2}')] };

test("what the server did is counted as Prometheus reads it", async () => {
  const read = async () => {
    const response = await fetch(`${server.url.replace("/v1", "")}/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(lines.map((line) => [line.split(" ")[0]!, Number(line.split(" ")[1])] as const));
  };
  const before = await read();
  const { usage } = await json(post("/chat/completions", base));
  const after = await read();
  const more = (name: string) => after.get(`errata:${name}`)! - before.get(`errata:${name}`)!;
  expect(more("request_success_total")).toBe(1);
  expect(more("prompt_tokens_total")).toBe(usage.prompt_tokens);
  expect(more("generation_tokens_total")).toBe(usage.completion_tokens);
  expect(more("e2e_request_latency_seconds_total")).toBeGreaterThan(0);
  expect(after.get("errata:num_requests_running")).toBe(0);
});

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

test("chat_template_kwargs of a request are variables of the chat template", async () => {
  const asked = async (fields: object) =>
    (await json(post("/chat/completions", { ...base, max_tokens: 1, ...fields }))).usage.prompt_tokens;
  const plain = await asked({});
  expect(await asked({ chat_template_kwargs: { brief: true } })).toBe(plain + "Be brief. ".length);
  expect(await asked({ chat_template_kwargs: { brief: false } })).toBe(plain);
});

describe("a request that cannot be answered is refused, naming the field:", () => {
  const cases: [string, object, number, string | null][] = [
    ["another model", { model: "gpt-4" }, 404, "model"],
    ["no messages", { messages: [] }, 400, "messages"],
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
    ["a tool without a function", { tools: [{ type: "function" }] }, 400, "tools.0.function"],
    ["a tool that must be called", { tools: [tool], tool_choice: "required" }, 400, "tool_choice"],
    ["another format", { response_format: { type: "xml" } }, 400, "response_format.type"],
    [
      "messages as the template's own",
      { chat_template_kwargs: { messages: [] } },
      400,
      "chat_template_kwargs",
    ],
    ["no object as the template's own", { chat_template_kwargs: "brief" }, 400, "chat_template_kwargs"],
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

  test.each<[object, RegExp]>([
    [{ frequency_penalty: 0.5 }, /frequency_penalty takes 0; 0\.5 is not supported/],
    [{ modalities: ["text", "audio"] }, /modalities takes \["text"\]; \["text","audio"\]/],
    [{ n: 17 }, /n: .*<=16, got 17/],
    [{ temperature: 1e-300 }, /temperature: expected 0, .* or 0\.000001 to 2, got 1e-300/],
    [{ messages: [{ role: "judge", content: "x" }] }, /"user".*got "judge"/],
    [
      { messages: [{ role: "user", content: [{ type: "text", text: "a" }, { type: "image_url" }] }] },
      /expected text, or parts of type text, got text, image_url/,
    ],
    [{ messages: [{ role: "assistant", tool_calls: [{ id: "1" }] }] }, /messages\.0/],
    [{ messages: [{ role: "user" }] }, /messages\.0\.content/],
    [{ messages: [{ ...called, tool_calls: [callOf("{a:1}")] }] }, /messages\.0\.tool_calls.* no JSON/],
  ])("and says what is taken and what came: %j", async (change, message) => {
    const response = await post("/chat/completions", { ...base, ...change });
    expect(response.status).toBe(400);
    expect((await json(Promise.resolve(response))).error.message).toMatch(message);
  });

  test("tools, calls and their results go through the template", async () => {
    const results = { role: "tool", tool_call_id: "1", content: "2" };
    const chat = { ...base, tools: [tool], messages: [...messages, called, results], max_tokens: 8 };
    const prompt = "[add]user: 1+1=?\nassistant: <add 1 2>\ntool: 2\nassistant: ";
    const asked = await json(post("/chat/completions", chat));
    const text = await json(post("/completions", { model: "tiny", prompt, seed: base.seed, max_tokens: 8 }));
    expect(asked.usage).toEqual(text.usage);
    expect(asked.choices[0].message.content).toBe(text.choices[0].text);
    const without = await json(post("/chat/completions", { ...chat, tool_choice: "none" }));
    expect(without.usage.prompt_tokens).toBe(asked.usage.prompt_tokens - "[add]".length);
  });

  test("a message of our own is taken as clients send it back, with what is null or empty in it", async () => {
    const { choices } = await json(post("/chat/completions", base));
    const back = {
      ...choices[0].message,
      annotations: [],
      audio: null,
      function_call: null,
      tool_calls: null,
      // of an answer held to a schema
      parsed: { any: "thing" },
    };
    const ask = (answer: object) =>
      post("/chat/completions", { ...base, messages: [...messages, answer, ...messages], max_tokens: 4 });
    const bare = { role: "assistant", content: choices[0].message.content };
    const [one, other] = await Promise.all([back, bare].map((answer) => json(ask(answer))));
    expect(one.choices).toEqual(other.choices);
    expect((await ask({ role: "assistant", content: null })).status).toBe(200);
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
