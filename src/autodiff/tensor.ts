/**
 * Tensors that are not computed yet: each remembers the op and the inputs it comes from.
 *
 * Calling ops on them is all there is to tracing. A program is a list of inputs and a list of outputs;
 * what lies between is found by walking back from the outputs. Tensors are plain data, so a program can
 * be posted to another thread.
 */
import type { Shape } from "./dims.ts";

export type DType = "f32" | "f64" | "i64" | "i8" | "bool";

export type Attribute = number | string | readonly (number | string)[];

export interface Tensor {
  /** A row of the op table, or "Input" or "Constant". */
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Of `Blocks` alone: what it computes on each block, and the derivative of that where it has one. */
  readonly body?: { readonly program: Program; readonly derivative?: Program };
}

export interface Program {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** A value given when the program runs. Its symbolic dimensions become known then. */
export const input = (dtype: DType, shape: Shape): Tensor => ({
  op: "Input",
  inputs: [],
  attributes: {},
  shape,
  dtype,
});

/** A number, the same in every run. */
export const constant = (value: number, dtype: DType = "f32"): Tensor => ({
  op: "Constant",
  inputs: [],
  attributes: { value },
  shape: [],
  dtype,
});

/** Every tensor that the outputs need, each after its inputs. `stop` are taken as given. */
export function inOrder(outputs: readonly Tensor[], stop: ReadonlySet<Tensor> = new Set()): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  // An explicit stack: a deep program must not be limited by the call stack.
  const stack: { tensor: Tensor; next: number }[] = [];
  const visit = (tensor: Tensor) => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    stack.push({ tensor, next: 0 });
  };
  for (const output of outputs) {
    visit(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (!stop.has(top.tensor) && top.next < top.tensor.inputs.length) visit(top.tensor.inputs[top.next++]);
      else {
        order.push(top.tensor);
        stack.pop();
      }
    }
  }
  return order;
}

/**
 * The same computation as `program`, on other tensors: how an objective traced by itself becomes part
 * of a larger program.
 */
export function inline(program: Program, given: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const swapped = new Map<Tensor, Tensor>();
  for (const [name, tensor] of Object.entries(program.inputs))
    if (given[name]) swapped.set(tensor, given[name]);
  for (const tensor of inOrder(Object.values(program.outputs), new Set(swapped.keys()))) {
    if (swapped.has(tensor)) continue;
    const inputs = tensor.inputs.map((each) => swapped.get(each)!);
    const changed = inputs.some((each, i) => each !== tensor.inputs[i]);
    swapped.set(tensor, changed ? { ...tensor, inputs } : tensor);
  }
  return Object.fromEntries(
    Object.entries(program.outputs).map(([name, tensor]) => [name, swapped.get(tensor)!]),
  );
}
