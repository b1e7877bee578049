/**
 * What is added to attention scores, so that a token sees what came before it and no more: all of it, or a window.
 *
 * With a window of W a token at position i sees positions i − W + 1 to i.
 */
import { HIDDEN } from "../../models/decoder.ts";
import type { MicroBatch } from "./micro-batch.ts";

/** [n, n]: each row sees itself and what came before. */
export function causalMask(n: number, window = n): Float32Array {
  const mask = new Float32Array(n * n).fill(HIDDEN);
  for (let row = 0; row < n; row++) mask.fill(0, row * n + Math.max(0, row + 1 - window), row * n + row + 1);
  return mask;
}

/** [A, T, S + T]: cell t of an answer sees the tokens of its prompt, and its own up to t. */
export function answerMask(
  { promptLength: S, answerLength: T, before }: Pick<MicroBatch, "promptLength" | "answerLength" | "before">,
  window = Number.POSITIVE_INFINITY,
): Float32Array {
  const mask = new Float32Array(before.length * T * (S + T)).fill(HIDDEN);
  before.forEach((seen, a) => {
    for (let t = 0; t < T; t++) {
      const row = (a * T + t) * (S + T);
      const first = seen + t + 1 - window;
      mask.fill(0, row + Math.min(seen, Math.max(0, first)), row + seen);
      mask.fill(0, row + S + Math.max(0, first - seen), row + S + t + 1);
    }
  });
  return mask;
}
