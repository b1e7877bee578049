/**
 * The tree of a parquet file's columns: the way to a column, the levels of its values, its lists and maps.
 *
 * Levels and kinds are counted as the decoder counts them, from the format's rules on nested columns.
 */
import type { SchemaTree } from "hyparquet";

/** @returns from the root to the column of these names @throws Error where there is none */
export function pathOf(tree: SchemaTree, names: readonly string[]): SchemaTree[] {
  const path = [tree];
  for (const name of names) {
    const child = path.at(-1)!.children.find(({ element }) => element.name === name);
    if (child === undefined) throw new Error(`no column ${names.join(".")} in the schema`);
    path.push(child);
  }
  return path;
}

/** The highest repetition level of a column: how many lists its values are in. */
export function repetitionLevel(path: readonly SchemaTree[]): number {
  return path.filter(isRepeated).length;
}

/** The highest definition level of a column: how many of the columns above it, and itself, may be absent. */
export function definitionLevel(path: readonly SchemaTree[]): number {
  return path.slice(1).filter(({ element }) => element.repetition_type !== "REQUIRED").length;
}

export function isRepeated({ element }: SchemaTree): boolean {
  return element.repetition_type === "REPEATED";
}

/** LIST: a group around one repeated column, which is the item or has it as its only child. */
export function isList({ element, children }: SchemaTree): boolean {
  const [entry] = children;
  if (element.converted_type !== "LIST" || entry === undefined || children.length > 1) return false;
  return isRepeated(entry) && entry.children.length <= 1;
}

/** MAP: a group around one repeated pair of a key and a value, neither of them repeated itself. */
export function isMap({ element, children }: SchemaTree): boolean {
  const [entry] = children;
  if (element.converted_type !== "MAP" || entry === undefined || children.length > 1) return false;
  return isRepeated(entry) && entry.children.length === 2 && !entry.children.some(isRepeated);
}
