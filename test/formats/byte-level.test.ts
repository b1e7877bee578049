import { describe, expect, test } from "vitest";
import { openGguf } from "../../src/formats/gguf/gguf.ts";
import { ggufTokenizer } from "../../src/formats/gguf/gguf-tokenizer.ts";
import { makeTokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { describeShared } from "../shared.ts";
import { generator } from "../theory/tabular.ts";

/** GPT-2's letters for bytes, in the order of its published table. */
const letters = (() => {
  const own = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  const others = [...range(0, 255)].filter((byte) => !own.includes(byte));
  const codes = new Map([
    ...own.map((byte) => [byte, byte] as const),
    ...others.map((byte, i) => [byte, 256 + i] as const),
  ]);
  return range(0, 255).map((byte) => String.fromCodePoint(codes.get(byte)!));
})();
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
const tokens = [...letters, "Ġt", "Ġth", "é", "日"];
const files = {
  where: "a tokenizer",
  config: {},
  tokenizer: {
    version: "1.0",
    added_tokens: [
      { id: tokens.length, content: "<|end|>", special: true },
      { id: tokens.length + 1, content: "<think>", special: false },
      { id: tokens.length + 2, content: "日本", special: false },
    ],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      unk_token: null,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [
        ["Ġ", "t"],
        ["Ġt", "h"],
      ],
    },
  },
};

/** Lists of ids that are as good as random: whole texts, broken ones, and ids that have no token. */
function lists(most: number, kinds: number): number[][] {
  const random = generator(5);
  return Array.from({ length: kinds }, () =>
    Array.from({ length: Math.floor(40 * random()) }, () => Math.floor(random() * most)),
  );
}

/** The bytes of each token, one after another: what stands for no byte is its own. */
function byBytes(tokens: readonly (string | undefined)[], ids: readonly number[]): string {
  const bytesOf = (token: string) => {
    const bytes = [...token].map((letter) => letters.indexOf(letter));
    return bytes.includes(-1) ? Buffer.from(token) : Buffer.from(bytes);
  };
  const bytes = Buffer.concat(ids.flatMap((id) => tokens[id] ?? []).map(bytesOf));
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

describe("byte-level tokens", () => {
  const tokenizer = makeTokenizer(files);

  test("are the text of their bytes, whatever they are", () => {
    const shown = [...tokens, undefined, "<think>", "日本"];
    // two ids of one token: the vocabulary has the last
    shown[tokens.indexOf("é")] = undefined;
    for (const ids of lists(tokens.length + 8, 300)) expect(tokenizer.decode(ids)).toBe(byBytes(shown, ids));
  });

  test("give every text back", () => {
    for (const text of ["Né à São Tomé, 日本 \u{1f600}\r\n\t\u0000\u00a0­", "\ufeffa", ""])
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test("leave out special ones, keep added ones, and mark what is no character", () => {
    const id = (token: string) => tokens.indexOf(token);
    const half = id(letters[0xe6]!);
    expect(tokenizer.decode([id("Ġth"), tokens.length, half, tokens.length + 1, id("a")])).toBe(
      " th\ufffd<think>a",
    );
  });
});

describeShared("models/SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2's tokens", (path) => {
  test("are the text of their bytes", async () => {
    const tokenizer = ggufTokenizer(await openGguf(path))!;
    const { added_tokens, model } = tokenizer.files.tokenizer as {
      added_tokens: { id: number; special?: boolean }[];
      model: { vocab: Record<string, number> };
    };
    const shown: (string | undefined)[] = [];
    for (const [token, id] of Object.entries(model.vocab)) shown[id] = token;
    for (const { id, special } of added_tokens) if (special) shown[id] = undefined;
    for (const ids of lists(tokenizer.vocabulary + 4, 300))
      expect(tokenizer.decode(ids)).toBe(byBytes(shown, ids));
  });
});
