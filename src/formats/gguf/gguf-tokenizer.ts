/**
 * The tokenizer inside a GGUF file, as the two Hugging Face files it was made from.
 *
 * The file has the vocabulary, the merges and the kinds of tokens, but of how text is cut before
 * the merges only a name (`tokenizer.ggml.pre`). The rows below say what each name stands for.
 */
import { ModelError } from "../../errors.ts";
import { GPT2_PATTERN } from "../tokenizer/pre-tokenizers.ts";
import { makeTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { endingTokens } from "./ending-tokens.ts";
import type { GgufFile, GgufValue } from "./gguf.ts";
import { llamaParts, type PieceParts, t5Parts } from "./gguf-pieces.ts";

interface Cut {
  /** Patterns applied one after another, each splitting what the last one left. */
  readonly patterns: readonly string[];
  readonly normalizer?: object;
  /** A piece that is a token already is not merged. */
  readonly wholeFirst?: boolean;
}

const words = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const digitwise: Cut = { patterns: ["\\p{N}", GPT2_PATTERN] };
const llama3: Cut = { patterns: [words("\\p{N}{1,3}")], wholeFirst: true };
const qwen2: Cut = { patterns: [words("\\p{N}")], normalizer: { type: "NFC" } };
const cuts: Readonly<Record<string, Cut>> = {
  "gpt-2": { patterns: [GPT2_PATTERN] },
  smollm: digitwise,
  starcoder: digitwise,
  refact: digitwise,
  "command-r": digitwise,
  "llama-bpe": llama3,
  llama3,
  "llama-v3": llama3,
  qwen2,
  "deepseek-r1-qwen": qwen2,
  default: { patterns: ["[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2_PATTERN, "\\p{N}+", "[0-9][0-9][0-9]"] },
};

interface Vocabulary {
  readonly tokens: readonly string[];
  readonly vocab: Readonly<Record<string, number>>;
  readonly unknown: number;
}

interface Kind {
  /** What llama.cpp takes where a file does not say it. */
  readonly ids: Readonly<Record<string, number>>;
  /** Its parts of a tokenizer.json, and whether a text begins with BOS where the file does not say it. */
  parts(file: GgufFile, vocabulary: Vocabulary): PieceParts & { readonly begins: boolean };
}

/** By `tokenizer.ggml.model`. */
const tokenizerKinds: Readonly<Record<string, Kind>> = {
  gpt2: { ids: {}, parts: byteParts },
  llama: {
    ids: { bos: 1, eos: 2, unknown: 0 },
    parts: (file, vocabulary) => {
      const pieces = { ...vocabulary, scores: scoresOf(file, vocabulary) };
      return { ...llamaParts(pieces, flag(file, "add_space_prefix", true), file.path), begins: true };
    },
  },
  t5: {
    ids: { eos: 1, unknown: 2, padding: 0 },
    parts: (file, vocabulary) => {
      const pieces = { ...vocabulary, scores: scoresOf(file, vocabulary) };
      const spaced = flag(file, "add_space_prefix", false);
      return {
        ...t5Parts(pieces, spaced, flag(file, "remove_extra_whitespaces", false), charsmapOf(file)),
        begins: false,
      };
    },
  },
};

function byteParts(file: GgufFile, { vocab }: Vocabulary): ReturnType<Kind["parts"]> {
  const pre = file.metadata.get("tokenizer.ggml.pre") ?? "default";
  const cut = typeof pre === "string" && Object.hasOwn(cuts, pre) ? cuts[pre] : undefined;
  if (!cut) throw unsupported(file.path, `tokenizer.ggml.pre ${Object.keys(cuts).join(", ")}`, text(pre));
  const merges = list(file, "merges", "string").map(pair(file.path));
  return {
    normalizer: cut.normalizer ?? null,
    pre_tokenizer: preTokenizer(cut),
    decoder: byteLevel,
    model: { ...bpe, ignore_merges: cut.wholeFirst ?? false, vocab, merges },
    begins: cut === llama3,
  };
}

function scoresOf(file: GgufFile, { tokens }: Vocabulary): readonly number[] {
  const scores = list(file, "scores", "number");
  if (scores.length === tokens.length && scores.every(Number.isFinite)) return scores;
  throw unsupported(
    file.path,
    `${tokens.length} finite tokenizer.ggml.scores, one a token`,
    `${scores.length}`,
  );
}

function flag(file: GgufFile, key: string, otherwise: boolean): boolean {
  const value = file.metadata.get(`tokenizer.ggml.${key}`);
  return typeof value === "boolean" ? value : otherwise;
}

function charsmapOf(file: GgufFile): Uint8Array | undefined {
  if (!file.metadata.has("tokenizer.ggml.precompiled_charsmap")) return undefined;
  return Uint8Array.from(list(file, "precompiled_charsmap", "number"));
}

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;
/** Fills ids that the model has and the tokenizer has not. */
const UNUSED = 5;

/**
 * The tokenizer of a GGUF file, or undefined where it has none.
 *
 * @throws ModelError where it is damaged or of a kind that is not supported
 */
export function ggufTokenizer(file: GgufFile): Tokenizer | undefined {
  const get = (key: string) => file.metadata.get(`tokenizer.ggml.${key}`);
  const model = get("model");
  if (model === undefined || model === "none" || model === "no_vocab") return undefined;
  const kind =
    typeof model === "string" && Object.hasOwn(tokenizerKinds, model) ? tokenizerKinds[model] : undefined;
  if (!kind)
    throw unsupported(
      file.path,
      `tokenizer.ggml.model ${Object.keys(tokenizerKinds).join(", ")}`,
      text(model),
    );
  const tokens = list(file, "tokens", "string");
  const kinds = get("token_type") === undefined ? [] : list(file, "token_type", "number");

  const vocab: Record<string, number> = Object.create(null);
  for (const [id, token] of tokens.entries()) if (kinds[id] !== UNUSED) vocab[token] ??= id;
  const idOf = (key: string) => {
    const id = get(`${key}_token_id`) ?? kind.ids[key];
    return typeof id === "number" && tokens[id] !== undefined ? id : undefined;
  };
  const ends = endingTokens(vocab, idOf);
  const isSpecial = (id: number) => kinds[id] === CONTROL || kinds[id] === UNKNOWN || ends.includes(id);
  const added = tokens
    .map((content, id) => ({ id, content, special: isSpecial(id), user: kinds[id] === USER_DEFINED }))
    .filter(({ content, special, user }) => (special || user) && content !== "")
    .map(({ id, content, special }) => ({ id, content, ...addedToken, special }));
  const name = (key: string) => tokens[idOf(key) ?? -1];
  const { begins, ...parts } = kind.parts(file, { tokens, vocab, unknown: idOf("unknown") ?? -1 });
  const template = file.metadata.get("tokenizer.chat_template");
  return makeTokenizer({
    where: file.path,
    moreEosIds: ends,
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: added,
      ...parts,
      post_processor: (get("add_bos_token") ?? begins) ? startWith(name("bos"), idOf("bos")) : null,
    },
    config: withoutUndefined({
      tokenizer_class: "PreTrainedTokenizerFast",
      bos_token: name("bos"),
      eos_token: name("eos"),
      unk_token: name("unknown"),
      pad_token: name("padding"),
      chat_template: typeof template === "string" ? template : undefined,
      clean_up_tokenization_spaces: false,
    }),
  });
}

const addedToken = { single_word: false, lstrip: false, rstrip: false, normalized: false };
const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
const bpe = {
  type: "BPE",
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
};

/**
 * The name of a tokenizer's way of cutting text, or undefined where it has none.
 *
 * @param preTokenizer  that of tokenizer.json, and its normalizer
 * @param wholeFirst    `ignore_merges` of its model
 */
export function cutName(preTokenizer: unknown, normalizer: unknown, wholeFirst: boolean): string | undefined {
  const patterns = patternsOf(preTokenizer);
  return Object.keys(cuts).find((name) => {
    const cut = cuts[name];
    return (
      patterns?.join("\0") === cut.patterns.join("\0") &&
      JSON.stringify(normalizer ?? null) === JSON.stringify(cut.normalizer ?? null) &&
      (cut.wholeFirst ?? false) === wholeFirst
    );
  });
}

/** The patterns that a pre-tokenizer isolates one after another, ended by bytes; undefined where it does anything else. */
function patternsOf(part: unknown): string[] | undefined {
  const parts = steps(part);
  const last = parts.pop();
  if (last?.type !== "ByteLevel" || last.add_prefix_space) return undefined;
  const patterns = parts.map(({ type, individual_digits, pattern, behavior }) => {
    if (type === "Digits") return individual_digits ? "\\p{N}" : "\\p{N}+";
    return type === "Split" && behavior?.toLowerCase() === "isolated" ? pattern?.Regex : undefined;
  });
  const all = last.use_regex === false ? patterns : [...patterns, GPT2_PATTERN];
  return all.includes(undefined) ? undefined : (all as string[]);
}

interface Step {
  readonly type?: string;
  readonly pretokenizers?: readonly unknown[];
  readonly pattern?: { readonly Regex?: string };
  readonly behavior?: string;
  readonly individual_digits?: boolean;
  readonly add_prefix_space?: boolean;
  readonly use_regex?: boolean;
}

function steps(part: unknown): Step[] {
  const step = (part ?? {}) as Step;
  return step.type === "Sequence" ? (step.pretokenizers ?? []).flatMap(steps) : [step];
}

const splitAt = (Regex: string): object => ({
  type: "Split",
  pattern: { Regex },
  behavior: "Isolated",
  invert: false,
});

function preTokenizer({ patterns }: Cut): object {
  return { type: "Sequence", pretokenizers: [...patterns.map(splitAt), byteLevel] };
}

/** What puts this token before a text; llama.cpp does where the file says so, and for Llama 3 where it says nothing. */
function startWith(token: string | undefined, id: number | undefined): object | null {
  if (token === undefined || id === undefined) return null;
  const start = { SpecialToken: { id: token, type_id: 0 } };
  const sequence = (name: string, type_id: number) => ({ Sequence: { id: name, type_id } });
  return {
    type: "TemplateProcessing",
    single: [start, sequence("A", 0)],
    pair: [start, sequence("A", 0), sequence("B", 1)],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}

function pair(path: string): (merge: string) => [string, string] {
  return (merge) => {
    const at = merge.indexOf(" ", 1);
    if (at < 0) throw unsupported(path, "merges of two tokens", JSON.stringify(merge.slice(0, 40)));
    return [merge.slice(0, at), merge.slice(at + 1)];
  };
}

function list<T extends "string" | "number">(file: GgufFile, key: string, type: T) {
  const value = file.metadata.get(`tokenizer.ggml.${key}`);
  if (Array.isArray(value) && value.every((element) => typeof element === type))
    return value as unknown as readonly (T extends "string" ? string : number)[];
  throw unsupported(
    file.path,
    `tokenizer.ggml.${key} as a list of ${type}s`,
    value === undefined ? "none" : "another",
  );
}

function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function text(value: GgufValue): string {
  return JSON.stringify(String(value).slice(0, 40));
}

function unsupported(path: string, expected: string, got: string): ModelError {
  return new ModelError({
    where: path,
    expected,
    got,
    next: "This tokenizer is not supported; use the model's Hugging Face folder, which has its tokenizer.json.",
  });
}
