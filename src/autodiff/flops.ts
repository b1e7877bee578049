/**
 * What a program costs: the floating-point operations of its matrix products, on the sizes it is run with.
 */
import { blockFlops, isFirstOutput, outside } from "./blocks.ts";
import { type Dim, type Sizes, sizer, sum } from "./dims.ts";
import { type OpName, ops } from "./ops.ts";
import type { Rule } from "./rule.ts";
import { inOrder, type Program, type Tensor } from "./tensor.ts";

/** As a sum of products of the program's symbols; equal tensors are computed, and counted, once. */
export function flops(program: Program): Dim {
  const inputs = Object.values(program.inputs);
  const names = new Map<Tensor, number>();
  const known = new Map<string, number>();
  const parts: Dim[] = [];
  for (const tensor of inOrder(Object.values(program.outputs), new Set(inputs))) {
    const given = inputs.indexOf(tensor);
    const key = JSON.stringify([
      given < 0 ? tensor.op : given,
      given < 0 ? tensor.inputs.map((each) => names.get(each)) : [],
      tensor.attributes,
      tensor.dtype,
    ]);
    const before = known.get(key);
    names.set(tensor, before ?? known.size);
    if (before !== undefined) continue;
    known.set(key, known.size);
    const rule = ops[tensor.op as OpName] as Rule | undefined;
    if (given < 0 && rule?.flops !== undefined) parts.push(rule.flops(tensor));
    if (given < 0 && isFirstOutput(tensor)) parts.push(flopsInBlocks(tensor));
  }
  return sum(...parts);
}

function flopsInBlocks({ inputs: [, ...given], attributes, body }: Tensor): Dim {
  const { program } = body!;
  return blockFlops(outside(program, given), flops(program), attributes.before as Dim);
}

/** The same as a function of the sizes of the inputs' dimensions. */
export const flopCounter = (program: Program): ((sizes: Sizes) => number) =>
  sizer(program.inputs)(flops(program));
