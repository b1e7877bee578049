/**
 * SentencePiece's tokenizers in GGUF (`llama` and `t5`), as the parts of a tokenizer.json.
 *
 *   llama  pieces with scores: of two neighbours that are a piece together, those of the best score are merged first
 *   t5     Unigram: the way to write a text whose scores have the largest sum
 */
import { ModelError } from "../../errors.ts";

/** In `tokenizer.ggml.token_type`: stands for a byte, `<0x0A>`. */
export const BYTE = 6;
/** No piece of a known model is longer than a tenth of it; each is tried at every place it may be cut at. */
const LONGEST_PIECE = 1_000;

export interface Pieces {
  readonly tokens: readonly string[];
  readonly scores: readonly number[];
  /** Ids by token, those left out that are never met in a text. */
  readonly vocab: Readonly<Record<string, number>>;
  readonly unknown: number;
}

/** The parts of tokenizer.json that say how text becomes pieces, and back. */
export interface PieceParts {
  readonly normalizer: object | null;
  readonly pre_tokenizer: object | null;
  readonly decoder: object;
  readonly model: object;
}

const replace = (from: string, content: string): object => ({
  type: "Replace",
  pattern: { String: from },
  content,
});
const strip = { type: "Strip", content: " ", start: 1, stop: 0 };

/** @param spaced  whether a space is put before each text */
export function llamaParts(pieces: Pieces, spaced: boolean, where: string): PieceParts {
  const escaped = replace(" ", "▁");
  const prepend = { type: "Prepend", prepend: "▁" };
  return {
    normalizer: spaced ? { type: "Sequence", normalizers: [prepend, escaped] } : escaped,
    pre_tokenizer: null,
    decoder: {
      type: "Sequence",
      decoders: [replace("▁", " "), { type: "ByteFallback" }, { type: "Fuse" }, ...(spaced ? [strip] : [])],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: pieces.tokens[pieces.unknown] ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: pieces.vocab,
      merges: mergesOf(pieces, where),
    },
  };
}

/**
 * All pairs of pieces that are a piece together, those of the best score first; of one piece's, the longest beginning.
 *
 * @throws ModelError where a piece is too long
 */
export function mergesOf(
  { vocab, scores }: Pick<Pieces, "vocab" | "scores">,
  where: string,
): [string, string][] {
  const ids = new Map(Object.entries(vocab));
  const order = [...ids].sort(([, a], [, b]) => scores[b]! - scores[a]! || a - b);
  const merges: [string, string][] = [];
  for (const [piece] of order) {
    if (piece.length > LONGEST_PIECE)
      throw new ModelError({
        where,
        expected: `pieces of at most ${LONGEST_PIECE} letters`,
        got: `one of ${piece.length}`,
        next: "No model needs this. Fetch it again, and look at who made it before you open it.",
      });
    for (let at = piece.length - 1; at > 0; at--) {
      const [left, right] = [piece.slice(0, at), piece.slice(at)];
      if (ids.has(left) && ids.has(right)) merges.push([left, right]);
    }
  }
  return merges;
}

/**
 * @param charsmap  bytes of `precompiled_charsmap`
 * @param merging   whether runs of spaces are one, and none is left at the ends
 */
export function t5Parts(
  { tokens, scores, unknown }: Pieces,
  spaced: boolean,
  merging: boolean,
  charsmap: Uint8Array | undefined,
): PieceParts {
  const precompiled = charsmap && {
    type: "Precompiled",
    precompiled_charsmap: Buffer.from(charsmap).toString("base64"),
  };
  const merged = [
    { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
    { type: "Replace", pattern: { Regex: "\\A | \\z" }, content: "" },
  ];
  const normalizers = [...(precompiled ? [precompiled] : []), ...(merging ? merged : [])];
  const metaspace = {
    type: "Metaspace",
    replacement: "▁",
    prepend_scheme: spaced || merging ? "always" : "never",
  };
  return {
    normalizer: normalizers.length > 0 ? { type: "Sequence", normalizers } : null,
    pre_tokenizer: { ...metaspace, split: false },
    decoder: metaspace,
    model: {
      type: "Unigram",
      unk_id: unknown,
      vocab: tokens.map((token, id) => [token, scores[id]]),
      byte_fallback: false,
    },
  };
}
