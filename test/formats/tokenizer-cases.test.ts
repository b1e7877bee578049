import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeTokenizer, openTokenizer, type Tokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { promptRenderer } from "../../src/loop/rollouts/prompt.ts";
import { temporaryFolder } from "../models/files.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));
const cases: {
  case: string;
  texts: string[];
  /** Of transformers, special tokens added as it does where nothing else is said. */
  ids: number[][];
  tokenizer: object;
  config: Record<string, unknown>;
}[] = read("tokenizers/cases");

function opened(files: Readonly<Record<string, object>>): Promise<Tokenizer | undefined> {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), JSON.stringify(content));
  return openTokenizer(folder);
}

describe("bare text has the tokens that transformers gives it", () => {
  test.each(cases)("$case", async ({ tokenizer, config, texts, ids }) => {
    const made = await opened({ "tokenizer.json": tokenizer, "tokenizer_config.json": config });
    expect(texts.map((text) => [...made!.encodePrompt(text)])).toEqual(ids);
  });
});

describe("what a post-processor puts before a text", () => {
  const { tokenizer, config } = cases.find((one) => one.case === "bos-of-post-processor")!;
  const make = (post_processor: unknown, more = {}) =>
    makeTokenizer({
      tokenizer: { ...tokenizer, post_processor },
      config: { ...config, ...more },
      where: "t",
    });
  const { post_processor } = tokenizer as { post_processor: object };
  const ab = [3, 4];

  test("is there once, in raw prompts alone", () => {
    const made = make(post_processor, { chat_template: "{{ bos_token }}{{ messages[0].content }}" });
    const problem = { id: "1", prompt: "ab", answer: "" };
    const prompted = (promptFormat: "chat" | "raw") =>
      promptRenderer(made, { promptFormat, promptTemplate: "{problem}" })(problem).tokens;
    expect([...prompted("raw")]).toEqual([1, ...ab]);
    expect([...prompted("chat")]).toEqual([1, ...ab]);
    expect([...made.encodePrompt("<s>ab")]).toEqual([1, ...ab]);
    expect([...made.encodePrompt("")]).toEqual([1]);
    expect([...made.encode("ab")]).toEqual(ab);
  });

  test("is read in every form, and what comes after a text is left out", () => {
    const bytes = { type: "ByteLevel", trim_offsets: true };
    const cut = { sep: ["</s>", 2], cls: ["<s>", 1] };
    for (const part of [
      { type: "Sequence", processors: [bytes, post_processor] },
      { type: "BertProcessing", ...cut },
      { type: "RobertaProcessing", ...cut, trim_offsets: true, add_prefix_space: false },
    ])
      expect([...make(part).encodePrompt("ab")]).toEqual([1, ...ab]);
    expect([...make(bytes).encodePrompt("ab")]).toEqual(ab);
    expect([...make(null).encodePrompt("ab")]).toEqual(ab);
  });

  test("is a token of the vocabulary", () => {
    expect(() => make({ type: "BertProcessing", sep: ["</s>", 2], cls: ["<s>", 4096] })).toThrow(
      /post_processor/,
    );
  });
});

test("special tokens may stand in special_tokens_map.json alone", async () => {
  const { tokenizer_config, files, messages, expected } = read("templates/files").find(
    (one: { case: string }) => one.case === "eos-in-map-only",
  );
  const added = ["<|im_start|>", "<|im_end|>"].map((content, i) => ({ id: i + 1, content, special: true }));
  const tokenizer = { added_tokens: added, model: { type: "BPE", vocab: { a: 0 }, merges: [] } };
  const given = { "tokenizer.json": tokenizer, "tokenizer_config.json": tokenizer_config, ...files };
  const made = (await opened(given))!;
  expect(made.renderChat(messages)).toBe(expected);
  expect(made).toMatchObject({ bosId: 1, eosIds: [2] });
  // what is saved is what was used
  expect(made.files.config).toMatchObject(files["special_tokens_map.json"]);
  const own = { ...tokenizer_config, eos_token: "a" };
  expect((await opened({ ...given, "tokenizer_config.json": own }))!.eosIds).toEqual([0]);
});

// the right pieces are those of tokenizers' own Split
test.each([
  ["Contiguous", false, "a--b", ["a", "--", "b"]],
  ["Contiguous", true, "a--b", ["a", "--", "b"]],
  ["MergedWithPrevious", true, "ab-c-d", ["ab", "-c", "-d"]],
  ["MergedWithNext", true, "ab-c-d", ["ab-", "c-", "d"]],
  ["Isolated", false, "a--b", ["a", "-", "-", "b"]],
])("a split that is %s, inverted %s, loses nothing of %s", (behavior, invert, text, pieces) => {
  const vocab = Object.fromEntries(["a", "b", "c", "d", "-", ...pieces].map((piece, i) => [piece, i]));
  const tokenizer = {
    added_tokens: [],
    pre_tokenizer: { type: "Split", pattern: { String: "-" }, behavior, invert },
    model: { type: "BPE", vocab, merges: [], ignore_merges: true },
  };
  const made = makeTokenizer({ tokenizer, config: {}, where: "t" });
  expect([...made.encode(text)]).toEqual(pieces.map((piece) => vocab[piece]));
});

test("a tokenizer.json of an older kind does not say what its model is", async () => {
  const [{ tokenizer, config, texts, ids }] = cases as [(typeof cases)[number]];
  const { model, ...rest } = tokenizer as { model: { type: string } };
  const { type: _, ...untyped } = model;
  const made = await opened({
    "tokenizer.json": { ...rest, model: untyped },
    "tokenizer_config.json": config,
  });
  expect(texts.map((text) => [...made!.encodePrompt(text)])).toEqual(ids);
});
