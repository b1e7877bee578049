/**
 * The rows of a micro-batch that predict tokens: those of its answers, one after the other, without padding.
 */
import type { MicroBatch } from "./micro-batch.ts";

/** Every answer's rows of `all` [N, width] → [targets, width]; a view where they stand together already. */
export function answerRows(batch: MicroBatch, all: Float32Array, width: number): Float32Array {
  const { starts, lengths, targets, tokens } = batch;
  if (starts[0] + targets.length === tokens.length) return all.subarray(starts[0] * width);
  const rows = new Float32Array(targets.length * width);
  let to = 0;
  starts.forEach((start, a) => {
    rows.set(all.subarray(start * width, (start + lengths[a]) * width), to * width);
    to += lengths[a];
  });
  return rows;
}

/** The way back: `rows` [targets, width] in their places among zeros [N, width]. */
export function amongAll(batch: MicroBatch, rows: Float32Array, width: number): Float32Array {
  const { starts, lengths, tokens } = batch;
  const all = new Float32Array(tokens.length * width);
  let from = 0;
  starts.forEach((start, a) => {
    all.set(rows.subarray(from * width, (from + lengths[a]) * width), start * width);
    from += lengths[a];
  });
  return all;
}
