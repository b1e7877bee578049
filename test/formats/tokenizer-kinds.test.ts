import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { encoderOf } from "../../src/formats/tokenizer/encoder.ts";
import { modelOf } from "../../src/formats/tokenizer/models.ts";
import { normalizerOf } from "../../src/formats/tokenizer/normalizers.ts";
import { makeTokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { TextStream } from "../../src/loop/rollouts/text-stream.ts";
import { processorTime } from "../processor-time.ts";
import { tokenizerKinds } from "./tokenizer-kinds.ts";

const { texts, kinds } = tokenizerKinds(
  fileURLToPath(new URL("../fixtures/tokenizers/kinds", import.meta.url)),
);

describe("as tokenizers has it", () => {
  test.each([...kinds])("$name", ({ name, tokenizer, ids, prompts, decoded, lists }) => {
    const made = makeTokenizer({ tokenizer, config: {}, where: name });
    const streamed = (list: readonly number[]) => {
      const stream = new TextStream(made);
      return list.map((id) => stream.push(id)).join("") + stream.finish();
    };
    expect(texts.map((text) => [...made.encode(text)])).toEqual(ids);
    expect(prompts.map((_, i) => [...made.encodePrompt(texts[i])])).toEqual(prompts);
    expect(ids.map((list) => made.decode(list))).toEqual(decoded);
    expect(ids.map(streamed)).toEqual(decoded);
    expect(lists.map(([list]) => made.decode(list))).toEqual(lists.map(([, text]) => text));
  });
});

const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always" };
const make = (change: object) =>
  makeTokenizer({ tokenizer: { added_tokens: [], ...change }, config: {}, where: "t.json" });
const pieces = { type: "BPE", vocab: { a: 0, aa: 1, "▁": 2, aaaa: 3 }, merges: ["a a", "aa aa"] };
const scored = [
  ["<unk>", 0],
  ["a", -2],
  ["aa", -3],
  ["▁", -1],
];

describe("a megabyte", () => {
  const long = 2 ** 20;

  test.each<[string, object, string, number]>([
    ["of one word, merged", { model: pieces }, "a".repeat(long), long / 4],
    ["of spaces", { model: pieces, pre_tokenizer: metaspace }, " ".repeat(long), long],
    [
      "of one word, by scores",
      { model: { type: "Unigram", vocab: scored, unk_id: 0 } },
      "a".repeat(long),
      long / 2,
    ],
    ["that is unknown", { model: { type: "Unigram", vocab: scored, unk_id: 0 } }, "b".repeat(long), 1],
    [
      "of spaces and one letter, cut by a pattern",
      {
        model: pieces,
        pre_tokenizer: { type: "Split", pattern: { Regex: "\\s+(?!\\S)|\\s+|\\S+" }, behavior: "Isolated" },
      },
      `${" ".repeat(long)}a`,
      1,
    ],
  ])("%s, takes less than two seconds", (_, change, text, tokens) => {
    const { model: part, pre_tokenizer } = change as { model: object; pre_tokenizer?: object };
    const encode = encoderOf({ added_tokens: [], pre_tokenizer }, normalizerOf(null), modelOf(part));
    const seconds = processorTime();
    expect(encode(text)).toHaveLength(tokens);
    expect(seconds()).toBeLessThan(2);
  });
});

describe("a tokenizer.json is refused, by name, where it has", () => {
  const model = { type: "BPE", vocab: { a: 0 }, merges: [] };
  const split = (Regex: string) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated" });
  test.each<[string, object, RegExp]>([
    ["an unknown part", { pre_tokenizer: { type: "UnicodeScripts" } }, /UnicodeScripts/],
    [
      "an unknown decoder in a sequence",
      { decoder: { type: "Sequence", decoders: [{ type: "CTC" }] } },
      /CTC/,
    ],
    ["a field of another kind", { normalizer: { type: "Prepend", prepend: 3 } }, /Prepend with prepend/],
    ["pieces of no length", { pre_tokenizer: { type: "FixedLength", length: 0 } }, /FixedLength with length/],
    ["a merge of one token", { model: { ...model, merges: ["a"] } }, /a merge of two tokens/],
    ["merges that are left to chance", { model: { ...model, dropout: 0.1 } }, /dropout/],
    [
      "an unknown token beyond its tokens",
      { model: { type: "Unigram", vocab: scored, unk_id: 4 } },
      /unk_id 4/,
    ],
    ["a pattern that calls itself", { pre_tokenizer: split("(a\\g<1>?)") }, /calls a group/],
    ["a pattern of any length", { pre_tokenizer: split("a".repeat(30_000)) }, /30000 letters/],
    [
      "a damaged table of characters",
      { normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" } },
      /charsmap/,
    ],
    [
      "a character that grows without end",
      {
        normalizer: {
          type: "Precompiled",
          precompiled_charsmap: Buffer.from(`\x04${"\0".repeat(7)}${"a".repeat(600)}`).toString("base64"),
        },
      },
      /600 bytes/,
    ],
  ])("%s", (_, change, reason) => {
    expect(() => make({ model, ...change })).toThrow(reason);
  });
});

test("a text that a tokenizer has no token for, nor one for the unknown, is refused", () => {
  const made = make({ model: { type: "WordLevel", vocab: { a: 0 }, unk_token: "?" } });
  expect(() => made.encode("b")).toThrow(/no unknown token/);
});

test("half a character is encoded as a mark", () => {
  const made = make({ model: { type: "BPE", vocab: { "\ufffd": 0, a: 1 }, merges: [] } });
  expect([...made.encode("a\ud800")]).toEqual([1, 0]);
});
