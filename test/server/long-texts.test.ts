import { expect, test } from "vitest";
import { makeTokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { TokenizerThread } from "../../src/formats/tokenizer/tokenizer-thread.ts";
import { base, json, post, server } from "./served.ts";

const long = "hello world ".repeat(40_000);

test("a prompt of 480 KB holds no other request up, and is refused as longer than the context", async () => {
  const order: string[] = [];
  const refused = json(post("/completions", { model: "tiny", prompt: long })).then((body) => {
    order.push("long");
    return body;
  });
  const asked = json(post("/chat/completions", { ...base, messages: [{ role: "user", content: long }] }));
  await json(fetch(`${server.url}/models`)).then(() => order.push("models"));
  expect((await refused).error).toMatchObject({ code: "context_length_exceeded", param: "prompt" });
  expect((await refused).error.message).toContain("got 480000 tokens");
  expect((await asked).error).toMatchObject({ code: "context_length_exceeded", param: "messages" });
  expect(order).toEqual(["models", "long"]);
});

test("a text is encoded in the thread as out of it, and refused with the same words", async () => {
  const files = {
    tokenizer: { added_tokens: [], model: { type: "WordLevel", vocab: { [long]: 7 }, unk_token: "?" } },
    config: {},
    where: "t.json",
  };
  const tokenizer = makeTokenizer(files);
  const thread = new TokenizerThread(tokenizer);
  expect([...(await thread.encode(long, "encode"))]).toEqual([7]);
  const [there, here] = await Promise.all(
    [() => thread.encode(`${long}!`, "encode"), async () => tokenizer.encode(`${long}!`)].map((encode) =>
      encode().catch((cause: Error) => [cause.name, cause.message]),
    ),
  );
  expect(there).toEqual(here);
  expect(here).toEqual(["ModelError", expect.stringContaining("no unknown token")]);
  await thread.close();
});
