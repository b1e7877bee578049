/**
 * The ops a user's own objective is written in, given to it as its second argument: so its module imports nothing
 * and is found to be the same by whatever loads it.
 */
import * as ops from "../../autodiff/ops.ts";
import { constant, type Tensor } from "../../autodiff/tensor.ts";

// biome-ignore format: in the groups of the op table
const { add, sub, mul, div, neg, exp, log, sqrt, sigmoid, stopGradient,
  greater, greaterOrEqual, where, maximum, minimum, sum, max, min, softmax, logSumExp, transpose, matmul } = ops;

/** Numbers may stand wherever a tensor may stand beside another one; `number` makes a tensor of one alone. */
// biome-ignore format: in the groups of the op table
export const objectiveOps = { add, sub, mul, div, neg, exp, log, sqrt, sigmoid, stopGradient,
  greater, greaterOrEqual, where, maximum, minimum, sum, max, min, softmax, logSumExp, transpose, matmul,
  number: (value: number): Tensor => constant(value, "f64") };

export type ObjectiveOps = typeof objectiveOps;
