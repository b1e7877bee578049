/**
 * The parts of a tokenizer.json (normalizer, pre_tokenizer, model, decoder): each has a `type` and fields of its own.
 */
import type { z } from "zod";

export type Part = Readonly<Record<string, unknown>>;
export type Makers<T> = Readonly<Record<string, (part: Part) => T>>;

/** What a part does. @throws Error naming a type that is not among `makers` */
export function makePart<T>(what: string, makers: Makers<T>, part: unknown): T {
  const type = (part as { readonly type?: unknown } | null)?.type;
  if (typeof type !== "string" || !Object.hasOwn(makers, type))
    throw new Error(
      `a ${what} of type ${JSON.stringify(type)?.slice(0, 40)}, none of ${Object.keys(makers).join(", ")}`,
    );
  return makers[type](part as Part);
}

/** A part's fields, checked. @throws Error naming the field */
export function fieldsOf<T>(schema: z.ZodType<T>, part: Part): T {
  const { success, data, error } = schema.safeParse(part);
  if (success) return data;
  const [{ path, message }] = error.issues;
  throw new Error(`${String(part.type)} with ${path.join(".") || "fields"} not valid: ${message}`);
}
