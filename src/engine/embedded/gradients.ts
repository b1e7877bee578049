/**
 * Gradients as they come in, micro-batch by micro-batch: one float32 array per tensor, added up.
 */
import { free } from "../onnx/free.ts";
import type { Buffers } from "./buffers.ts";
import { addTo, sumOfSquares } from "./kernels.ts";

export class Gradients {
  readonly tensors = new Map<string, Float32Array>();
  readonly #buffers: Buffers;

  constructor(buffers: Buffers) {
    this.#buffers = buffers;
  }

  /** Where a tensor's first gradient is to be written; undefined once it has one, to which others are added. */
  place(name: string, length: number): Float32Array | undefined {
    if (this.tensors.has(name)) return undefined;
    const total = this.#buffers.room(`gradient ${name}`, length);
    this.tensors.set(name, total);
    return total;
  }

  /** Adds to a tensor's gradient, and frees `values`; nothing where they were written in its place. */
  add(name: string, values: Float32Array): void {
    const total = this.tensors.get(name)!;
    if (total === values) return;
    addTo(total, values);
    free(values);
  }

  /** Adds rows to the rows of a [vocabulary, D] gradient that `tokens` name. */
  addRows(name: string, tokens: Int32Array, rows: Float32Array, width: number): void {
    const total = this.tensors.get(name)!;
    for (let i = 0; i < tokens.length; i++) {
      const to = tokens[i] * width;
      addTo(total.subarray(to, to + width), rows.subarray(i * width, (i + 1) * width));
    }
  }

  /** √Σ g² over every tensor, summed in float64. */
  norm(): number {
    let squares = 0;
    for (const values of this.tensors.values()) squares += sumOfSquares(values);
    return Math.sqrt(squares);
  }
}
