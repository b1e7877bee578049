/**
 * Gradients as they come in, micro-batch by micro-batch: one float32 array per tensor, added up.
 */
import { type Buffers, free } from "./buffers.ts";

export class Gradients {
  readonly tensors = new Map<string, Float32Array>();
  readonly #buffers: Buffers;

  constructor(buffers: Buffers) {
    this.#buffers = buffers;
  }

  /** Adds to a tensor's gradient, and frees `values`. */
  add(name: string, values: Float32Array): void {
    const total = this.tensors.get(name);
    if (total === undefined) {
      this.tensors.set(name, this.#buffers.hold(`gradient ${name}`, values));
      return;
    }
    for (let i = 0; i < total.length; i++) total[i] += values[i];
    free(values);
  }

  /** Adds rows to the rows of a [vocabulary, D] gradient that `tokens` name. */
  addRows(name: string, tokens: Int32Array, rows: Float32Array, width: number): void {
    const total = this.tensors.get(name)!;
    for (let i = 0; i < tokens.length; i++) {
      const to = tokens[i] * width;
      for (let d = 0; d < width; d++) total[to + d] += rows[i * width + d];
    }
  }

  /** √Σ g² over every tensor, summed in float64. */
  norm(): number {
    let squares = 0;
    for (const values of this.tensors.values()) squares += sumOfSquares(values);
    return Math.sqrt(squares);
  }
}

function sumOfSquares(values: Float32Array): number {
  // Four running sums, so that one addition need not wait for the last.
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i] * values[i];
  return a + b + c + d;
}
