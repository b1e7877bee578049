/**
 * In what precision a program multiplies by the model's matrices: as they are, or as eight bits with a scale for each row.
 *
 * A matrix T is then two inputs: `T/int8`, turned (autodiff/turn.ts) and as a product likes it, and `T/scale`. What is
 * no matrix of the model itself, its norms, biases and adapters, stays as it is.
 */
import { int8Matmul, matmul, turn } from "../autodiff/ops.ts";
import { input, type Tensor } from "../autodiff/tensor.ts";

export type Precision = "float32" | "int8";

export const int8Name = (name: string): string => `${name}/int8`;
export const scaleName = (name: string): string => `${name}/scale`;

/** What a program is given of a tensor. @param name  by which `product` finds it again */
export function weightInputs(
  name: string,
  shape: readonly number[],
  precision: Precision,
): Record<string, Tensor> {
  if (precision === "float32") return { [name]: input("f32", shape) };
  const [rows, width] = shape as readonly [number, number];
  return { [int8Name(name)]: input("i8", [width, rows]), [scaleName(name)]: input("f32", [rows]) };
}

/** x·Wᵀ of rows x [N, D] and a tensor W [M, D] of these inputs, in their precision. */
export function product(x: Tensor, weights: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const bytes = weights[int8Name(name)];
  if (bytes === undefined) return matmul(x, weights[name], { transB: true });
  return int8Matmul(turn(x), bytes, weights[scaleName(name)]);
}
