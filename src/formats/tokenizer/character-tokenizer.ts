/**
 * A new tokenizer for a new model: every character is a token.
 *
 *   texts  →  tokenizer.json, tokenizer_config.json
 *
 * Small models that work sums step by step learn most from seeing every digit. The files are a BPE
 * without merges, so any reader of Hugging Face tokenizers can use them.
 */
import { makeTokenizer, type Tokenizer } from "./tokenizer.ts";

const END_TOKEN = "<|eos|>";
const UNKNOWN_TOKEN = "<|unk|>";

/**
 * A tokenizer of the characters (code points) in `texts` and of printable ASCII, in code order after
 * `<|eos|>` (id 0, also the padding) and `<|unk|>` (id 1, stands for any other character).
 *
 * `decode(encode(s)) === s` for every text of these characters.
 */
export function characterTokenizer(texts: Iterable<string>): Tokenizer {
  const characters = new Set<string>(["\n"]);
  for (let code = 32; code < 127; code++) characters.add(String.fromCharCode(code));
  for (const text of texts) for (const character of text) characters.add(character);
  const sorted = [...characters].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  const vocab: Record<string, number> = Object.create(null);
  for (const token of [END_TOKEN, UNKNOWN_TOKEN, ...sorted]) vocab[token] = Object.keys(vocab).length;
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return makeTokenizer({
    where: "the new tokenizer",
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: [END_TOKEN, UNKNOWN_TOKEN].map((content, id) => ({ id, content, ...special })),
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: { type: "Fuse" },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: UNKNOWN_TOKEN,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab,
        merges: [],
      },
    },
    config: {
      tokenizer_class: "PreTrainedTokenizerFast",
      eos_token: END_TOKEN,
      unk_token: UNKNOWN_TOKEN,
      pad_token: END_TOKEN,
      clean_up_tokenization_spaces: false,
    },
  });
}
