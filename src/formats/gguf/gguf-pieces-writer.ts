/**
 * SentencePiece's BPE of a tokenizer.json as GGUF's `llama`: scores in the order of its merges, and whether a space begins a text.
 *
 * llama.cpp merges any two neighbours that are a piece together, so that only merges that are all of those, piece by piece, can be said.
 */
import { byteToken } from "../tokenizer/byte-fallback.ts";
import { mergesOf } from "./gguf-pieces.ts";

export interface PieceFile {
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: unknown;
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges?: readonly (string | readonly [string, string])[];
    readonly ignore_merges?: boolean | null;
    readonly byte_fallback?: boolean;
    readonly fuse_unk?: boolean;
    readonly unk_token?: string | null;
    readonly continuing_subword_prefix?: string | null;
    readonly end_of_word_suffix?: string | null;
  };
}

export interface WrittenPieces {
  readonly spaced: boolean;
  /** By id: the better, the earlier its merges. */
  readonly scores: ReadonlyMap<number, number>;
  readonly byteIds: readonly number[];
}

/** What of a tokenizer.json GGUF's `llama` says, or why it cannot. */
export function writtenPieces(file: PieceFile, where: string): WrittenPieces | string {
  const { model, normalizer, pre_tokenizer } = file;
  const spaced = spacing(normalizer, pre_tokenizer);
  if (spaced === undefined) return "spaces that GGUF has no way to write so";
  if (!model.fuse_unk || model.ignore_merges || model.continuing_subword_prefix || model.end_of_word_suffix)
    return "merges with rules that GGUF cannot say";
  const bytes = Array.from({ length: 256 }, (_, byte) => model.vocab[byteToken(byte)]);
  if (bytes.includes(undefined as never)) return "no token for some bytes";
  const merges = (model.merges ?? []).map((merge) => (typeof merge === "string" ? merge.split(" ") : merge));
  const order = [...new Set(merges.map(([left, right]) => `${left}${right}`))];
  const scores = new Map(Object.values(model.vocab).map((id) => [id, -order.length - id]));
  for (const [place, piece] of order.entries()) scores.set(model.vocab[piece], -place);
  const vocabulary = Math.max(...scores.keys()) + 1;
  const all = mergesOf(
    { vocab: model.vocab, scores: Array.from({ length: vocabulary }, (_, id) => scores.get(id) ?? 0) },
    where,
  );
  const known = new Set(all.map((merge) => merge.join("\0")));
  const same =
    all.length === merges.length &&
    merges.every((merge, i) => known.has(merge.join("\0")) && merge.join("") === all[i].join(""));
  return same ? { spaced, scores, byteIds: bytes } : "merges that no scores of pieces say";
}

/** Whether a space is put before each text; undefined where spaces are treated in another way. */
function spacing(normalizer: unknown, preTokenizer: unknown): boolean | undefined {
  const json = (part: unknown) => JSON.stringify(part ?? null);
  const { type, pattern, behavior, prepend_scheme, split } = (preTokenizer ?? {}) as Record<string, unknown>;
  if (type === "Metaspace" && prepend_scheme === "never" && split === false && normalizer == null)
    return false;
  // spaces are letters by then
  const cutsNothing = type === "Split" && json(pattern) === '{"String":" "}' && behavior !== "Removed";
  if (preTokenizer != null && !cutsNothing) return undefined;
  const steps = ((normalizer as { normalizers?: unknown[] } | null)?.normalizers ?? [normalizer]).map(json);
  const escaped = json({ type: "Replace", pattern: { String: " " }, content: "▁" });
  if (steps.at(-1) !== escaped || steps.length > 2) return undefined;
  if (steps.length === 1) return false;
  return steps[0] === json({ type: "Prepend", prepend: "▁" }) ? true : undefined;
}
