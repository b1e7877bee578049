/** Models of whole words: WordLevel knows a piece or does not; WordPiece takes the longest beginning that it knows, then the next. */
import { z } from "zod";
import type { TokenModel } from "./models.ts";
import { fieldsOf, type Part } from "./part.ts";

const fields = z.looseObject({
  vocab: z.custom<Readonly<Record<string, number>>>((value) => typeof value === "object" && value !== null),
  unk_token: z.string().default("[UNK]"),
  continuing_subword_prefix: z.string().default("##"),
  max_input_chars_per_word: z.int().min(0).default(100),
});

export function wordLevel(part: Part): TokenModel {
  const { vocab: ids, unk_token } = fieldsOf(fields, part);
  const vocab = new Map(Object.entries(ids));
  return { vocab, encode: (piece) => [vocab.get(piece) ?? unknownOf(vocab, unk_token)] };
}

export function wordPiece(part: Part): TokenModel {
  const file = fieldsOf(fields, part);
  const vocab = new Map(Object.entries(file.vocab));
  return {
    vocab,
    encode(piece) {
      const letters = Array.from(piece);
      const ids: number[] = [];
      if (letters.length > file.max_input_chars_per_word) return [unknownOf(vocab, file.unk_token)];
      for (let start = 0; start < letters.length; ) {
        let end = letters.length;
        let id: number | undefined;
        for (; end > start; end--) {
          const part = letters.slice(start, end).join("");
          id = vocab.get(start === 0 ? part : file.continuing_subword_prefix + part);
          if (id !== undefined) break;
        }
        if (id === undefined) return [unknownOf(vocab, file.unk_token)];
        ids.push(id);
        start = end;
      }
      return ids;
    },
  };
}

function unknownOf(vocab: ReadonlyMap<string, number>, token: string): number {
  const id = vocab.get(token);
  if (id === undefined)
    throw new Error(`a word without a token, and no unknown token ${JSON.stringify(token)}`);
  return id;
}
