/**
 * Byte-pair encoding: a piece's characters, of which neighbours are merged, those of the lowest rank first.
 *
 * The pairs that can be merged wait in a heap, so that a piece of n characters takes n log n steps, whatever stands in it.
 */
import { z } from "zod";
import { byteFallback } from "./byte-fallback.ts";
import type { TokenModel } from "./models.ts";
import { PairTable } from "./pair-table.ts";
import { fieldsOf, type Part } from "./part.ts";

const fields = z.looseObject({
  vocab: z.custom<Readonly<Record<string, number>>>((value) => typeof value === "object" && value !== null),
  merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])).default([]),
  dropout: z.literal(0).nullish(),
  unk_token: z.string().nullish(),
  continuing_subword_prefix: z.string().nullish(),
  end_of_word_suffix: z.string().nullish(),
  fuse_unk: z.boolean().default(false),
  byte_fallback: z.boolean().default(false),
  ignore_merges: z.boolean().nullish(),
});

/** Pieces that are remembered, and the longest of them. */
const KNOWN = 2 ** 15;
const KNOWN_LETTERS = 64;
/** A place in a piece, as the low part of a number whose high part is a rank. */
const PLACES = 2 ** 30;

export function bpe(part: Part): TokenModel {
  const file = fieldsOf(fields, part);
  const { unk_token, fuse_unk, byte_fallback, ignore_merges } = file;
  const prefix = file.continuing_subword_prefix ?? "";
  const suffix = file.end_of_word_suffix ?? "";
  const vocab = new Map(Object.entries(file.vocab));
  // GGUF's merges may pass through parts that are no tokens, as llama.cpp merges texts
  const symbols = new Map(vocab);
  const tokens = vocab.size === 0 ? 0 : 1 + Array.from(vocab.values()).reduce((a, b) => Math.max(a, b));
  const symbolOf = (text: string): number => {
    const id = symbols.get(text) ?? tokens + symbols.size;
    symbols.set(text, id);
    return id;
  };
  const ranks = new PairTable(file.merges.length);
  const made = new Int32Array(file.merges.length);
  for (const [rank, merge] of file.merges.entries()) {
    const [left, right] = typeof merge === "string" ? twoOf(merge) : merge;
    ranks.set(symbolOf(left), symbolOf(right), rank);
    made[rank] = symbolOf(left + right.slice(prefix.length));
  }
  const bytesOf = byteFallback(vocab);

  /** The characters' ids; those that are unknown stand for themselves together where they are fused. */
  const charactersOf = (piece: string): number[] => {
    const ids: number[] = [];
    let unknown: number | undefined;
    const flush = () => {
      if (unknown !== undefined) ids.push(unknown);
      unknown = undefined;
    };
    let at = 0;
    for (const character of piece) {
      const end = at + character.length;
      const token = (at === 0 ? "" : prefix) + character + (end === piece.length ? suffix : "");
      at = end;
      const id = symbols.get(token);
      if (id !== undefined) {
        flush();
        ids.push(id);
        continue;
      }
      const own = byte_fallback ? bytesOf(token) : undefined;
      if (own !== undefined) {
        ids.push(...own);
        continue;
      }
      if (unk_token == null) continue;
      if (!fuse_unk) flush();
      unknown = vocab.get(unk_token);
      if (unknown === undefined)
        throw new Error(`the unknown token ${unk_token}, which is not in the vocabulary`);
    }
    flush();
    return ids;
  };

  const mergedOf = (piece: string): readonly number[] => {
    const ids = merged(charactersOf(piece), ranks, made);
    return symbols.size === vocab.size ? ids : ids.filter((id) => id < tokens);
  };

  const known = new Map<string, readonly number[]>();
  return {
    vocab,
    encode(piece) {
      const before = known.get(piece);
      if (before !== undefined) return before;
      const whole = ignore_merges ? vocab.get(piece) : undefined;
      const ids = whole === undefined ? mergedOf(piece) : [whole];
      if (known.size < KNOWN && piece.length <= KNOWN_LETTERS) known.set(piece, ids);
      return ids;
    },
  };
}

function twoOf(merge: string): [string, string] {
  const parts = merge.split(" ");
  if (parts.length !== 2)
    throw new Error(`a merge of two tokens expected, ${JSON.stringify(merge.slice(0, 40))} found`);
  return parts as [string, string];
}

/**
 * @param ranks  of each pair of ids that is merged
 * @param made   the id that the pair of a rank becomes
 */
function merged(ids: number[], ranks: PairTable, made: Int32Array): readonly number[] {
  const n = ids.length;
  if (n < 2) return ids;
  const next = Int32Array.from({ length: n }, (_, i) => i + 1);
  const before = Int32Array.from({ length: n }, (_, i) => i - 1);
  const heap: number[] = [];
  const offer = (at: number) => {
    const right = next[at]!;
    const rank = right < n ? ranks.get(ids[at]!, ids[right]!) : -1;
    if (rank >= 0) push(heap, rank * PLACES + at);
  };
  for (let at = 0; at < n - 1; at++) offer(at);
  while (heap.length > 0) {
    const lowest = pop(heap);
    const at = lowest % PLACES;
    const right = next[at]!;
    if (ids[at]! < 0 || right >= n) continue;
    const id = made[(lowest - at) / PLACES]!;
    // what waited may have changed meanwhile
    const rank = ranks.get(ids[at]!, ids[right]!);
    if (rank < 0 || made[rank] !== id) continue;
    ids[at] = id;
    ids[right] = -1;
    next[at] = next[right]!;
    if (next[at]! < n) before[next[at]!] = at;
    if (before[at]! >= 0) offer(before[at]!);
    offer(at);
  }
  return ids.filter((id) => id >= 0);
}

/** A heap of numbers, the lowest at the top. */
function push(heap: number[], value: number): void {
  let at = heap.push(value) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = value;
}

function pop(heap: number[]): number {
  const top = heap[0]!;
  const value = heap.pop()!;
  const n = heap.length;
  if (n === 0) return top;
  let at = 0;
  for (let child = 1; child < n; child = 2 * at + 1) {
    if (child + 1 < n && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
  return top;
}
