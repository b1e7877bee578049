import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmbeddedEngine } from "../../src/engine/embedded/embedded-engine.ts";
import type { Engine, Prompt, SampledToken, Sampling } from "../../src/engine/engine.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";

const tokenizer = characterTokenizer([]);
const prompts: Prompt[] = ["1+1=?\n", "12*7=?\n", "x"].map((text, key) => ({
  tokens: tokenizer.encode(text),
  key,
}));
const sampling: Sampling = {
  answers: 3,
  maxTokens: 40,
  temperature: 1,
  topP: 1,
  topK: 0,
  seed: 1,
  step: 0,
};
/** Long enough that an abort at its first token arrives well before its end. */
const long: Sampling = { ...sampling, answers: 32, maxTokens: 4000 };

let engine: Engine;
beforeAll(async () => {
  const folder = join(temporaryFolder(), "model");
  const config = { ...tinyConfig, vocabSize: tokenizer.vocabulary, contextLength: 4096 };
  await createModel(folder, config, tokenizer, 1);
  engine = await openEmbeddedEngine({ model: folder, threads: 1 });
});
afterAll(() => engine.close());

test("watched tokens are those of the answers, each once and in order", async () => {
  const heard: SampledToken[] = [];
  const answers = await engine.sample(prompts, sampling, {
    onTokens: (tokens) => heard.push(...tokens),
  });
  answers.forEach((group, prompt) => {
    group.forEach((completion, answer) => {
      const own = heard.filter((token) => token.prompt === prompt && token.answer === answer);
      expect(own.map(({ token }) => token)).toEqual([...completion.tokens]);
      expect(own.map(({ logp }) => Math.fround(logp))).toEqual([...completion.logps]);
    });
  });
  expect(heard.length).toBe(answers.flat().reduce((sum, { tokens }) => sum + tokens.length, 0));
});

test("answers are the same whether or not they are watched", async () => {
  const plain = await engine.sample(prompts, sampling);
  const watched = await engine.sample(prompts, sampling, { onTokens: () => undefined });
  expect(watched).toEqual(plain);
});

test("an abort ends sampling at once with the signal's reason, and the engine goes on", async () => {
  const before = await engine.sample(prompts, sampling);
  const whole = await engine.sample(prompts, long);
  const abort = new AbortController();
  const reason = new Error("enough");
  let heard = 0;
  const ended = engine.sample(prompts, long, {
    signal: abort.signal,
    onTokens: (tokens) => {
      heard += tokens.length;
      abort.abort(reason);
    },
  });
  await expect(ended).rejects.toBe(reason);
  expect(heard).toBeGreaterThan(0);
  expect(heard).toBeLessThan(whole.flat().reduce((sum, { tokens }) => sum + tokens.length, 0) / 2);
  expect(await engine.sample(prompts, sampling)).toEqual(before);
});

test("what is aborted while it waits is never begun", async () => {
  const abort = new AbortController();
  let heard = 0;
  const first = engine.sample(prompts, sampling);
  const second = engine.sample(prompts, long, {
    signal: abort.signal,
    onTokens: (tokens) => {
      heard += tokens.length;
    },
  });
  abort.abort();
  await expect(second).rejects.toThrow("aborted");
  expect((await first).length).toBe(prompts.length);
  expect(heard).toBe(0);
  await expect(engine.sample(prompts, long, { signal: abort.signal })).rejects.toThrow("aborted");
});
