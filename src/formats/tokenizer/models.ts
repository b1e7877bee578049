/** The `model` of a tokenizer.json: a piece of text → ids of tokens. */
import { bpe } from "./bpe.ts";
import { type Makers, makePart } from "./part.ts";
import { unigram } from "./unigram.ts";
import { wordLevel, wordPiece } from "./word-models.ts";

export interface TokenModel {
  /** Ids by token. */
  readonly vocab: ReadonlyMap<string, number>;
  /** @throws Error where a piece has no tokens and the model none for the unknown */
  encode(piece: string): readonly number[];
}

const makers: Makers<TokenModel> = { BPE: bpe, Unigram: unigram, WordPiece: wordPiece, WordLevel: wordLevel };

export const modelTypes = Object.keys(makers);

/** @throws Error where it is not supported, or damaged */
export const modelOf = (part: unknown): TokenModel => makePart("model", makers, part);
