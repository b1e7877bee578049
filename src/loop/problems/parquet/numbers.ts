/**
 * Columns whose numbers are kept otherwise than they were written: in 32 bits, or as whole numbers with a
 * decimal point.
 *
 *   a schema  →  how the numbers of each such column are read, found as values are: by name, by item
 */
import type { SchemaElement, SchemaTree } from "hyparquet";
import { shortestDecimal } from "../../../files/float32.ts";
import { holds, plainDecimal } from "../decimal.ts";
import { isList, isMap } from "./schema.ts";

export interface NumberColumn {
  /** Of a column of such numbers. */
  readonly read?: (value: unknown) => unknown;
  /** Of a list. */
  readonly item?: NumberColumn;
  /** Of a map, whatever the key. */
  readonly any?: NumberColumn;
  readonly named?: ReadonlyMap<string, NumberColumn>;
}

/** Bytes and decimals of the longest number: reading one takes time that grows with their square. */
const LONGEST = 64;

/** @returns undefined where no column is of such a kind */
export function numberColumns(tree: SchemaTree): NumberColumn | undefined {
  if (tree.children.length === 0) return leaf(tree.element);
  if (isList(tree)) {
    const inner = tree.children[0]!;
    const item = numberColumns(inner.children.length === 1 ? inner.children[0]! : inner);
    return item && { item };
  }
  if (isMap(tree)) {
    const any = numberColumns(tree.children[0]!.children[1]!);
    return any && { any };
  }
  const named = new Map<string, NumberColumn>();
  for (const child of tree.children) {
    const column = numberColumns(child);
    if (column !== undefined) named.set(child.element.name, column);
  }
  return named.size === 0 ? undefined : { named };
}

/** The same schema with DECIMAL columns as plain ones: the library would round them. */
export function withoutDecimals(schema: readonly SchemaElement[]): SchemaElement[] {
  return schema.map((element) => {
    if (scaleOf(element) === undefined) return element;
    const { converted_type: _, logical_type: __, ...rest } = element;
    return rest;
  });
}

function leaf(element: SchemaElement): NumberColumn | undefined {
  const scale = scaleOf(element);
  if (scale !== undefined) {
    // the library would take its bytes for text
    if (element.type === "BYTE_ARRAY") throw new Error("a number of any length");
    if (!(scale >= 0 && scale <= 3 * LONGEST)) throw new Error(`a number of ${scale} decimals`);
    return { read: (value) => decimal(value, scale) };
  }
  const { type, converted_type } = element;
  if (type !== "FLOAT" || converted_type !== undefined) return undefined;
  return { read: (value) => (typeof value === "number" ? shortestDecimal(value) : value) };
}

/** Decimals of a DECIMAL column. */
function scaleOf({ converted_type, logical_type, scale }: SchemaElement): number | undefined {
  if (logical_type?.type === "DECIMAL") return logical_type.scale ?? scale ?? 0;
  return converted_type === "DECIMAL" ? (scale ?? 0) : undefined;
}

/** A number where a number can be it, else its text. */
function decimal(value: unknown, scale: number): unknown {
  const unscaled = wholeNumber(value);
  if (unscaled === undefined) return value;
  const text = plainDecimal(`${unscaled}e-${scale}`)!;
  return holds(Number(text), text) ? Number(text) : text;
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return BigInt(value);
  if (!(value instanceof Uint8Array)) return undefined;
  if (value.length > LONGEST) throw new Error(`a number of more than ${LONGEST} bytes`);
  return BigInt.asIntN(8 * value.length, BigInt(`0x0${Buffer.from(value).toString("hex")}`));
}
