/**
 * Field maps: which column of a data set is the problem, which the answer.
 *
 *   problem=question,answer=solution.final   →   { problem: ["question"], answer: ["solution", "final"] }
 *
 * A problem that stands in several columns has them with a plus between: problem=instruction+input.
 */

import { OptionError } from "../../errors.ts";
import { isDeep } from "../../files/json-depth.ts";
import { keepNumbers } from "./exact-json.ts";

/** What a row is read for; a map may place each. */
const fieldNames = ["problem", "answer", "solution", "id"] as const;
export type FieldName = (typeof fieldNames)[number];

/** Where a field is: names of columns within columns, or places in lists from 0. */
export type Fields = { readonly [F in FieldName]?: readonly string[] };

/**
 * Reads `field=path,…`; left out, it maps nothing.
 *
 * @param where  the option, for the error
 * @throws OptionError where a field is not known, is given twice, or has no path
 */
export function readFields(text: string | undefined, where: string): Fields {
  const fields: { [F in FieldName]?: readonly string[] } = {};
  for (const part of (text ?? "").split(",").map((one) => one.trim())) {
    if (part === "") continue;
    const [, name, path] = /^(\w+)\s*[=:]\s*(\S.*)$/.exec(part) ?? [];
    const field = fieldNames.find((one) => one === (name === "prompt" ? "problem" : name));
    if (field === undefined || fields[field] !== undefined) {
      throw new OptionError({
        where,
        expected: `${fieldNames.join(", ")}, each with the column it is in, as problem=question,answer=solution.final`,
        got: field === undefined ? JSON.stringify(part) : `${field} twice`,
        next: "Write field=column with commas between; a dot goes into a column that holds columns, a plus puts the texts of two columns together.",
      });
    }
    fields[field] = path!.split(".");
  }
  return fields;
}

/** A map as it is typed. */
export function printFields(fields: Fields): string {
  return Object.entries(fields)
    .map(([field, path]) => `${field}=${path.join(".")}`)
    .join(",");
}

/**
 * The value at a path; a column named with dots, as flattened files have them, is found whole.
 *
 * @param typed  true where a column that holds columns is JSON text
 */
export function valueAt(row: unknown, path: readonly string[], typed: boolean): unknown {
  let at: unknown = typed && typeof row === "string" ? (jsonIn(row, keepNumbers) ?? row) : row;
  if (typeof at !== "object" || at === null) return undefined;
  const whole = path.join(".");
  if (Object.hasOwn(at, whole)) return (at as Record<string, unknown>)[whole];
  const [first, ...rest] = path as [string, ...string[]];
  if (!Object.hasOwn(at, first)) return undefined;
  at = (at as Record<string, unknown>)[first];
  return rest.length === 0 ? at : valueAt(at, rest, typed);
}

/**
 * The list or object that a cell of a text file holds as JSON; undefined where it holds none.
 *
 * @param prepare  what is done to the text of one that is JSON before it is read
 */
export function jsonIn(cell: string, prepare?: (json: string) => string): object | undefined {
  if (!/^\s*[[{]/.test(cell) || isDeep(Buffer.from(cell))) return undefined;
  try {
    const parsed: unknown = JSON.parse(cell);
    const prepared = prepare?.(cell) ?? cell;
    const value: unknown = prepared === cell ? parsed : JSON.parse(prepared);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
