/**
 * A tokenizer as the metadata of a GGUF file: the inverse of gguf-tokenizer.ts.
 *
 * Byte-level BPE has a name there for its way of cutting text; SentencePiece's has scores. A tokenizer of characters has neither, but
 * is the same as a byte-level one in which each character's bytes are merged first.
 */
import { ModelError } from "../../errors.ts";
import { lettersOf } from "../tokenizer/byte-level.ts";
import { leadingTokens } from "../tokenizer/leading-tokens.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { BYTE } from "./gguf-pieces.ts";
import { writtenPieces } from "./gguf-pieces-writer.ts";
import { cutName } from "./gguf-tokenizer.ts";
import type { GgufEntry } from "./gguf-writer.ts";

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
  readonly single_word?: boolean;
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
  readonly normalized?: boolean;
}

/** What is read of tokenizer.json here; `makeTokenizer` has checked the vocabulary and the added tokens. */
interface BpeFile {
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: unknown;
  readonly post_processor?: unknown;
  readonly decoder?: { readonly type?: string } | null;
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges?: readonly (string | readonly [string, string])[];
    readonly ignore_merges?: boolean;
    readonly byte_fallback?: boolean;
    readonly fuse_unk?: boolean;
    readonly unk_token?: string | null;
  };
}

/**
 * `tokenizer.ggml.*` and `tokenizer.chat_template`.
 *
 * @param eosIds      any of these ends a text
 * @param vocabulary  of the model; ids beyond the tokenizer's are filled with tokens that are never met
 * @throws ModelError where llama.cpp could not cut text as this tokenizer does
 */
export function ggufVocabulary(
  tokenizer: Tokenizer | undefined,
  eosIds: readonly number[],
  vocabulary: number,
): Record<string, GgufEntry> {
  if (tokenizer === undefined) return { "tokenizer.ggml.model": { text: "none" } };
  const { where } = tokenizer.files;
  const file = tokenizer.files.tokenizer as BpeFile;
  refuseAdded(file, where);
  const { tokens, kindOf, entries } =
    file.model.type === "BPE" ? bpe(file, where) : refuse(where, file.model.type);
  const texts = Array.from({ length: vocabulary }, (_, id) => tokens.get(id) ?? `[PAD${id}]`);
  const kinds: number[] = texts.map((_, id) => (tokens.has(id) ? NORMAL : UNUSED));
  for (const { id, content, special } of file.added_tokens) {
    texts[id] = content;
    kinds[id] = special ? CONTROL : USER_DEFINED;
  }
  for (const [id, kind] of kindOf) kinds[id] = kind;
  const ids: Record<string, GgufEntry> = {};
  const put = (key: string, id: number | undefined) => {
    if (id !== undefined) ids[`tokenizer.ggml.${key}_token_id`] = { u32: id };
  };
  // The tokenizer's own comes first: the model's config may name more that end a text.
  const ends = [...new Set([...tokenizer.eosIds, ...eosIds])];
  put("bos", tokenizer.bosId);
  for (const [i, key] of ["eos", "eot", "eom"].entries()) put(key, ends[i]);
  put("padding", tokenizer.padId);
  put("unknown", tokenizer.unkId);
  return {
    "tokenizer.ggml.tokens": { texts },
    "tokenizer.ggml.token_type": { i32s: kinds },
    ...entries(vocabulary),
    ...ids,
    "tokenizer.ggml.add_bos_token": {
      bool: tokenizer.bosId !== undefined && leadingTokens(file.post_processor)[0] === tokenizer.bosId,
    },
    "tokenizer.ggml.add_eos_token": { bool: false },
    ...(tokenizer.chatTemplate === undefined
      ? {}
      : { "tokenizer.chat_template": { text: tokenizer.chatTemplate } }),
  };
}

/** A token of GGUF is found wherever its text stands; it has no place for a rule of its own. */
function refuseAdded({ added_tokens, normalizer }: BpeFile, where: string): void {
  for (const token of added_tokens) {
    const rules = { ...token, normalized: token.normalized === true && normalizer != null };
    const rule = (["single_word", "lstrip", "rstrip", "normalized"] as const).find((name) => rules[name]);
    if (rule !== undefined)
      refuse(where, `the token ${JSON.stringify(token.content)} with ${rule}, which GGUF cannot say`);
  }
}

interface Written {
  readonly tokens: ReadonlyMap<number, string>;
  /** Kinds of tokens beside those that are added. */
  readonly kindOf: ReadonlyMap<number, number>;
  /** What is said of them beside. */
  readonly entries: (vocabulary: number) => Record<string, GgufEntry>;
}

function bpe(file: BpeFile, where: string): Written {
  const { model, pre_tokenizer, normalizer } = file;
  const named = Object.entries(model.vocab);
  if (isOfCharacters(file)) return characters(named);
  const tokens = new Map(named.map(([token, id]) => [id, token]));
  if (model.byte_fallback) return pieces(file, tokens, where);
  const pre =
    cutName(pre_tokenizer, normalizer, model.ignore_merges ?? false) ??
    refuse(where, "a way of cutting text that has no name in GGUF");
  const merges = (model.merges ?? []).map((merge) => (typeof merge === "string" ? merge : merge.join(" ")));
  return { tokens, kindOf: new Map(), entries: () => ofBytes(pre, merges) };
}

const ofBytes = (pre: string, merges: readonly string[]): Record<string, GgufEntry> => ({
  "tokenizer.ggml.model": { text: "gpt2" },
  "tokenizer.ggml.pre": { text: pre },
  "tokenizer.ggml.merges": { texts: merges },
});

function pieces(file: BpeFile, tokens: ReadonlyMap<number, string>, where: string): Written {
  const written = writtenPieces(file, where);
  if (typeof written === "string") return refuse(where, written);
  const { spaced, scores, byteIds } = written;
  const unknown = file.model.vocab[file.model.unk_token ?? ""];
  return {
    tokens,
    kindOf: new Map([
      ...byteIds.map((id) => [id, BYTE] as const),
      ...(unknown === undefined ? [] : [[unknown, UNKNOWN] as const]),
    ]),
    entries: (vocabulary) => ({
      "tokenizer.ggml.model": { text: "llama" },
      "tokenizer.ggml.pre": { text: "default" },
      "tokenizer.ggml.scores": { f32s: Array.from({ length: vocabulary }, (_, id) => scores.get(id) ?? 0) },
      "tokenizer.ggml.add_space_prefix": { bool: spaced },
    }),
  };
}

/** No merges, no cuts, and text comes back by putting the tokens side by side. */
function isOfCharacters({ model, pre_tokenizer, normalizer, decoder }: BpeFile): boolean {
  return (
    (model.merges ?? []).length === 0 &&
    !pre_tokenizer &&
    !normalizer &&
    decoder?.type === "Fuse" &&
    !model.byte_fallback
  );
}

/** Characters outside of the vocabulary have no unknown token in llama.cpp: it leaves them out. */
function characters(named: readonly (readonly [string, number])[]): Written {
  const tokens = new Map<number, string>();
  const merges = new Set<string>();
  for (const [token, id] of named) {
    const symbols = [...lettersOf(token)];
    tokens.set(id, symbols.join(""));
    // A token of several characters is one that was added; it is found before any merge.
    if ([...token].length > 1) tokens.set(id, token);
    else for (let i = 1; i < symbols.length; i++) merges.add(`${symbols.slice(0, i).join("")} ${symbols[i]}`);
  }
  return { tokens, kindOf: new Map(), entries: () => ofBytes("gpt-2", [...merges]) };
}

function refuse(where: string, got: string): never {
  throw new ModelError({
    where,
    expected:
      "a byte-level BPE tokenizer of a kind that llama.cpp knows, SentencePiece's BPE, or one of characters, its added tokens plain",
    got,
    next: "Export with --format hf: the folder keeps tokenizer.json as it is.",
  });
}
