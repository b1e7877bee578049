/**
 * Schemas that exclude each other: of those, one of is any of.
 */
import type { SchemaKeywords } from "./schema-keywords.ts";

/** Whether no value can satisfy two of some schemas: they have other types, or a member with other constants. */
export function areApart(schemas: readonly unknown[]): boolean {
  const seen = schemas.map(tagsOf);
  return seen.every((one, i) =>
    seen
      .slice(i + 1)
      .every((other) =>
        [...one].some(([key, values]) => values.every((value) => other.get(key)?.includes(value) === false)),
      ),
  );
}

/** By what a schema can be told: its types, and the constants of members that it requires. */
function tagsOf(schema: unknown): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  if (typeof schema !== "object" || schema === null) return tags;
  const { type, properties, required } = schema as SchemaKeywords;
  const types = [type ?? []].flat();
  // a whole number is a number too
  if (types.length > 0)
    tags.set(
      "",
      types.map((one) => ((one as string) === "integer" ? "number" : one)),
    );
  for (const key of Array.isArray(required) ? required : []) {
    const member = properties?.[key] as SchemaKeywords | undefined;
    const values = member?.const === undefined ? member?.enum : [member.const];
    if (Array.isArray(values))
      tags.set(
        `.${key}`,
        values.map((value) => JSON.stringify(value)),
      );
  }
  return tags;
}
