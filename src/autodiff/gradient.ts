/**
 * Reverse-mode differentiation: outputs and their cotangents → the cotangents of inputs, as tensors of the same graph.
 *
 * Walks back from the outputs, one row of the op table at a time.
 */
import { InternalError } from "../errors.ts";
import { type Dim, sum } from "./dims.ts";
import { add, concat, type OpName, ops } from "./ops.ts";
import type { Rule } from "./rule.ts";
import { inOrder, type Tensor } from "./tensor.ts";

/**
 * Σ over outputs of d output / d input · cotangent, for each tensor in `of`.
 *
 * @param outputs  pairs of a tensor and its cotangent, of the same shape and type
 * @param of       the tensors to differentiate by
 * @throws InternalError where an output does not depend on one of them: a gradient of zero is more often a slip
 */
export function gradient(outputs: readonly (readonly [Tensor, Tensor])[], of: readonly Tensor[]): Tensor[] {
  const order = inOrder(outputs.map(([output]) => output));
  const depends = new Set<Tensor>(of);
  for (const tensor of order) if (tensor.inputs.some((each) => depends.has(each))) depends.add(tensor);

  const parts = new Map<Tensor, Tensor[]>();
  const put = (tensor: Tensor, cotangent: Tensor) =>
    parts.set(tensor, [...(parts.get(tensor) ?? []), cotangent]);
  for (const [output, cotangent] of outputs) put(output, cotangent);

  const totals = new Map<Tensor, Tensor>();
  for (const tensor of order.reverse()) {
    const incoming = parts.get(tensor);
    if (incoming === undefined || !depends.has(tensor)) continue;
    const dy = total(incoming);
    totals.set(tensor, dy);
    const rule = ops[tensor.op as OpName] as Rule | undefined;
    const cotangents = rule?.grad?.(dy, tensor) ?? [];
    tensor.inputs.forEach((each, i) => {
      if (cotangents[i] !== undefined && depends.has(each)) put(each, cotangents[i]);
    });
  }
  return of.map((tensor, i) => {
    const result = totals.get(tensor);
    if (result === undefined) throw new InternalError(`gradient: input ${i} has no part in any output`);
    return result;
  });
}

function total(parts: readonly Tensor[]): Tensor {
  return tiled(parts) ?? parts.reduce((a, b) => add(a, b));
}

/** The cotangents of slices that make up the whole are one concatenation, not a sum of padded pieces. */
function tiled(parts: readonly Tensor[]): Tensor | undefined {
  if (parts.length < 2 || parts.some((part) => part.op !== "Pad")) return undefined;
  const axis = parts[0].attributes.axis as number;
  const ordered: Tensor[] = [];
  let start: Dim = 0;
  while (ordered.length < parts.length) {
    const next = parts.find((part) => part.attributes.start === start && part.attributes.axis === axis);
    if (next === undefined || ordered.includes(next)) return undefined;
    ordered.push(next);
    start = sum(start, next.attributes.length as Dim);
  }
  return start === parts[0].attributes.whole
    ? concat(
        ordered.map((part) => part.inputs[0]),
        axis,
      )
    : undefined;
}
