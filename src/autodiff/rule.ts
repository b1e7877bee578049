/**
 * A row of the op table, and the shapes that most rows share.
 */
import { ShapeError } from "../errors.ts";
import { type Dim, product, type Shape, showShape, size } from "./dims.ts";
import type { Attribute, DType, Program, Tensor } from "./tensor.ts";

/** What an op needs of the graph being written: nodes, and vectors of int64 that may be known only at run time. */
export interface Emitter {
  /** Appends a node ("domain:Type" or "Type") and names its output; `output` picks one where it has several. */
  node(
    type: string,
    inputs: readonly string[],
    attributes?: Record<string, Attribute>,
    output?: number,
  ): string;
  /** An int64 vector of dimensions. */
  dims(dims: readonly Dim[]): string;
  /** A number of the given type. */
  scalar(value: number, dtype: DType): string;
  /** A matrix of so many columns. @param key  matrices of one key are one */
  matrix(key: string, columns: number, values: Float32Array): string;
  /** What a program computes on values of this graph, by the names of its inputs and outputs. */
  program(program: Program, given: Readonly<Record<string, string>>): Record<string, string>;
  /**
   * Repeats a body `count` times, a scalar. What it makes of the carried values is carried to its next round; what it
   * makes beside is stacked, round by round, along a new first axis.
   *
   * @param key  loops of one key are one
   */
  loop(key: string, count: string, carried: readonly string[], dtype: DType, body: LoopBody): string[];
}

/** A round of a loop → the carried values anew, then what is stacked. It may name values of the graph around it. */
export type LoopBody = (inner: Emitter, round: string, carried: readonly string[]) => readonly string[];

type Type = { readonly shape: Shape; readonly dtype: DType };

export interface Rule {
  /** The result's shape and type, or a ShapeError. */
  type(inputs: readonly Tensor[], attributes: Tensor["attributes"]): Type;
  /** The name of an ONNX op with the same inputs and attributes, or what to write instead. */
  readonly onnx: string | ((emit: Emitter, inputs: readonly string[], tensor: Tensor) => string);
  /** The cotangent of each input, given that of the result; undefined where none flows. Left out: none flows at all. */
  grad?(dy: Tensor, tensor: Tensor): readonly (Tensor | undefined)[];
  /** Floating-point operations, of the ops that are matrix products: beside them the others' do not count. */
  flops?(tensor: Tensor): Dim;
}

function mismatch(op: string, expected: string, inputs: readonly Tensor[]): never {
  throw new ShapeError({
    where: op,
    expected,
    got: inputs.map((each) => `${each.dtype}${showShape(each.shape)}`).join(" and "),
    next: "Reshape or cast the inputs first.",
  });
}

export function sameType(op: string, inputs: readonly Tensor[]): DType {
  if (inputs.some((each) => each.dtype !== inputs[0].dtype)) mismatch(op, "inputs of one type", inputs);
  return inputs[0].dtype;
}

/** NumPy's rule: aligned from the right, each pair of dimensions equal or one of them 1. */
export function broadcastShape(op: string, inputs: readonly Tensor[]): Shape {
  const rank = Math.max(...inputs.map((each) => each.shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result: Dim = 1;
    for (const { shape } of inputs) {
      const dim = shape[axis - rank + shape.length] ?? 1;
      if (dim === 1 || dim === result) continue;
      if (result !== 1) mismatch(op, "shapes that broadcast", inputs);
      result = dim;
    }
    return result;
  });
}

export const same: Rule["type"] = ([x]) => ({ shape: x.shape, dtype: x.dtype });
/** As `same`, for kernels that exist in float32 alone. */
export const single =
  (op: string): Rule["type"] =>
  ([x]) =>
    x.dtype === "f32" ? { shape: x.shape, dtype: x.dtype } : mismatch(op, "float32", [x]);
export const broadcast =
  (op: string): Rule["type"] =>
  (inputs) => ({ shape: broadcastShape(op, inputs), dtype: sameType(op, inputs) });
export const compare =
  (op: string): Rule["type"] =>
  (inputs) => ({ shape: broadcastShape(op, inputs), dtype: sameType(op, inputs) && "bool" });

/** The shape that replaces `axis` by `dim`. */
export const withDim = (shape: Shape, axis: number, dim: Dim): Shape =>
  shape.map((each, i) => (i === axis ? dim : each));

export function reshapeType([x]: readonly Tensor[], to: Shape): Type {
  if (size(x.shape) !== product(...to)) mismatch("Reshape", `as many elements as ${showShape(to)}`, [x]);
  return { shape: to, dtype: x.dtype };
}

/** Batched matrix product, op(a)·op(b) over the last two axes; b may be a single matrix. */
export function matmulType(inputs: readonly Tensor[], attributes: Tensor["attributes"]): Type {
  const [a, b] = inputs;
  const dtype = sameType("MatMul", inputs);
  if (a.shape.length < 2 || b.shape.length < 2) mismatch("MatMul", "at least two dimensions each", inputs);
  const [ra, ca] = a.shape.slice(-2);
  const [rb, cb] = b.shape.slice(-2);
  const [rows, inner] = attributes.transA ? [ca, ra] : [ra, ca];
  const [inner2, columns] = attributes.transB ? [cb, rb] : [rb, cb];
  if (inner !== inner2) mismatch("MatMul", "inner dimensions that agree", inputs);
  const batch = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  if (batchB.length > 0 && (batchB.length !== batch.length || batchB.some((dim, i) => dim !== batch[i])))
    mismatch("MatMul", "equal leading dimensions, or a single matrix on the right", inputs);
  return { shape: [...batch, rows, columns], dtype };
}

/** Rows [N, D] in float32, a matrix [D, M] of eight bits, and the scales [M] of its columns. */
export function int8MatmulType(inputs: readonly Tensor[]): Type {
  const [x, weight, scale] = inputs;
  const fits = x.shape.length === 2 && x.shape[1] === weight.shape[0] && weight.shape[1] === scale.shape[0];
  if (!fits || x.dtype !== "f32" || weight.dtype !== "i8" || scale.dtype !== "f32")
    mismatch("Int8MatMul", "f32[N, D], i8[D, M] and f32[M]", inputs);
  return { shape: [x.shape[0], weight.shape[1]], dtype: "f32" };
}

/** Scores [B, H, G, L, W] and values [B, H, W, d]. */
export function softmaxMatmulType(inputs: readonly Tensor[]): Type {
  const [scores, values] = inputs;
  const [b, h, g, l, w] = scores.shape;
  const [vb, vh, vw, d] = values.shape;
  if (scores.shape.length !== 5 || values.shape.length !== 4 || b !== vb || h !== vh || w !== vw)
    mismatch("SoftmaxMatMul", "scores [B, H, G, L, W] and values [B, H, W, d]", inputs);
  return { shape: [b, h, g, l, d], dtype: sameType("SoftmaxMatMul", inputs) };
}
