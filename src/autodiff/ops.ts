/**
 * The ops: one row each, with its shape, its ONNX node and its gradient; and one function each, by which
 * programs are written.
 *
 * A gradient is itself written in ops. `dy` is the cotangent of the result: d loss / d result.
 */
import { ShapeError } from "../errors.ts";
import { emitBlocks, outside, shapeOutside } from "./blocks.ts";
import { type Dim, product, type Shape, sameShape, sum as sumDims } from "./dims.ts";
import {
  broadcast,
  broadcastShape,
  compare,
  type Emitter,
  int8MatmulType,
  matmulType,
  type Rule,
  reshapeType,
  same,
  sameType,
  single,
  softmaxMatmulType,
  withDim,
} from "./rule.ts";
import { type Attribute, constant, type DType, type Tensor } from "./tensor.ts";
import { blockOf, turnMatrix } from "./turn.ts";

type Writing = [emit: Emitter, inputs: readonly string[], tensor: Tensor];

/** ONNX's numbers of types. */
export const onnxType: Readonly<Record<DType, number>> = { f32: 1, i8: 3, i64: 7, bool: 9, f64: 11 };

// biome-ignore format: one row per op
export const ops = {
  // Elementwise
  Add:     { type: broadcast("Add"), onnx: "Add", grad: (dy, { inputs: [a, b] }) => [unbroadcast(dy, a), unbroadcast(dy, b)] },
  Sub:     { type: broadcast("Sub"), onnx: "Sub", grad: (dy, { inputs: [a, b] }) => [unbroadcast(dy, a), unbroadcast(neg(dy), b)] },
  Mul:     { type: broadcast("Mul"), onnx: "Mul", grad: (dy, { inputs: [a, b] }) => [unbroadcast(mul(dy, b), a), unbroadcast(mul(dy, a), b)] },
  Div:     { type: broadcast("Div"), onnx: "Div", grad: (dy, y) => { const [a, b] = y.inputs; const da = div(dy, b); return [unbroadcast(da, a), unbroadcast(neg(mul(da, y)), b)]; } },
  Neg:     { type: same, onnx: "Neg", grad: (dy) => [neg(dy)] },
  Exp:     { type: same, onnx: "Exp", grad: (dy, y) => [mul(dy, y)] },
  Log:     { type: same, onnx: "Log", grad: (dy, { inputs: [x] }) => [div(dy, x)] },
  Sqrt:    { type: same, onnx: "Sqrt", grad: (dy, y) => [div(mul(dy, 0.5), y)] },
  Sigmoid: { type: same, onnx: "Sigmoid", grad: (dy, y) => [mul(dy, mul(y, sub(1, y)))] },
  /** x·σ(x); y′ = σ + y·(1 − σ). */
  Silu:    { type: same, onnx: (emit, [x], { dtype }) => dtype === "f32" ? emit.node("com.microsoft:QuickGelu", [x], { alpha: 1 }) : emit.node("Mul", [x, emit.node("Sigmoid", [x])]),
             grad: (dy, y) => { const s = sigmoid(y.inputs[0]); return [mul(dy, add(s, sub(y, mul(y, s))))]; } },
  Tanh:    { type: same, onnx: "Tanh", grad: (dy, y) => [mul(dy, sub(1, mul(y, y)))] },
  /** x·σ(2u) with u = √(2/π)·(x + 0.044715·x³), which is ½x·(1 + tanh u); y′ = σ + y·(1 − σ)·2u′. */
  GeluTanh: { type: same, onnx: (emit, [x], { dtype }) => dtype === "f32" ? emit.node("com.microsoft:FastGelu", [x]) : emitGeluTanh(emit, x, dtype),
             grad: (dy, y) => { const [x] = y.inputs; const x2 = mul(x, x); const s = sigmoid(mul(x, add(mul(x2, GELU * CUBIC), GELU))); return [mul(dy, add(s, mul(mul(y, sub(1, s)), add(mul(x2, 3 * GELU * CUBIC), GELU))))]; } },
  Cast:    { type: ([x], { to }) => ({ shape: x.shape, dtype: to as DType }), onnx: (emit, [x], { dtype }) => emit.node("Cast", [x], { to: onnxType[dtype] }), grad: (dy, { inputs: [x] }) => [cast(dy, x.dtype)] },
  StopGradient: { type: same, onnx: (_, [x]) => x },

  // Choice: no gradient flows through a condition
  Greater:        { type: compare("Greater"), onnx: "Greater" },
  GreaterOrEqual: { type: compare("GreaterOrEqual"), onnx: "GreaterOrEqual" },
  Where:   { type: ([c, a, b]) => ({ shape: broadcastShape("Where", [c, a, b]), dtype: sameType("Where", [a, b]) }), onnx: "Where",
             grad: (dy, { inputs: [c, a, b] }) => [undefined, unbroadcast(where(c, dy, 0), a), unbroadcast(where(c, 0, dy), b)] },

  // Along an axis, which stays with length 1
  Sum:     { type: ([x], { axis }) => ({ shape: withDim(x.shape, axis as number, 1), dtype: x.dtype }), onnx: (emit, [x], { attributes }) => emit.node("ReduceSum", [x, emit.dims([attributes.axis as number])], { keepdims: 1 }),
             grad: (dy, { inputs: [x] }) => [expand(dy, x.shape)] },
  Max:     { type: ([x], { axis }) => ({ shape: withDim(x.shape, axis as number, 1), dtype: x.dtype }), onnx: (emit, [x], { attributes }) => emit.node("ReduceMax", [x, emit.dims([attributes.axis as number])], { keepdims: 1 }) },
  Min:     { type: ([x], { axis }) => ({ shape: withDim(x.shape, axis as number, 1), dtype: x.dtype }), onnx: (emit, [x], { attributes }) => emit.node("ReduceMin", [x, emit.dims([attributes.axis as number])], { keepdims: 1 }) },
  /** Of each entry along an axis the sum up to and with it, in order. */
  CumSum:  { type: same, onnx: (emit, [x], { attributes }) => emit.node("CumSum", [x, emit.scalar(attributes.axis as number, "i64")]) },
  /** Where along an axis the largest stands, int64; the first of equals. */
  ArgMax:  { type: ([x], { axis }) => ({ shape: withDim(x.shape, axis as number, 1), dtype: "i64" }), onnx: (emit, [x], { attributes }) => emit.node("ArgMax", [x], { axis: attributes.axis, keepdims: 1 }) },
  /** Over the last axis; dx = y·(dy − Σ dy·y). */
  Softmax: { type: same, onnx: (emit, [x]) => emit.node("Softmax", [x], { axis: -1 }), grad: (dy, y) => { const last = y.shape.length - 1; return [mul(y, sub(dy, sum(mul(dy, y), last)))]; } },
  /**
   * log Σ exp over the last axis, as max x − log max softmax(x): exact where a softmax has underflowed, and
   * the softmax that the gradient needs is computed once.
   */
  LogSumExp: { type: ([x]) => ({ shape: withDim(x.shape, x.shape.length - 1, 1), dtype: x.dtype }),
             onnx: (emit, [x], { inputs: [{ shape }] }) => { const last = emit.dims([shape.length - 1]); const peak = emit.node("ReduceMax", [emit.node("Softmax", [x], { axis: -1 }), last], { keepdims: 1 }); return emit.node("Sub", [emit.node("ReduceMax", [x, last], { keepdims: 1 }), emit.node("Log", [peak])]); },
             grad: (dy, { inputs: [x] }) => [mul(softmax(x), dy)] },
  /** x / √(mean x² + ε) · weight over the last axis. With x̂ = x·scale and dŷ = dy·weight: dx = (dŷ − x̂·mean(dŷ·x̂))·scale. */
  RmsNorm: { type: single("RmsNorm"), onnx: (emit, inputs, { attributes: { epsilon } }) => emit.node("SimplifiedLayerNormalization", inputs, { axis: -1, epsilon }),
             grad: (dy, { inputs: [x, weight], attributes: { epsilon } }) => { const last = x.shape.length - 1; const scale = make("RmsScale", [x, weight], { epsilon }); const unit = mul(x, scale); const dunit = mul(dy, weight); return [mul(sub(dunit, mul(unit, mul(sum(mul(dunit, unit), last), 1 / (x.shape[last] as number)))), scale), unbroadcast(mul(dy, unit), weight)]; } },
  /** 1 / √(mean x² + ε) over the last axis: the second result of the same node. */
  RmsScale: { type: ([x]) => ({ shape: withDim(x.shape, x.shape.length - 1, 1), dtype: x.dtype }), onnx: (emit, inputs, { attributes: { epsilon } }) => emit.node("SimplifiedLayerNormalization", inputs, { axis: -1, epsilon }, 1) },

  // Products
  /** alpha · op(a)·op(b): a transpose costs nothing, it is an attribute. */
  MatMul:  { type: matmulType, onnx: emitMatmul,
             flops: ({ inputs: [a], attributes: { transA }, shape }) => product(2, ...shape, a.shape[a.shape.length - (transA ? 2 : 1)]),
             grad: (dy, { inputs: [a, b], attributes: { transA, transB, alpha } }) => {
               const by = { alpha: alpha as number };
               const da = transA ? matmul(b, dy, { ...by, transA: !!transB, transB: true }) : matmul(dy, b, { ...by, transB: !transB });
               // A single matrix on the right was shared by the whole batch: its gradient is one product over all rows.
               const [left, right] = b.shape.length < a.shape.length ? [rows(a), rows(dy)] : [a, dy];
               const db = transB ? matmul(right, left, { ...by, transA: true, transB: !!transA }) : matmul(left, right, { ...by, transA: !transA });
               return [da, db];
             } },
  /** Each block of the rows of x [N, D], turned (turn.ts). */
  Turn:    { type: single("Turn"), onnx: emitTurn, flops: ({ shape }) => product(2, ...shape, blockOf(shape[1] as number)) },
  /** x·W of W's eight bits and columns' scales. Each row of x is rounded to eight bits by a scale of its own, so that no row depends on another. */
  Int8MatMul: { type: int8MatmulType, onnx: emitInt8Matmul, flops: ({ inputs: [x], shape }) => product(2, ...shape, x.shape[1]) },
  /**
   * Rotary position embedding of x [N, heads·headDim] by rows of cos, sin [positions, turned/2]; its gradient turns back.
   * All of a head is turned, or of each of `heads` its first `turned` numbers.
   */
  Rope:    { type: single("Rope"), onnx: (emit, [x, position, cos, sin], { shape: [, width], attributes: { heads, turned } }) => emit.node("Reshape", [emit.node("com.microsoft:RotaryEmbedding", [emit.node("Reshape", [x, emit.dims([-1, 1, width])]), emit.node("Reshape", [position, emit.dims([-1, 1])]), cos, sin], heads === undefined ? {} : { num_heads: heads, rotary_embedding_dim: turned }), emit.dims([-1, width])]),
             grad: (dy, { inputs: [, position, cos, sin], attributes }) => [make("Rope", [dy, position, cos, neg(sin)], attributes), undefined, undefined, undefined] },
  /**
   * softmax(scores)·values: [B, H, G, L, W] and [B, H, W, d] → [B, H, G, L, d]. As y = p·v, Σ dp·p = Σ dy·y, which is
   * shorter by W / d: ds = p·(dy·vᵀ − Σ dy·y).
   */
  SoftmaxMatMul: { type: softmaxMatmulType, onnx: (emit, [scores, values], { inputs: [{ shape: [b, h, g, l, w] }], shape }) => { const p = emit.node("Reshape", [emit.node("Softmax", [scores], { axis: -1 }), emit.dims([b, h, product(g, l), w])]); return emit.node("Reshape", [emit.node("com.microsoft:FusedMatMul", [p, values], { transA: 0, transB: 0, alpha: 1 }), emit.dims(shape)]); },
             flops: ({ inputs: [{ shape }], shape: to }) => product(2, ...shape, to[4]),
             grad: (dy, y) => { const [scores, v] = y.inputs; const p = softmax(scores); const dp = reshape(matmul(queries(dy), v, { transB: true }), scores.shape); return [mul(p, sub(dp, sum(mul(dy, y), 4))), matmul(queries(p), queries(dy), { transA: true })]; } },

  // Moving
  Reshape:   { type: (inputs, { to }) => reshapeType(inputs, to as Shape), onnx: (emit, [x], { inputs, shape }) => emit.node("Reshape", [x, emit.dims(inferred(inputs[0].shape, shape))]), grad: (dy, { inputs: [x] }) => [reshape(dy, x.shape)] },
  Expand:    { type: ([x], { to }) => ({ shape: to as Shape, dtype: x.dtype }), onnx: (emit, [x], { shape }) => emit.node("Expand", [x, emit.dims(shape)]), grad: (dy, { inputs: [x] }) => [unbroadcast(dy, x)] },
  Transpose: { type: ([x], { perm }) => ({ shape: (perm as number[]).map((axis) => x.shape[axis]), dtype: x.dtype }), onnx: (emit, [x], { attributes }) => emit.node("Transpose", [x], { perm: attributes.perm }),
               grad: (dy, { attributes: { perm } }) => [transpose(dy, (perm as number[]).map((_, i) => (perm as number[]).indexOf(i)))] },
  Concat:    { type: (inputs, { axis }) => ({ shape: withDim(inputs[0].shape, axis as number, sumDims(...inputs.map((each) => each.shape[axis as number]))), dtype: sameType("Concat", inputs) }), onnx: (emit, inputs, { attributes }) => emit.node("Concat", inputs, { axis: attributes.axis }),
               grad: (dy, { inputs, attributes: { axis } }) => split(dy, axis as number, inputs.map((each) => each.shape[axis as number])) },
  Slice:     { type: ([x], { axis, length }) => ({ shape: withDim(x.shape, axis as number, length as Dim), dtype: x.dtype }), onnx: (emit, [x], { attributes: { axis, start, length } }) => emit.node("Slice", [x, emit.dims([start as Dim]), emit.dims([sumDims(start as Dim, length as Dim)]), emit.dims([axis as number])]),
               grad: (dy, { inputs: [x], attributes: { axis, start, length, after } }) => [make("Pad", [dy], { axis: axis as number, start: start as Dim, length: length as Dim, after: after as Dim, whole: x.shape[axis as number] })] },
  /** Zeros before and after: the gradient of a slice. */
  Pad:       { type: ([x], { axis, whole }) => ({ shape: withDim(x.shape, axis as number, whole as Dim), dtype: x.dtype }), onnx: (emit, [x], { attributes: { axis, start, after }, dtype }) => emit.node("Pad", [x, emit.node("Concat", [emit.dims([start as Dim]), emit.dims([after as Dim])], { axis: 0 }), emit.scalar(0, dtype), emit.dims([axis as number])]) },
  /** Rows of x by index, along axis 0; the gradient adds rows that were taken more than once. */
  Gather:    { type: ([x, index]) => ({ shape: [...index.shape, ...x.shape.slice(1)], dtype: x.dtype }), onnx: (emit, [x, index]) => emit.node("Gather", [x, index], { axis: 0 }),
               grad: (dy, { inputs: [x, index] }) => [make("AddRows", [dy, index, x]), undefined] },
  /** Rows of x in cells: cell i holds row index[i], cell cells[n] row n. A cell of no row holds any, and must not count: its cotangent is not read. */
  Spread:    { type: ([x, index]) => ({ shape: [index.shape[0], ...x.shape.slice(1)], dtype: x.dtype }), onnx: (emit, [x, index]) => emit.node("Gather", [x, index], { axis: 0 }),
               grad: (dy, { inputs: [, index, cells, real] }) => [make("Pack", [dy, cells, index, real]), undefined, undefined, undefined] },
  /** The way back: row n of the result is cell cells[n]. A cell of no row, where `real` [cells, 1] is 0, has cotangent 0. */
  Pack:      { type: ([x, cells]) => ({ shape: [cells.shape[0], ...x.shape.slice(1)], dtype: x.dtype }), onnx: (emit, [x, cells]) => emit.node("Gather", [x, cells], { axis: 0 }),
               grad: (dy, { inputs: [, cells, index, real] }) => [mul(make("Spread", [dy, index, cells, real]), real), undefined, undefined, undefined] },
  /** Row i of the result is the sum of the rows of dy whose index is i; `like` gives the shape. */
  AddRows:   { type: ([, , like]) => ({ shape: like.shape, dtype: like.dtype }), onnx: emitAddRows, flops: ({ inputs: [dy], shape: [rows] }) => product(2, rows, ...dy.shape) },

  /** A program on blocks of rows (blocks.ts): one of its outputs. The gradient runs its derivative on the same blocks. */
  Blocks:    { type: (_, { to, dtype }) => ({ shape: to as Shape, dtype: dtype as DType }), onnx: emitBlocks,
               grad: (dy, y) => { const { inputs: [bounds, ...given], attributes: { before }, body } = y; const { program, derivative } = body!; return [undefined, ...Object.keys(program.inputs).map((name) => derivative!.outputs[name] && blocks({ program: derivative! }, bounds, [...given, y, dy], name, before as Dim))]; } },
} satisfies Record<string, Rule>;

export type OpName = keyof typeof ops;

const GELU = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

function emitGeluTanh(emit: Emitter, x: string, dtype: DType): string {
  const times = (a: string, b: string) => emit.node("Mul", [a, b]);
  const cubic = times(times(x, x), emit.scalar(GELU * CUBIC, dtype));
  const inner = emit.node("Add", [cubic, emit.scalar(GELU, dtype)]);
  return times(x, emit.node("Sigmoid", [times(x, inner)]));
}

function emitMatmul(...[emit, names, { inputs, attributes, dtype }]: Writing) {
  const { transA, transB, alpha } = attributes;
  if (dtype === "f32")
    return emit.node("com.microsoft:FusedMatMul", names, { transA, transB, alpha: alpha as number });
  const flip = (i: number) => {
    const rank = inputs[i].shape.length;
    const perm = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
    return emit.node("Transpose", [names[i]], { perm });
  };
  const plain = emit.node("MatMul", [transA ? flip(0) : names[0], transB ? flip(1) : names[1]]);
  return alpha === 1 ? plain : emit.node("Mul", [plain, emit.scalar(alpha as number, dtype)]);
}

function emitTurn(
  ...[
    emit,
    [x],
    {
      shape: [, width],
    },
  ]: Writing
) {
  const block = blockOf(width as number);
  if (block === 1) return x;
  const blocks = emit.node("Reshape", [x, emit.dims([-1, block])]);
  const matrix = emit.matrix(`turn ${block}`, block, turnMatrix(block));
  const turned = emit.node("com.microsoft:FusedMatMul", [blocks, matrix], { transA: 0, transB: 0, alpha: 1 });
  return emit.node("Reshape", [turned, emit.dims([-1, width])]);
}

/** The largest of eight bits with a sign, to both sides alike. */
const STEPS = 127;
/** ONNX's number for a byte without a sign, which x is rounded to, and what stands for 0 there. */
const [BYTE, ZERO] = [2, 128];
/** Least scale of a row: one of zeros is rounded to zeros. */
const SMALLEST = 1e-30;

function emitInt8Matmul(...[emit, [x, weight, scale]]: Writing) {
  const peak = emit.node("ReduceMax", [emit.node("Abs", [x]), emit.dims([1])], { keepdims: 1 });
  const step = emit.node("Add", [
    emit.node("Mul", [peak, emit.scalar(1 / STEPS, "f32")]),
    emit.scalar(SMALLEST, "f32"),
  ]);
  const steps = emit.node("Reshape", [step, emit.dims([-1])]);
  const zero = emit.node("Cast", [emit.scalar(ZERO, "i64")], { to: BYTE });
  const zeros = emit.node("Expand", [zero, emit.node("Shape", [steps])]);
  const bytes = emit.node("QuantizeLinear", [x, steps, zeros], { axis: 0 });
  const one = emit.scalar(1, "f32");
  const product = emit.node("com.microsoft:MatMulIntegerToFloat", [bytes, weight, one, scale, zero]);
  return emit.node("Mul", [product, step]);
}

/** ONNX's Reshape copies a dimension spelled 0 and infers one spelled -1, which spares computing them. */
function inferred(from: Shape, to: Shape): Shape {
  const copied = to.map((dim, i) => (typeof dim === "string" && dim === from[i] ? 0 : dim));
  const unknown = copied.filter((dim) => typeof dim === "string").length;
  return unknown === 1 ? copied.map((dim) => (typeof dim === "string" ? -1 : dim)) : copied;
}

function emitAddRows(...[emit, [dy, index], { inputs, dtype }]: Writing) {
  const like = inputs[2].shape;
  const [count] = inputs[1].shape;
  const columns = like.slice(1);
  // One-hot [rows, count] · dy [count, columns]: few rows, so a product is cheaper than a scatter.
  const range = emit.node("Range", [
    emit.scalar(0, "i64"),
    emit.node("Squeeze", [emit.dims([like[0]])]),
    emit.scalar(1, "i64"),
  ]);
  const hot = emit.node(
    "Cast",
    [emit.node("Equal", [emit.node("Unsqueeze", [range, emit.dims([1])]), index])],
    {
      to: onnxType[dtype],
    },
  );
  const flat = emit.node("Reshape", [dy, emit.dims([count, columns.length === 0 ? 1 : -1])]);
  return emit.node("Reshape", [emit.node("MatMul", [hot, flat]), emit.dims(like)]);
}

/** A tensor whose type is checked by the op's row. */
export function make(
  op: string,
  inputs: readonly Tensor[],
  attributes: Record<string, Attribute> = {},
): Tensor {
  const rule: Rule = ops[op as OpName];
  return { op, inputs, attributes, ...rule.type(inputs, attributes) };
}

type Operand = Tensor | number;

/** Numbers beside tensors take the tensors' type. */
function lift(...operands: Operand[]): Tensor[] {
  const dtype = operands.find((each): each is Tensor => typeof each !== "number")?.dtype ?? "f32";
  return operands.map((each) => (typeof each === "number" ? constant(each, dtype) : each));
}

export const add = (a: Operand, b: Operand): Tensor => make("Add", lift(a, b));
export const sub = (a: Operand, b: Operand): Tensor => make("Sub", lift(a, b));
export const mul = (a: Operand, b: Operand): Tensor => make("Mul", lift(a, b));
export const div = (a: Operand, b: Operand): Tensor => make("Div", lift(a, b));
export const neg = (x: Tensor): Tensor => make("Neg", [x]);
export const exp = (x: Tensor): Tensor => make("Exp", [x]);
export const log = (x: Tensor): Tensor => make("Log", [x]);
export const sqrt = (x: Tensor): Tensor => make("Sqrt", [x]);
export const sigmoid = (x: Tensor): Tensor => make("Sigmoid", [x]);
export const silu = (x: Tensor): Tensor => make("Silu", [x]);
export const geluTanh = (x: Tensor): Tensor => make("GeluTanh", [x]);
export const tanh = (x: Tensor): Tensor => make("Tanh", [x]);
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : make("Cast", [x], { to }));
export const stopGradient = (x: Tensor): Tensor => make("StopGradient", [x]);

export const greater = (a: Operand, b: Operand): Tensor => make("Greater", lift(a, b));
export const greaterOrEqual = (a: Operand, b: Operand): Tensor => make("GreaterOrEqual", lift(a, b));
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor =>
  make("Where", [condition, ...lift(a, b)]);
/** The larger of two; at a tie the gradient flows to `a`. */
export const maximum = (a: Operand, b: Operand): Tensor => where(greaterOrEqual(a, b), a, b);
/** The smaller of two; at a tie the gradient flows to `a`. */
export const minimum = (a: Operand, b: Operand): Tensor => where(greaterOrEqual(b, a), a, b);

export const sum = (x: Tensor, axis: number): Tensor => make("Sum", [x], { axis });
export const max = (x: Tensor, axis: number): Tensor => make("Max", [x], { axis });
export const min = (x: Tensor, axis: number): Tensor => make("Min", [x], { axis });
export const cumSum = (x: Tensor, axis: number): Tensor => make("CumSum", [x], { axis });
export const argMax = (x: Tensor, axis: number): Tensor => make("ArgMax", [x], { axis });
export const softmax = (x: Tensor): Tensor => make("Softmax", [x]);
export const softmaxMatmul = (scores: Tensor, values: Tensor): Tensor =>
  make("SoftmaxMatMul", [scores, values]);
export const logSumExp = (x: Tensor): Tensor => make("LogSumExp", [x]);
export const rmsNorm = (x: Tensor, weight: Tensor, epsilon: number): Tensor =>
  make("RmsNorm", [x, weight], { epsilon });

export const matmul = (
  a: Tensor,
  b: Tensor,
  options: { transA?: boolean; transB?: boolean; alpha?: number } = {},
): Tensor =>
  make("MatMul", [a, b], {
    transA: options.transA ? 1 : 0,
    transB: options.transB ? 1 : 0,
    alpha: options.alpha ?? 1,
  });
export const turn = (x: Tensor): Tensor => make("Turn", [x]);
export const int8Matmul = (x: Tensor, weight: Tensor, scale: Tensor): Tensor =>
  make("Int8MatMul", [x, weight, scale]);
/** @param part  of how many heads how many numbers are turned; left out, all */
export const rope = (
  x: Tensor,
  position: Tensor,
  cos: Tensor,
  sin: Tensor,
  part: { heads?: number; turned?: number } = {},
): Tensor => make("Rope", [x, position, cos, sin], part);

export const reshape = (x: Tensor, to: Shape): Tensor =>
  sameShape(x.shape, to) ? x : make("Reshape", [x], { to });
export const expand = (x: Tensor, to: Shape): Tensor =>
  sameShape(x.shape, to) ? x : make("Expand", [x], { to });
export const transpose = (x: Tensor, perm: readonly number[]): Tensor => make("Transpose", [x], { perm });
export const concat = (parts: readonly Tensor[], axis: number): Tensor =>
  parts.length === 1 ? parts[0] : make("Concat", parts, { axis });
export const gather = (x: Tensor, index: Tensor): Tensor => make("Gather", [x, index]);

/** Where the N rows of something without padding stand in a grid of C cells. */
export interface Places {
  /** [C] int64, the row in each cell; any, in a cell of no row */
  readonly index: Tensor;
  /** [N] int64, the cell of each row */
  readonly cells: Tensor;
  /** [C, 1], 1 in a cell of a row, else 0; in the type of what is placed */
  readonly real: Tensor;
}
export const spread = (x: Tensor, { index, cells, real }: Places): Tensor =>
  make("Spread", [x, index, cells, real]);
export const pack = (x: Tensor, { index, cells, real }: Places): Tensor =>
  make("Pack", [x, cells, index, real]);

/**
 * One output of a program that is run on blocks of rows.
 *
 * @param given   its inputs, whole, in their order
 * @param before  keys that stand before those of the rows themselves
 */
export function blocks(
  body: NonNullable<Tensor["body"]>,
  bounds: Tensor,
  given: readonly Tensor[],
  output: string,
  before: Dim,
): Tensor {
  const { name, outputs } = body.program;
  const { shape, dtype } = outputs[output];
  const to = shapeOutside(outside(body.program, given), shape);
  return { ...make("Blocks", [bounds, ...given], { of: name, output, before, to, dtype }), body };
}

/** Consecutive pieces of x along an axis. */
export function split(x: Tensor, axis: number, lengths: readonly Dim[]): Tensor[] {
  if (sumDims(...lengths) !== x.shape[axis])
    throw new ShapeError({
      where: "split",
      expected: `lengths that add up to ${x.shape[axis]}`,
      got: lengths.join(" + "),
      next: "Give the length of every piece.",
    });
  return lengths.map((length, i) =>
    make("Slice", [x], {
      axis,
      start: sumDims(...lengths.slice(0, i)),
      length,
      after: sumDims(...lengths.slice(i + 1)),
    }),
  );
}

/** [B, H, G, L, d] as [B, H, G·L, d]: queries that share keys, one below the other. */
const queries = (x: Tensor): Tensor => {
  const [b, h, g, l, d] = x.shape;
  return reshape(x, [b, h, product(g, l), d]);
};

/** All rows of a batch of matrices, one below the other. */
const rows = (x: Tensor): Tensor => {
  const last = x.shape[x.shape.length - 1];
  return reshape(x, [x.shape.slice(0, -1).reduce((a, b) => product(a, b)), last]);
};

/** Undoes broadcasting: adds up what was spread. */
function unbroadcast(dy: Tensor, like: Tensor): Tensor {
  let result = dy;
  const extra = dy.shape.length - like.shape.length;
  for (let axis = 0; axis < dy.shape.length; axis++)
    if (axis < extra || (like.shape[axis - extra] === 1 && dy.shape[axis] !== 1)) result = sum(result, axis);
  return reshape(result, like.shape);
}
