/**
 * The tokenizer of a GGUF file against ids that llama.cpp gives, and against the algorithm written out.
 *
 * The set: the 26 strings of fixtures/golden/smollm2.json (words, runs of spaces, tabs and line breaks, digits and
 * decimals, formulas and LaTeX, accents composed and not, Japanese, Russian, Arabic, emoji with joiners,
 * contractions, code names, special tokens in text, numeric characters that are no digits, no-break
 * spaces, the empty string); every code point of planes 0 to 3 and a
 * sixteenth of planes 12 to 16; runs of white space up to 70; and 3,000 drawn strings of all of these kinds.
 */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { endingTokens } from "../../src/formats/gguf/ending-tokens.ts";
import { type GgufFile, openGguf } from "../../src/formats/gguf/gguf.ts";
import { ggufTokenizer } from "../../src/formats/gguf/gguf-tokenizer.ts";
import type { Tokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { describeShared, golden } from "../shared.ts";

/** GPT-2's printable stand-ins for bytes. */
const letterOfByte = (() => {
  const isPlain = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPlain(byte) ? byte : next++));
})();

/** Byte-level BPE as its papers have it: cut, spell in bytes, merge the pair of lowest rank until none is left. */
function writtenOut(file: GgufFile): (text: string) => number[] {
  const list = (key: string) => file.metadata.get(`tokenizer.ggml.${key}`) as readonly string[];
  const tokens = list("tokens");
  const kinds = list("token_type") as unknown as readonly number[];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const ranks = new Map(list("merges").map((merge, rank) => [merge, rank]));
  const special = tokens.filter((_, id) => kinds[id] === 3 || kinds[id] === 4);
  const escaped = special
    .toSorted((a, b) => b.length - a.length)
    .map((token) => token.replace(/[|\\{}()[\]^$+*?.]/g, "\\$&"));
  const cuts = new RegExp(`(${escaped.join("|")})`);
  const space = "\\p{White_Space}";
  const words = new RegExp(
    `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|[${space}]+(?![^${space}])|[${space}]+`,
    "gu",
  );
  const merge = (piece: string): number[] => {
    const parts = [...Buffer.from(piece)].map((byte) => letterOfByte[byte]!);
    for (;;) {
      let best = -1;
      let lowest = Number.POSITIVE_INFINITY;
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = ranks.get(`${parts[i]} ${parts[i + 1]}`) ?? Number.POSITIVE_INFINITY;
        if (rank < lowest) [best, lowest] = [i, rank];
      }
      // SmolLM2's vocabulary has no token for six control characters and the bytes F1 and F2; those are left out
      if (best < 0) return parts.flatMap((part) => ids.get(part) ?? []);
      parts.splice(best, 2, parts[best]! + parts[best + 1]!);
    }
  };
  return (text) =>
    text.split(cuts).flatMap((part, i) => {
      if (i % 2 === 1) return [ids.get(part)!];
      // each numeric character by itself, then words in what is between
      return part.split(/(\p{N})/u).flatMap((run) => (run.match(words) ?? []).flatMap(merge));
    });
}

const kinds: readonly (readonly string[])[] = [
  [..."abcdefghijklmnopqrstuvwxyz", "The", "answer", " is", "cannot", "'s", "'ll", "'", "’s"],
  [..."0123456789", "3.14", "1,000", "²", "½", "Ⅷ", "٣", "๓", "𝟘"],
  [" ", "  ", "    ", "\t", "\n", "\n\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u0085", "\ufeff", "\u200b"],
  [...'+-=*/^_{}\\$()[]<>|.,;:!?"#@&%~`', "\\frac{", "\\boxed{", "==>", "<|", "|>"],
  ["é", "e\u0301", "ñ", "ß", "İ", "Привет", "日本", "語", "한국", "العربية", "हिन्दी", "ไทย", "ﬁ"],
  ["🙂", "👩‍👩‍👧‍👦", "🚀", "🇨🇭", "\u{10ffff}", "\ufffd", "\u0000", "\u007f", "𝒙"],
  ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_start", "im_end|>"],
];

/** Control characters without a token in SmolLM2's vocabulary. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is meant
const tokenless = /[\u0004\u0006\u0013\u0014\u0016\u001d]/g;

/** Numbers in 0 to 1, the same ones each time. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describeShared("models/SmolLM2-135M-Instruct.Q4_1.gguf", "a GGUF file's tokenizer", (path) => {
  let tokenizer: Tokenizer;
  let reference: (text: string) => number[];
  beforeAll(async () => {
    const file = await openGguf(path);
    tokenizer = ggufTokenizer(file)!;
    reference = writtenOut(file);
  });

  test("and the algorithm written out both give llama.cpp's ids", () => {
    const { tokens } = JSON.parse(readFileSync(golden("smollm2.json"), "utf8")) as {
      tokens: { text: string; ids: number[] }[];
    };
    for (const { text, ids } of tokens) {
      expect(reference(text), JSON.stringify(text)).toEqual(ids);
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids);
    }
    expect(tokens).toHaveLength(26);
  });

  test("agrees with the algorithm written out on 3,000 drawn strings, and gives them back", () => {
    const random = drawn(7);
    const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
    for (let i = 0; i < 3000; i++) {
      const parts = Array.from({ length: 1 + Math.floor(random() * 12) }, () => pick(pick(kinds)));
      const text = parts.join("");
      const ids = [...tokenizer.encode(text)];
      expect(ids, JSON.stringify(text)).toEqual(reference(text));
      const visible = text.replace(/<\|(im_start|im_end|endoftext)\|>/g, "");
      expect(tokenizer.decode(ids), JSON.stringify(text)).toBe(visible);
    }
  });

  test("gives back every code point whose bytes have tokens, and the ids of the algorithm written out", {
    timeout: 240_000,
  }, () => {
    const page = 2 ** 8;
    for (let start = 0; start < 0x110000; start += page) {
      if (start >= 0xd800 && start < 0xe000) continue;
      // most pages above the third plane have no characters: one of sixteen stands for them
      if (start >= 0x40000 && (start / page) % 16 !== 0) continue;
      // a character of planes 4 to 11 would lose its first byte alone
      if (start >= 0x40000 && start < 0xc0000) continue;
      const text = Array.from({ length: page }, (_, i) => `${String.fromCodePoint(start + i)} a`).join("");
      const ids = [...tokenizer.encode(text)];
      expect(ids, `U+${start.toString(16)}`).toEqual(reference(text));
      expect(tokenizer.decode(ids), `U+${start.toString(16)}`).toBe(text.replace(tokenless, ""));
    }
  });

  test("gives each digit a token of its own, and runs of white space as the algorithm does", () => {
    expect(tokenizer.encode("1234567890")).toHaveLength(10);
    for (const space of [" ", "\n", "\t", "\r\n", "\u00a0"]) {
      for (let length = 1; length <= 70; length++) {
        for (const text of [`a${space.repeat(length)}b`, space.repeat(length), `${space.repeat(length)}1`])
          expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(reference(text));
      }
    }
  });
});

test("an answer ends at every token that ends one in llama.cpp, by its key or its name", async () => {
  const path = new URL("../fixtures/tokenizers/eog-by-name.gguf", import.meta.url).pathname;
  const { eosIds } = ggufTokenizer(await openGguf(path))!;
  expect([...eosIds].sort()).toEqual([0, 2]);
});

test.each<[string[], Record<string, number>, number[]]>([
  [["a", "<|end|>", "<EOT>"], {}, [1, 2]],
  [["a", "<|end|>", "<|return|>", "<|call|>"], {}, [2, 3]],
  [["</s>", "<|tool_response>"], {}, [1]],
  [["<PAD>", "a", "<|file_sep|>", "<reponame>"], {}, [0, 3, 2]],
  [["<PAD>", "a", "b"], { eos: 1, fim_pad: 2 }, [1, 2]],
])("of %j with keys %j answers end at %j", (tokens, keys, ends) => {
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  expect(endingTokens(vocab, (key) => keys[key])).toEqual(ends);
});
