/** What a model's makers say of sampling is the default of chat and serve; an option goes before it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createModel } from "../../src/formats/create-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { type GivenOptions, givenOf, Responder, resolveOptions } from "../../src/index.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";

/** The sampling of a request that says nothing of it, and what was told of it. */
async function sampled(command: "chat" | "serve", file: object, given: GivenOptions = {}) {
  const folder = join(temporaryFolder(), "tiny");
  const tokenizer = characterTokenizer([]);
  await createModel(folder, { ...tinyConfig, vocabSize: tokenizer.vocabulary }, tokenizer, 1);
  writeFileSync(join(folder, "generation_config.json"), JSON.stringify(file));
  const notes: string[] = [];
  const model = await Responder.open(
    command,
    { model: folder, threads: 1, ...given },
    { onEvent: (event) => event.kind === "note" && notes.push(event.text) },
  );
  const { sampling } = await model.prepare({ prompt: "1+1=", answers: 1, stop: [] });
  const { temperature, topP, topK } = sampling;
  await model.close();
  return { sampling: [temperature, topP, topK], notes };
}

const file = { do_sample: true, temperature: 0.6, top_p: 0.95, top_k: 20, eos_token_id: 0 };

test("the file's values are the defaults, and are told", async () => {
  const { sampling, notes } = await sampled("serve", file);
  expect(sampling).toEqual([0.6, 0.95, 20]);
  expect(notes).toEqual([
    "as the model's generation_config.json says: temperature 0.6, top_p 0.95, top_k 20",
  ]);
});

test("an option goes before the file, its default value too", async () => {
  const { sampling, notes } = await sampled("chat", file, { temperature: 1, topK: 0 });
  expect(sampling).toEqual([1, 0.95, 0]);
  expect(notes).toEqual(["as the model's generation_config.json says: top_p 0.95"]);
});

test("without the file's word the options' defaults stand, and what is not done here is told", async () => {
  const { sampling, notes } = await sampled("chat", {
    temperature: "hot",
    top_p: 7,
    top_k: null,
    repetition_penalty: 1.1,
    min_p: 0,
  });
  expect(sampling).toEqual([0.7, 0.9, 0]);
  expect(notes).toEqual([
    'passed over in generation_config.json: temperature "hot", top_p 7, repetition_penalty 1.1',
  ]);
});

test("a command gives on what was set, and no default", () => {
  const resolved = resolveOptions("serve", {
    argv: ["--model", "pocket", "--temperature", "1", "--port", "0"],
  });
  expect(givenOf(resolved)).toEqual({ model: "pocket", temperature: 1, port: 0 });
});
