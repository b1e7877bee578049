import { Tokenizer as Library } from "@huggingface/tokenizers";
import { describe, expect, test } from "vitest";
import { openGguf } from "../../src/formats/gguf/gguf.ts";
import { ggufTokenizer } from "../../src/formats/gguf/gguf-tokenizer.ts";
import { makeTokenizer, type Tokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
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

/** As the library decodes what is left without special tokens and ids of none. */
function byLibrary(
  { files: { tokenizer, config } }: Tokenizer,
  special: readonly number[],
  ids: readonly number[],
) {
  const library = new Library(tokenizer as object, config as object);
  const kept = ids.filter((id) => !special.includes(id) && library.id_to_token(id) !== undefined);
  return kept.length === 0 ? "" : library.decode(kept, { clean_up_tokenization_spaces: false });
}

describe("byte-level tokens", () => {
  const tokenizer = makeTokenizer(files);

  test("are the text that the library makes of them, whatever they are", () => {
    for (const ids of lists(tokens.length + 8, 300))
      expect(tokenizer.decode(ids)).toBe(byLibrary(tokenizer, [tokens.length], ids));
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
  test("are the text that the library makes of them", async () => {
    const tokenizer = ggufTokenizer(await openGguf(path))!;
    const { tokenizer: json, config } = tokenizer.files;
    const added = (json as { added_tokens: { id: number; special?: boolean }[] }).added_tokens;
    const special = added.filter((token) => token.special).map(({ id }) => id);
    const library = new Library(json as object, config as object);
    for (const ids of lists(tokenizer.vocabulary + 4, 300)) {
      const kept = ids.filter((id) => !special.includes(id) && library.id_to_token(id) !== undefined);
      const expected = kept.length === 0 ? "" : library.decode(kept, { clean_up_tokenization_spaces: false });
      expect(tokenizer.decode(ids)).toBe(expected);
    }
  });
});
