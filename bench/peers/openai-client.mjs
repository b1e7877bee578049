/**
 * npm's official client against a server: see bench/openai-clients.ts.
 *
 *   node openai-client.mjs FOLDER_WITH_NPM_OPENAI
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const OpenAI = createRequire(join(process.argv[2], "package.json"))("openai");
const client = new OpenAI({ maxRetries: 0 });
const found = { client: OpenAI.VERSION ?? "openai" };
const { id: model } = (await client.models.list()).data[0];

/** Ten turns, each answer sent back as it was received. */
const messages = [{ role: "system", content: "Answer." }];
for (let turn = 0; turn < 10; turn++) {
  messages.push({ role: "user", content: `turn ${turn}` });
  const { choices } = await client.chat.completions.create({ model, messages, max_tokens: 20, seed: turn });
  messages.push(choices[0].message);
}
found.turns = messages.filter(({ role }) => role === "assistant").length;

/** A stream, put together by the client, and sent back too. */
const streamed = client.chat.completions.stream({
  model,
  messages,
  max_tokens: 50,
  seed: 3,
  stream_options: { include_usage: true },
});
let text = "";
for await (const chunk of streamed) text += chunk.choices[0]?.delta.content ?? "";
const last = await streamed.finalChatCompletion();
const whole = await client.chat.completions.create({ model, messages, max_tokens: 50, seed: 3 });
assert.equal(text, whole.choices[0].message.content);
assert.equal(last.choices[0].message.content, text);
assert.deepEqual(last.usage, whole.usage);
messages.push(last.choices[0].message);
found.streamed = text.length;

/** Tools, a call of one, and its result. */
const tools = [
  { type: "function", function: { name: "add", parameters: { type: "object", properties: {} } } },
];
const call = { id: "call_1", type: "function", function: { name: "add", arguments: '{"a":1,"b":2}' } };
const called = [
  ...messages,
  { role: "user", content: "1+2=?" },
  { role: "assistant", content: null, tool_calls: [call] },
  { role: "tool", tool_call_id: "call_1", content: "3" },
];
const after = await client.chat.completions.create({
  model,
  messages: called,
  tools,
  tool_choice: "auto",
  max_tokens: 9,
});
called.push(after.choices[0].message, { role: "user", content: "and?" });
await client.chat.completions.create({ model, messages: called, tools, max_tokens: 9 });
found.tools = "taken, a call and its result sent back";

/** Log-probs, whose tokens join to the text. */
const told = await client.chat.completions.create({ model, messages, logprobs: true, max_tokens: 40 });
const tokens = told.choices[0].logprobs.content;
assert.equal(tokens.map(({ token }) => token).join(""), told.choices[0].message.content);
assert.ok(
  tokens.every(({ logprob, bytes, token }) => logprob <= 0 && Buffer.from(bytes).toString() === token),
);
found.logprobs = tokens.length;

/** A schema, which the client parses. */
const schema = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 12 },
    age: { type: "integer", minimum: 0, maximum: 120 },
    kind: { enum: ["cat", "dog", "名"] },
    tags: { type: "array", items: { type: "string", maxLength: 4 }, maxItems: 3 },
    parent: { anyOf: [{ $ref: "#" }, { type: "null" }] },
  },
  required: ["name", "age", "kind", "tags", "parent"],
  additionalProperties: false,
};
const response_format = { type: "json_schema", json_schema: { name: "animal", strict: true, schema } };
let valid = 0;
const isAnimal = (value) =>
  value === null ||
  (Object.keys(value).join() === schema.required.join() &&
    typeof value.name === "string" &&
    [...value.name].length <= 12 &&
    Number.isInteger(value.age) &&
    value.age >= 0 &&
    value.age <= 120 &&
    schema.properties.kind.enum.includes(value.kind) &&
    value.tags.length <= 3 &&
    value.tags.every((tag) => typeof tag === "string" && [...tag].length <= 4) &&
    isAnimal(value.parent));
for (let seed = 0; seed < 10; seed++) {
  const { choices } = await client.chat.completions.parse({ model, messages, n: 10, seed, response_format });
  for (const { message, finish_reason } of choices)
    if (finish_reason === "stop" && message.parsed !== null && isAnimal(message.parsed)) valid++;
  messages.push(choices[0].message, { role: "user", content: "another" });
  messages.splice(1, messages.length - 3);
}
assert.equal(valid, 100);
found.schema = `${valid} of 100`;

/** JSON mode, streamed. */
let json = "";
const parts = await client.chat.completions.create({
  model,
  messages,
  seed: 6,
  stream: true,
  max_tokens: 4000,
  response_format: { type: "json_object" },
});
for await (const chunk of parts) json += chunk.choices[0]?.delta.content ?? "";
assert.equal(typeof JSON.parse(json), "object");
found.json = json.length;
console.log(JSON.stringify(found));
