/** Every op's gradient against central finite differences, in float64 where onnxruntime has the op in float64. */
import { describe, expect, test } from "vitest";
import { KEYS, ROWS } from "../../src/autodiff/blocks.ts";
import { gradient } from "../../src/autodiff/gradient.ts";
import { inBlocks } from "../../src/autodiff/in-blocks.ts";
import * as op from "../../src/autodiff/ops.ts";
import { constant, type DType, input, type Program, type Tensor } from "../../src/autodiff/tensor.ts";
import { compile, type Values } from "../../src/engine/onnx/run.ts";

type Make = (...inputs: Tensor[]) => Tensor;
interface Case {
  readonly of: Make;
  readonly shapes: readonly (readonly number[])[];
  readonly dtype?: DType;
  /** Draws positive numbers, for ops that need them. */
  readonly positive?: boolean;
  /** Inputs that are not differentiated. */
  readonly given?: readonly Values[];
}

/** A small generator, so that a failing case can be run again. */
function numbers(seed: number, count: number, positive = false): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    const unit = state / 0x7fffffff;
    return positive ? 0.5 + unit : 2 * unit - 1;
  });
}

const index = (...values: number[]): Values => ({
  data: BigInt64Array.from(values.map(BigInt)),
  dims: [values.length],
});
const f32 = (dims: number[], values: number[]): Values => ({ data: Float32Array.from(values), dims });
const angles = numbers(5, 8);

/** exp of each row's products with the keys that it sees, added up. */
const sumsOfProducts: Program = (() => {
  const [x, keys] = [input("f64", [1, ROWS, 2]), input("f64", [1, KEYS, 2])];
  const y = op.sum(op.exp(op.matmul(x, keys, { transB: true })), 2);
  return { name: "sums", inputs: { x, keys }, outputs: { y } };
})();

const cases: Record<string, Case> = {
  Add: { of: op.add, shapes: [[2, 3], [3]] },
  Sub: {
    of: op.sub,
    shapes: [
      [2, 1],
      [2, 3],
    ],
  },
  Mul: {
    of: op.mul,
    shapes: [
      [2, 3],
      [2, 1],
    ],
  },
  Div: {
    of: op.div,
    shapes: [
      [2, 3],
      [1, 3],
    ],
    positive: true,
  },
  Neg: { of: op.neg, shapes: [[4]] },
  Exp: { of: op.exp, shapes: [[4]] },
  Log: { of: op.log, shapes: [[4]], positive: true },
  Sqrt: { of: op.sqrt, shapes: [[4]], positive: true },
  Sigmoid: { of: op.sigmoid, shapes: [[5]] },
  Silu: { of: op.silu, shapes: [[5]] },
  "Silu in float32": { of: op.silu, shapes: [[5]], dtype: "f32" },
  Tanh: { of: op.tanh, shapes: [[5]] },
  GeluTanh: { of: op.geluTanh, shapes: [[5]] },
  "GeluTanh in float32": { of: op.geluTanh, shapes: [[5]], dtype: "f32" },
  Cast: { of: (x) => op.cast(op.mul(op.cast(x, "f32"), 3), "f64"), shapes: [[3]] },
  Where: { of: (a, b) => op.where(op.greater(a, b), op.mul(a, 3), b), shapes: [[6], [6]] },
  "maximum and minimum": { of: (a, b) => op.mul(op.maximum(a, b), op.minimum(a, 0.3)), shapes: [[6], [6]] },
  Sum: { of: (x) => op.mul(x, op.sum(x, 1)), shapes: [[2, 3]] },
  Softmax: { of: op.softmax, shapes: [[2, 4]] },
  SoftmaxMatMul: {
    of: op.softmaxMatmul,
    shapes: [
      [1, 2, 3, 2, 4],
      [1, 2, 4, 3],
    ],
    dtype: "f32",
  },
  // two blocks of two rows, which see keys 0 to 2 and 1 to 4; the last key is seen by none
  Blocks: {
    of: (x, keys, bounds) => op.log(inBlocks(sumsOfProducts, { x, keys }, { bounds, before: 1 })),
    shapes: [
      [1, 4, 2],
      [1, 6, 2],
    ],
    given: [{ data: BigInt64Array.from([0, 2, 0, 3, 2, 4, 1, 5].map(BigInt)), dims: [2, 4] }],
  },
  LogSumExp: { of: op.logSumExp, shapes: [[2, 4]] },
  RmsNorm: { of: (x, w) => op.rmsNorm(x, w, 1e-3), shapes: [[3, 4], [4]], dtype: "f32" },
  Rope: {
    of: (x, position, cos, sin) => op.rope(x, position, cos, sin),
    shapes: [[3, 8]],
    dtype: "f32",
    given: [index(0, 1, 3), f32([4, 2], angles.map(Math.cos)), f32([4, 2], angles.map(Math.sin))],
  },
  "Rope of a part of each head": {
    of: (x, position, cos, sin) => op.rope(x, position, cos, sin, { heads: 2, turned: 4 }),
    shapes: [[3, 12]],
    dtype: "f32",
    given: [index(0, 1, 3), f32([4, 2], angles.map(Math.cos)), f32([4, 2], angles.map(Math.sin))],
  },
  Reshape: { of: (x) => op.mul(op.reshape(x, [3, 2]), op.reshape(x, [3, 2])), shapes: [[2, 3]] },
  Expand: { of: (x) => op.exp(op.expand(x, [4, 3])), shapes: [[1, 3]] },
  Transpose: { of: (x) => op.exp(op.transpose(x, [2, 0, 1])), shapes: [[2, 3, 2]] },
  Concat: {
    of: (a, b) => op.exp(op.concat([a, b], 1)),
    shapes: [
      [2, 1],
      [2, 3],
    ],
  },
  "Slice, every piece used": {
    of: (x) => {
      const [a, b] = op.split(x, 1, [1, 3]);
      return op.mul(a, b);
    },
    shapes: [[2, 4]],
  },
  "Slice, one piece used": { of: (x) => op.exp(op.split(x, 0, [1, 2, 1])[1]), shapes: [[4, 2]] },
  // rows 0, 1, 2 in cells 0, 2, 3 of four; what is in cell 1 counts for nothing
  Spread: {
    of: (x, index, cells, real) => op.mul(op.exp(op.spread(x, { index, cells, real })), real),
    shapes: [[3, 2]],
    dtype: "f32",
    given: [index(0, 0, 1, 2), index(0, 2, 3), f32([4, 1], [1, 0, 1, 1])],
  },
  Pack: {
    of: (x, index, cells, real) => op.exp(op.pack(x, { index, cells, real })),
    shapes: [[4, 2]],
    dtype: "f32",
    given: [index(0, 0, 1, 2), index(0, 2, 3), f32([4, 1], [1, 0, 1, 1])],
  },
  Gather: { of: (x, rows) => op.exp(op.gather(x, rows)), shapes: [[3, 2]], given: [index(2, 0, 2, 2)] },
};
for (const dtype of ["f64", "f32"] as const)
  for (const [transA, transB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])
    for (const batched of [0, 1, 2])
      cases[
        `MatMul ${dtype}${transA ? " transA" : ""}${transB ? " transB" : ""}${["", " batch", " batch × one"][batched]}`
      ] = {
        of: (a, b) => op.matmul(a, b, { transA, transB, alpha: 0.5 }),
        shapes: [
          [...(batched ? [2] : []), ...(transA ? [4, 3] : [3, 4])],
          [...(batched === 1 ? [2] : []), ...(transB ? [2, 4] : [4, 2])],
        ],
        dtype,
      };
// A batch that is transposed on the left has no single-matrix form: its rows are not the product's rows.
for (const name of Object.keys(cases)) if (/transA.*batch × one/.test(name)) delete cases[name];

describe("the gradient of every op equals finite differences:", () => {
  test.each(Object.entries(cases))("%s", async (_, { of, shapes, dtype = "f64", positive, given = [] }) => {
    const free = shapes.map((shape) => input(dtype, shape));
    const fixed = given.map(({ data, dims }) => input(data instanceof BigInt64Array ? "i64" : "f32", dims));
    const y = of(...free, ...fixed);
    const seed = input(y.dtype, y.shape);
    const grads = gradient([[y, seed]], free);
    const names = Object.fromEntries([...free, ...fixed].map((tensor, i) => [`x${i}`, tensor]));
    const program = await compile({
      name: "case",
      inputs: { ...names, seed },
      outputs: { y, ...Object.fromEntries(grads.map((grad, i) => [`d${i}`, grad])) },
    });
    const array = (values: number[], type: DType) =>
      type === "f64" ? Float64Array.from(values) : Float32Array.from(values);
    const count = (dims: readonly (number | string)[]) => dims.reduce<number>((a, b) => a * (b as number), 1);
    const points = shapes.map((shape, i) => numbers(11 + i, count(shape), positive));
    const weights = numbers(3, count(y.shape));
    const run = (at: number[][]) =>
      program.run({
        ...Object.fromEntries(
          at.map((values, i) => [`x${i}`, { data: array(values, dtype), dims: shapes[i] }]),
        ),
        ...Object.fromEntries(given.map((value, i) => [`x${shapes.length + i}`, value])),
        seed: { data: array(weights, y.dtype), dims: y.shape as number[] },
      });
    const loss = async (at: number[][]) =>
      Array.from((await run(at)).y.data as Float64Array).reduce(
        (total, value, i) => total + value * weights[i],
        0,
      );

    const exact = await run(points);
    const h = dtype === "f64" ? 1e-5 : 1e-2;
    for (const [i, values] of points.entries())
      for (let j = 0; j < values.length; j++) {
        const moved = (by: number) =>
          points.map((each, k) => (k === i ? each.map((v, l) => (l === j ? v + by : v)) : each));
        const slope = ((await loss(moved(h))) - (await loss(moved(-h)))) / (2 * h);
        const got = Number((exact[`d${i}`].data as Float64Array)[j]);
        const single = dtype === "f32" || _ === "Cast";
        expect(Math.abs(got - slope), `d${i}[${j}] ${got} against ${slope}`).toBeLessThan(
          single ? 5e-3 : 1e-7,
        );
      }
    await program.release();
  });

  test("no row of the table is without a case", () => {
    const uncovered = Object.keys(op.ops).filter(
      (name) =>
        "grad" in op.ops[name as op.OpName] &&
        !Object.keys(cases).some((each) => each.toLowerCase().startsWith(name.toLowerCase())),
    );
    expect(uncovered).toEqual([]);
  });

  test("a constant has the value it was given", async () => {
    const x = input("f64", ["n"]);
    const program = await compile({
      name: "c",
      inputs: { x },
      outputs: { y: op.add(x, constant(1 / 3, "f64")) },
    });
    const { y } = await program.run({ x: { data: Float64Array.of(0), dims: [1] } });
    expect((y.data as Float64Array)[0]).toBe(1 / 3);
  });
});
