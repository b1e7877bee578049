/**
 * Long sequences: the blocks of rows that attention is computed in, and the keys that each sees.
 *
 * A sequence no longer than a block is attended to as a whole, with a mask (masks.ts).
 */
import { array, type Values } from "../onnx/run.ts";
import type { MicroBatch } from "./micro-batch.ts";

/** Most rows of a block. */
export const BLOCK = 256;
/** The place of a key that none sees; above any real one, and exact in float32. */
const NOWHERE = 2n ** 24n;
/** Wider than any text. */
const NO_WINDOW = 2 ** 24;

export const isLong = (length: number): boolean => length > BLOCK;

/** As many places as equal blocks hold a sequence of this length in. */
export function inWholeBlocks(length: number): number {
  const blocks = Math.ceil(length / BLOCK);
  return blocks * Math.ceil(length / blocks);
}

/** [blocks, 4] for so many rows: the first and the end of each, and those of the keys that they see. */
function bounds(
  rows: number,
  keysOf: (from: number, end: number) => readonly [from: number, end: number],
): Values<BigInt64Array> {
  const blocks = Math.ceil(rows / BLOCK);
  const length = rows / blocks;
  const all = Array.from({ length: blocks }, (_, block) => {
    const [from, end] = [block * length, (block + 1) * length];
    return [from, end, ...keysOf(from, end)].map(BigInt);
  });
  return array(BigInt64Array.from(all.flat()), blocks, 4);
}

const window = (tokens = NO_WINDOW): Values<BigInt64Array> => array(BigInt64Array.of(BigInt(tokens)));

/** What P prompts of S places are told of themselves. */
export function promptBlocks(P: number, S: number, tokens: number | undefined): Record<string, Values> {
  const first = (from: number) => Math.max(0, from + 1 - (tokens ?? NO_WINDOW));
  return {
    window: window(tokens),
    promptBounds: bounds(S, (from, end) => [first(from), end]),
    promptPlace: array(
      BigInt64Array.from({ length: P * S }, (_, i) => BigInt(i % S)),
      P,
      S,
    ),
  };
}

/** What answers are told: where their rows stand in their sequences, and the keys of their prompts and of themselves. */
export function answerBlocks(
  { promptLength: S, answerLength: T, before }: Pick<MicroBatch, "promptLength" | "answerLength" | "before">,
  tokens: number | undefined,
): Record<string, Values> {
  const A = before.length;
  const answerPlace = new BigInt64Array(A * T);
  const keyPlace = new BigInt64Array(A * (S + T)).fill(NOWHERE);
  before.forEach((seen, a) => {
    for (let s = 0; s < seen; s++) keyPlace[a * (S + T) + s] = BigInt(s);
    for (let t = 0; t < T; t++) answerPlace[a * T + t] = BigInt(seen + t);
    keyPlace.set(answerPlace.subarray(a * T, (a + 1) * T), a * (S + T) + S);
  });
  /** The first key that a row t of any answer sees: of the answers themselves, or of the shortest prompt. */
  const first = (t: number) => {
    const ago = t + 1 - (tokens ?? NO_WINDOW);
    return ago >= 0 ? S + ago : Math.max(0, Math.min(...before) + ago);
  };
  return {
    answerBounds: bounds(T, (from, end) => [first(from), S + end]),
    answerPlace: array(answerPlace, A, T),
    keyPlace: array(keyPlace, A, S + T),
  };
}
