/**
 * Unigram: of all ways to write a piece as tokens, the one whose scores have the largest sum (Viterbi, in one pass).
 */
import { z } from "zod";
import { byteFallback } from "./byte-fallback.ts";
import type { TokenModel } from "./models.ts";
import { fieldsOf, type Part } from "./part.ts";
import { Trie } from "./trie.ts";

const fields = z.looseObject({
  vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
  unk_id: z.int().min(0).nullish(),
  byte_fallback: z.boolean().default(false),
});

/** How much worse than every token a character is that has none; sentencepiece's. */
const UNKNOWN_PENALTY = 10;

export function unigram(part: Part): TokenModel {
  const { vocab: scored, unk_id, byte_fallback } = fieldsOf(fields, part);
  if (unk_id != null && unk_id >= scored.length)
    throw new Error(`unk_id ${unk_id} of ${scored.length} tokens`);
  const unknown = unk_id ?? -1;
  const vocab = new Map(scored.map(([token], id) => [token, id]));
  const scores = Float64Array.from(scored, ([, score]) => score);
  const unknownScore =
    scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - UNKNOWN_PENALTY;
  const trie = new Trie(vocab, 4 * scored.length);
  const bytesOf = byteFallback(vocab);

  /** Ids of a stretch that the best way leaves to one token, or to several unknown characters together. */
  const idsOf = (text: string): readonly number[] => {
    const id = vocab.get(text);
    if (id !== undefined) return [id];
    const own = byte_fallback ? bytesOf(text) : undefined;
    if (own !== undefined) return own;
    if (unknown < 0)
      throw new Error(
        `characters without a token, and no unknown token: ${JSON.stringify(text.slice(0, 20))}`,
      );
    return [unknown];
  };

  return {
    vocab,
    encode(piece) {
      const n = piece.length;
      const best = new Float64Array(n + 1);
      const from = new Int32Array(n + 1).fill(-1);
      const ids = new Int32Array(n + 1);
      let at = 0;
      let character = 0;
      let alone = false;
      const offer = (id: number, score: number, end: number) => {
        const sum = score + best[at]!;
        if (from[end]! >= 0 && sum <= best[end]!) return;
        best[end] = sum;
        from[end] = at;
        ids[end] = id;
      };
      const found = (id: number, end: number) => {
        if (end === character) alone = true;
        offer(id, scores[id]!, end);
      };
      for (; at < n; at = character) {
        character = at + (piece.codePointAt(at)! > 0xffff ? 2 : 1);
        alone = false;
        trie.at(piece, at, found);
        if (!alone) offer(unknown, unknownScore, character);
      }
      const ends: number[] = [];
      for (let end = n; end > 0; end = from[end]!) {
        // unknown characters side by side are one
        const joins = ids[end] === unknown && ends.length > 0 && ids[ends.at(-1)!] === unknown;
        if (!joins) ends.push(end);
        else from[ends.at(-1)!] = from[end]!;
      }
      return ends.reverse().flatMap((end) => idsOf(piece.slice(from[end], end)));
    },
  };
}
