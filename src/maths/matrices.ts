/**
 * Matrices: sums and products carried out, then compared cell by cell.
 */
import type { Context } from "./context.ts";
import { type Node, product, sum } from "./node.ts";

export type Rows = readonly (readonly Node[])[];

const LARGEST = 30;

/** The cells of a node that is a matrix, or sums and products of matrices and scalars; undefined otherwise. */
export function matrixOf(node: Node, context: Context): Rows | undefined {
  context.fuel.spend();
  if (node.kind === "matrix")
    return node.rows.length <= LARGEST && node.rows[0]!.length <= LARGEST ? node.rows : undefined;
  if (node.kind === "sum") {
    const terms = node.terms.map((term) => matrixOf(term, context));
    return terms.reduce((a, b) => a && b && added(a, b, context));
  }
  if (node.kind !== "product") return undefined;
  const matrices = node.factors.flatMap((factor) => {
    const rows = matrixOf(factor, context);
    return rows ? [rows] : [];
  });
  if (matrices.length === 0) return undefined;
  const scalars = node.factors.filter((factor) => matrixOf(factor, context) === undefined);
  const all = matrices.reduce<Rows | undefined>(
    (a, b) => a && multiplied(a, b, context),
    identity(matrices[0]!.length),
  );
  return all?.map((row) => row.map((cell) => product([...scalars, cell], context.fuel)));
}

const whole = (n: bigint): Node => ({ kind: "number", value: { n, d: 1n }, decimal: false });
const identity = (n: number): Rows =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => whole(i === j ? 1n : 0n)));

function added(a: Rows, b: Rows, context: Context): Rows | undefined {
  if (a.length !== b.length || a[0]!.length !== b[0]!.length) return undefined;
  return a.map((row, i) => row.map((cell, j) => sum([cell, b[i]![j]!], context.fuel)));
}

function multiplied(a: Rows, b: Rows, context: Context): Rows | undefined {
  if (a[0]!.length !== b.length) return undefined;
  return a.map((row) =>
    b[0]!.map((_, j) =>
      sum(
        row.flatMap((cell, k) =>
          isZero(cell) || isZero(b[k]![j]!) ? [] : [product([cell, b[k]![j]!], context.fuel)],
        ),
        context.fuel,
      ),
    ),
  );
}

const isZero = (node: Node): boolean => node.kind === "number" && node.value.n === 0n;

export function sameCells(a: Rows, b: Rows, context: Context): boolean {
  return (
    a.length === b.length &&
    a.every(
      (row, i) =>
        row.length === b[i]!.length && row.every((cell, j) => context.equal(cell, b[i]![j]!) !== undefined),
    )
  );
}

/** The entries of a single row or column, which may be written as a tuple. */
export function vectorOf(rows: Rows): readonly Node[] | undefined {
  if (rows.length === 1) return rows[0]!;
  return rows.every((row) => row.length === 1) ? rows.map((row) => row[0]!) : undefined;
}
