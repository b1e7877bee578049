/**
 * The loops over all weights, in WebAssembly (`kernels.wat`): bit for bit what the same loops give in JavaScript.
 *
 * Kernels work in a small memory of their own that a core's cache holds, and arrays go through it block by block: so
 * they may lie anywhere and be of any length.
 */
import { blockOf, LARGEST_BLOCK, signs } from "../../autodiff/turn.ts";
import { KERNELS } from "./kernels-wasm.ts";

/** Numbers of a block. */
const BLOCK = 4096;
/** A kernel takes four at a time. */
const LANES = 4;
/** Numbers of the panel, and the rows of it that have a factor. */
const [PANEL, ROWS] = [2 ** 18, 2 ** 10];
/** Steps of eight bits from 0 to the largest number. */
const STEPS = 127;

/** Of AdamW, the same for every weight: the factors of the formula in `kernels.wat`. */
export interface AdamWFactors {
  readonly clip: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly rate: number;
  readonly correction: number;
  readonly epsilon: number;
  readonly decay: number;
}

/** What the module exports: kernels on its blocks, up to a number of bytes. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  add(end: number): void;
  squares(end: number): void;
  adamw(end: number, ...factors: number[]): void;
  turn(end: number, block: number): void;
  peaks(end: number, width: number): void;
  round(rows: number, width: number): void;
}

/** What is used of it: Node's types leave it out. */
interface Wasm {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
}

const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
const kernels = new Instance(new Module(Buffer.from(KERNELS, "base64"))).exports as Exports;
const { buffer } = kernels.memory;
const blocks = [0, 1, 2, 3].map((block) => new Float32Array(buffer, 4 * BLOCK * block, BLOCK));
const sums = new Float64Array(buffer, 4 * BLOCK * blocks.length, 4);
const factors = new Float32Array(buffer, 69_632, ROWS);
const blockSigns = new Float32Array(buffer, 73_728, LARGEST_BLOCK);
const panel = new Float32Array(buffer, 131_072, PANEL);
const rounded = new Int8Array(buffer, 1_179_648, PANEL);

/** `total` + `values`, in place, in float32. */
export function addTo(total: Float32Array, values: Float32Array): void {
  const [to, from] = blocks;
  for (let at = 0; at < total.length; at += BLOCK) {
    const part = total.subarray(at, at + BLOCK);
    to.set(part);
    from.set(values.subarray(at, at + BLOCK));
    kernels.add(bytes(part));
    part.set(to.subarray(0, part.length));
  }
}

/** Σ x², in float64. */
export function sumOfSquares(values: Float32Array): number {
  const [block] = blocks;
  sums.fill(0);
  for (let at = 0; at < values.length; at += BLOCK) {
    const part = values.subarray(at, at + BLOCK);
    block.set(part);
    block.fill(0, part.length);
    kernels.squares(bytes(part));
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

/**
 * A step of AdamW on one tensor, in place.
 *
 * @returns  Σ (θ before − θ)² and Σ θ² before
 */
export function adamwOn(
  theta: Float32Array,
  grad: Float32Array,
  mean: Float32Array,
  square: Float32Array,
  { clip, beta1, beta2, rate, correction, epsilon, decay }: AdamWFactors,
): { readonly moved: number; readonly before: number } {
  const arrays = [theta, grad, mean, square];
  sums.fill(0);
  for (let at = 0; at < theta.length; at += BLOCK) {
    const parts = arrays.map((array) => array.subarray(at, at + BLOCK));
    const count = parts[0].length;
    parts.forEach((part, i) => {
      blocks[i].set(part);
      // past the end of a tensor: a weight of 0 that stays there, whatever ε is
      blocks[i].fill(i < 3 ? 0 : 1, count);
    });
    kernels.adamw(bytes(parts[0]), clip, beta1, beta2, rate, correction, epsilon, decay);
    for (const i of [0, 2, 3]) parts[i].set(blocks[i].subarray(0, count));
  }
  return { moved: sums[0] + sums[1], before: sums[2] + sums[3] };
}

/**
 * A matrix of rows of so many numbers, its rows turned (autodiff/turn.ts) and rounded to eight bits by their own scales.
 *
 * @param to      [width, rows], as integer products like it
 * @param scales  of each row: what a step of its bytes is worth
 */
export function roundTurned(matrix: Float32Array, width: number, to: Int8Array, scales: Float32Array): void {
  const [block, count] = [blockOf(width), scales.length];
  const room = LANES * Math.ceil(width / LANES);
  const most = Math.min(ROWS, LANES * Math.floor(PANEL / room / LANES));
  const unit = STEPS * Math.sqrt(block);
  blockSigns.forEach((_, i) => {
    blockSigns[i] = signs[i % block];
  });
  for (let first = 0; first < count; first += most) {
    const rows = Math.min(most, count - first);
    const height = LANES * Math.ceil(rows / LANES);
    const taken = panel.subarray(0, height * room);
    if (room === width) taken.set(matrix.subarray(first * width, (first + rows) * width));
    else
      for (let row = 0; row < rows; row++) {
        taken.fill(0, row * room + width, (row + 1) * room);
        taken.set(matrix.subarray((first + row) * width, (first + row + 1) * width), row * room);
      }
    taken.fill(0, rows * room);
    kernels.turn(taken.byteLength, block);
    kernels.peaks(taken.byteLength, 4 * room);
    for (let row = 0; row < height; row++) {
      const peak = factors[row];
      if (row < rows) scales[first + row] = peak / unit;
      factors[row] = peak === 0 ? 0 : STEPS / peak;
    }
    kernels.round(height, 4 * room);
    for (let column = 0; column < width; column++)
      to.set(rounded.subarray(column * height, column * height + rows), column * count + first);
  }
}

const bytes = (part: Float32Array) => 4 * LANES * Math.ceil(part.length / LANES);
