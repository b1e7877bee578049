/**
 * Lists and maps among a parquet file's columns, told apart as the decoder does.
 */
import type { SchemaTree } from "hyparquet";

function isRepeated({ element }: SchemaTree): boolean {
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
