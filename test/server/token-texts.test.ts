/** Log-probs told token by token, of a tokenizer that marks spaces and spells characters by bytes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createModel } from "../../src/formats/create-model.ts";
import { makeTokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { Responder } from "../../src/index.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";

test("the texts of an answer's tokens join to its text", { timeout: 60_000 }, async () => {
  const fixture = new URL("../fixtures/tokenizers/byte-fallback.json", import.meta.url);
  const tokenizer = makeTokenizer({ ...JSON.parse(readFileSync(fixture, "utf8")), where: "byte-fallback" });
  const folder = join(temporaryFolder(), "spaced");
  await createModel(folder, { ...tinyConfig, vocabSize: tokenizer.vocabulary }, tokenizer, 1);
  const model = await Responder.open("serve", { model: folder, threads: 1 });
  const prepared = await model.prepare({
    prompt: "hello world",
    answers: 64,
    maxTokens: 24,
    seed: 3,
    stop: ["zz"],
  });
  const texts = Array.from({ length: 64 }, () => ({ whole: "", tokens: "", spaces: 0 }));
  await model.complete(prepared, ({ answer, text, tokens }) => {
    const own = texts[answer]!;
    own.whole += text;
    own.tokens += tokens.map((token) => token.text).join("");
    own.spaces += tokens.filter((token) => /^ /.test(token.text)).length;
  });
  await model.close();
  expect(texts.map(({ tokens }) => tokens)).toEqual(texts.map(({ whole }) => whole));
  expect(texts.reduce((sum, { spaces }) => sum + spaces, 0)).toBeGreaterThan(0);
});
