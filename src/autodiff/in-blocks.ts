/**
 * A program and what it is given → the same on blocks of rows, with its derivative.
 */
import type { Dim } from "./dims.ts";
import { gradient } from "./gradient.ts";
import { blocks } from "./ops.ts";
import { input, type Program, type Tensor } from "./tensor.ts";

/** How rows are cut. */
export interface Bounds {
  /** [blocks, 4] int64: of each block its first row, its end, the first key that its rows see, and the last one's end */
  readonly bounds: Tensor;
  /** Keys that stand before those of the rows themselves. */
  readonly before: Dim;
}

/**
 * @param body   one output along ROWS; its inputs of the output's type are those that have a gradient
 * @param given  its inputs, whole
 */
export function inBlocks(
  body: Program,
  given: Readonly<Record<string, Tensor>>,
  { bounds, before }: Bounds,
): Tensor {
  const [[output, y]] = Object.entries(body.outputs);
  const dy = input(y.dtype, y.shape);
  const by = Object.entries(body.inputs).filter(([, { dtype }]) => dtype === y.dtype);
  const cotangents = gradient(
    [[y, dy]],
    by.map(([, each]) => each),
  );
  const derivative: Program = {
    name: `${body.name}-derivative`,
    inputs: { ...body.inputs, y, dy },
    outputs: Object.fromEntries(by.map(([name], i) => [name, cotangents[i]])),
  };
  const inputs = Object.keys(body.inputs).map((name) => given[name]);
  return blocks({ program: body, derivative }, bounds, inputs, output, before);
}
