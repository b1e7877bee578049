/** Answers held to JSON and to a schema, of a random model that would say anything. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type ModelServer, startServer } from "../../src/app/server/server.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { Responder } from "../../src/index.ts";
import { schemas } from "../grammar/schemas.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";
import { settings } from "./settings.ts";

let model: Responder;
let server: ModelServer;
beforeAll(async () => {
  const folder = join(temporaryFolder(), "tiny");
  const tokenizer = characterTokenizer([JSON.stringify(schemas)]);
  await createModel(
    folder,
    { ...tinyConfig, vocabSize: tokenizer.vocabulary, contextLength: 8192 },
    tokenizer,
    1,
  );
  model = await Responder.open("serve", { model: folder, threads: 1, maxCompletionLength: 6000 });
  server = await startServer(model, settings);
}, 60_000);
afterAll(async () => {
  await server.close();
  await model.close();
});

const ask = (body: object): Promise<Response> =>
  fetch(`${server.url}/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "tiny", prompt: "1+1=", ...body }),
  });
// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client would
const answer = async (body: object): Promise<any> => (await ask(body)).json();
const formatOf = (schema: unknown) => ({
  type: "json_schema",
  json_schema: { name: "given", strict: true, schema },
});

test("100 of 100 answers satisfy each of ten schemas", { timeout: 120_000 }, async () => {
  const named = Object.entries(schemas);
  expect(named.length).toBe(10);
  const answers: { name: string; text: string; finish_reason: string }[] = [];
  // as many requests as the server takes at once
  for (const some of [named.slice(0, 5), named.slice(5)]) {
    const asked = some.flatMap(([name, schema]) =>
      Array.from({ length: 10 }, async () => {
        const { choices } = await answer({ n: 10, response_format: formatOf(schema) });
        return choices.map((choice: object) => ({ name, ...choice }));
      }),
    );
    answers.push(...(await Promise.all(asked)).flat());
  }
  for (const [name, schema] of named) {
    const valid = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    const own = answers.filter((one) => one.name === name);
    const right = own.filter(
      ({ text, finish_reason }) => finish_reason === "stop" && valid.safeParse(JSON.parse(text)).success,
    );
    expect([name, right.length, own.length]).toEqual([name, 100, 100]);
  }
});

test("JSON mode answers with an object; one that is cut off says so, and is the beginning of one", async () => {
  const body = { n: 16, seed: 1, max_tokens: 60, response_format: { type: "json_object" } };
  const { choices } = await answer(body);
  const whole = choices.filter((choice: { finish_reason: string }) => choice.finish_reason === "stop");
  expect(whole.length).toBeGreaterThan(0);
  expect(whole.length).toBeLessThan(16);
  for (const { text } of whole) expect(JSON.parse(text)).toBeTypeOf("object");
  for (const { text, finish_reason } of choices) {
    expect(text).toMatch(/^\{/);
    if (finish_reason === "length") expect([...text].length).toBe(60);
  }
});

test("a stream says the same, and log-probs are among what may come", async () => {
  const body = {
    seed: 4,
    logprobs: 0,
    response_format: formatOf(schemas["one of two kinds, told by a constant"]),
  };
  const whole = (await answer(body)).choices[0];
  const events = (await (await ask({ ...body, stream: true })).text()).split("\n\n").slice(0, -2);
  const chunks = events.map((line) => JSON.parse(line.replace(/^data: /, "")).choices[0]);
  expect(chunks.map(({ text }) => text).join("")).toBe(whole.text);
  expect(chunks.at(-1).finish_reason).toBe("stop");
  expect(whole.logprobs.tokens.join("")).toBe(whole.text);
  // a token that alone could come has all of the probability
  expect(whole.logprobs.token_logprobs[0]).toBeCloseTo(0, 6);
});

test("answers beside those that are held to a schema are as they are alone, and so are those", async () => {
  const free = { seed: 7, max_tokens: 40 };
  const held = { ...free, response_format: formatOf(schemas["objects in objects"]) };
  const alone = [(await answer(free)).choices, (await answer(held)).choices];
  const together = await Promise.all([free, held].map(async (body) => (await answer(body)).choices));
  expect(together).toEqual(alone);
});

test.each([0, 0.01, 2])("a temperature of %d keeps to the schema", async (temperature) => {
  const { choices } = await answer({
    n: 4,
    seed: 2,
    temperature,
    response_format: formatOf({ type: "array", items: { enum: ["a", "bc"] }, minItems: 1, maxItems: 3 }),
  });
  for (const { text } of choices) expect(JSON.parse(text)[0]).toMatch(/^(a|bc)$/);
});

test.each([
  [{ type: "json_schema", json_schema: { name: "x", schema: { type: "string", pattern: "a" } } }, "pattern"],
  [{ type: "json_schema", json_schema: { name: "x", schema: { enum: ["€"] } } }, "tokens"],
  [{ type: "json_schema" }, "json_schema"],
  [{ type: "grammar" }, "response_format"],
])("%j is refused, and says of what", async (response_format, named) => {
  const response = await ask({ response_format });
  const { error } = (await response.json()) as { error: { message: string; param: string } };
  expect(response.status).toBe(400);
  expect(error.param).toMatch(/^response_format/);
  expect(error.message).toContain(named);
});

test("a hostile schema is refused or left off while another is answered", async () => {
  const either = Array.from({ length: 60 }, (_, i) => ({
    type: "array",
    items: { $ref: "#" },
    minItems: 1,
    maxItems: i + 2,
  }));
  const began = performance.now();
  const [hostile, refused, other] = await Promise.all([
    answer({ max_tokens: 200, response_format: formatOf({ anyOf: [{ type: "integer" }, ...either] }) }),
    answer({ response_format: formatOf({ enum: Array.from({ length: 60_000 }, (_, i) => `word ${i}`) }) }),
    answer({ max_tokens: 5 }).then((found) => ({ ...found, ms: performance.now() - began })),
  ]);
  expect(["stop", "length"]).toContain(hostile.choices[0].finish_reason);
  expect(refused.error.code).toBe("invalid_schema");
  expect(other.choices[0].finish_reason).toBeTypeOf("string");
  expect(other.ms).toBeLessThan(20_000);
});
