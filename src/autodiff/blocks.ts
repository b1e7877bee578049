/**
 * A program run on blocks of rows, one block at a time, so that what it computes on the way is in memory for one
 * block alone, in a backward pass too, which computes it again.
 *
 * Its inputs say by their dimensions how they are cut: along ROWS into the blocks, along KEYS from the first to the
 * last key that a block's rows see; without either they are whole. What it gives along ROWS is put together, along
 * KEYS added up. Each block has the same number of rows.
 */
import { type Dim, product, type Shape, sum, terms } from "./dims.ts";
import type { Emitter, Rule } from "./rule.ts";
import type { Program, Tensor } from "./tensor.ts";

/** Rows of a block, and the keys that they see, in a body's shapes. */
export const ROWS = "Q";
export const KEYS = "W";

/** Columns of the bounds, [blocks, 4] int64: rows `from` to before `end`, which see keys `from` to before `end`. */
const columns = { [ROWS]: [0, 1], [KEYS]: [2, 3] } as const;

type Cut = keyof typeof columns;
const cutOf = (shape: Shape): Cut | undefined => ([ROWS, KEYS] as const).find((cut) => shape.includes(cut));

/** What the body's symbols are outside of it. */
export function outside(body: Program, inputs: readonly Tensor[]): ReadonlyMap<string, Dim> {
  const known = new Map<string, Dim>();
  Object.values(body.inputs).forEach(({ shape }, i) =>
    shape.forEach((dim, axis) => {
      if (typeof dim === "string") known.set(dim, inputs[i].shape[axis]);
    }),
  );
  return known;
}

/** The shape that one of the body's tensors has outside. */
export const shapeOutside = (known: ReadonlyMap<string, Dim>, shape: Shape): Shape =>
  shape.map((dim) => (typeof dim === "string" ? (known.get(dim) ?? dim) : dim));

/** Whether a tensor is what a program gives first of its blocks: what else it gives is of the same runs. */
export const isFirstOutput = ({ body, attributes: { output } }: Tensor): boolean =>
  body !== undefined && output === Object.keys(body.program.outputs)[0];

/**
 * Operations of all blocks, from those of the body on one: rows that see `before` keys, and themselves up to their
 * own block's end, of which half a block more or less is not counted.
 */
export function blockFlops(known: ReadonlyMap<string, Dim>, perBlock: Dim, before: Dim): Dim {
  const rows = known.get(ROWS)!;
  const parts = terms(perBlock).map(([coefficient, symbols]) => {
    const others = symbols.filter((symbol) => symbol !== ROWS && symbol !== KEYS);
    const dims = others.map((symbol) => known.get(symbol) ?? symbol);
    return product(coefficient / 2, ...dims, rows, sum(product(2, before), rows));
  });
  return sum(...parts);
}

export const emitBlocks: Extract<Rule["onnx"], (...given: never) => string> = (emit, inputs, tensor) => {
  const { program } = tensor.body!;
  const [bounds, ...given] = inputs;
  const names = Object.keys(program.inputs);
  const shapes = Object.values(program.inputs).map(({ shape }) => shape);
  const outputs = Object.entries(program.outputs);
  const summed = outputs.filter(([, { shape }]) => cutOf(shape) === KEYS);
  const stacked = outputs.filter(([, { shape }]) => cutOf(shape) === ROWS);
  const known = outside(program, tensor.inputs.slice(1));
  const whole = summed.map(([, { shape }]) => emit.dims(shapeOutside(known, shape)));
  const results = emit.loop(
    JSON.stringify([program.name, inputs]),
    emit.node("Squeeze", [emit.node("Shape", [bounds], { start: 0, end: 1 })]),
    whole.map((shape) => emit.node("Expand", [emit.scalar(0, tensor.dtype), shape])),
    tensor.dtype,
    (inner, round, totals) => {
      const row = inner.node("Gather", [bounds, round], { axis: 0 });
      const bound = (column: number) =>
        inner.node("Slice", [row, inner.dims([column]), inner.dims([column + 1])]);
      const blocks = names.map((_, i) => {
        const cut = cutOf(shapes[i]);
        if (cut === undefined) return given[i];
        const [from, end] = columns[cut].map(bound);
        return inner.node("Slice", [given[i], from, end, inner.dims([shapes[i].indexOf(cut)])]);
      });
      const made = inner.program(program, Object.fromEntries(names.map((name, i) => [name, blocks[i]])));
      const [from, end] = columns[KEYS].map(bound);
      const added = summed.map(([name, { shape }], i) => {
        const axis = shape.indexOf(KEYS);
        const length = inner.node("Slice", [whole[i], inner.dims([axis]), inner.dims([axis + 1])]);
        const around = inner.node("Concat", [from, inner.node("Sub", [length, end])], { axis: 0 });
        const zero = inner.scalar(0, tensor.dtype);
        const padded = inner.node("Pad", [made[name], around, zero, inner.dims([axis])]);
        return inner.node("Add", [totals[i], padded]);
      });
      return [...added, ...stacked.map(([name]) => made[name])];
    },
  );
  const { output } = tensor.attributes;
  const total = summed.findIndex(([name]) => name === output);
  if (total >= 0) return results[total];
  const place = stacked.findIndex(([name]) => name === output);
  return together(emit, results[summed.length + place], stacked[place][1].shape, tensor.shape);
};

/** Blocks one after the other, [blocks, …, Q, …], as one [.., rows, …]. */
function together(emit: Emitter, blocks: string, shape: Shape, whole: Shape): string {
  const axis = shape.indexOf(ROWS) + 1;
  const order = Array.from({ length: shape.length + 1 }, (_, i) => i).filter((i) => i !== 0);
  order.splice(axis - 1, 0, 0);
  return emit.node("Reshape", [emit.node("Transpose", [blocks], { perm: order }), emit.dims(whole)]);
}
