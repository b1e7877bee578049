/** A tiny model behind a server of its own, and what a client sends it. */
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import type { Answered } from "../../src/app/server/completions.ts";
import { type ModelServer, startServer } from "../../src/app/server/server.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { makeTokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { Responder } from "../../src/index.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";
import { settings } from "./settings.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Reads messages, tools and a variable `brief`, so that conversations are taken; its context is long, so that answers can be ended early. */
const template =
  "{% if brief %}Be brief. {% endif %}{% for t in tools or [] %}[{{ t.function.name }}]{% endfor %}{% for m in messages %}{{ m.role }}: {% for c in m.tool_calls or [] %}<{{ c.function.name }} {{ c.function.arguments.a }} {{ c.function.arguments.b }}>{% endfor %}{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
export const contextLength = 4096;

export let model: Responder;
export let server: ModelServer;
/** What the server said of each request, in the order it answered. */
export const answered: Answered[] = [];
beforeAll(async () => {
  const folder = join(temporaryFolder(), "tiny");
  const plain = characterTokenizer([]);
  const tokenizer = makeTokenizer({
    ...plain.files,
    config: { ...plain.files.config, chat_template: template },
  });
  await createModel(folder, { ...tinyConfig, vocabSize: plain.vocabulary, contextLength }, tokenizer, 1);
  model = await Responder.open("serve", { model: folder, threads: 1, maxCompletionLength: 20 });
  server = await startServer(model, settings, (one) => answered.push(one));
});
afterAll(async () => {
  await server.close();
  await model.close();
});

export const messages = [{ role: "user", content: "1+1=?" }];
export const base = { model: "tiny", messages, seed: 5 };

export function post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client would
export async function json(response: Promise<Response>): Promise<any> {
  return (await response).json();
}
