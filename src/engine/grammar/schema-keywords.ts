/**
 * JSON Schema's keywords: those that are kept to, those that say nothing of what is valid, and the others refused.
 */
import { z } from "zod";
import { SchemaError } from "../../errors.ts";

/** A schema as it came; what is in it is checked when it is read. */
export type JsonSchema = unknown;

const MOST_NAME_LETTERS = 256;
const count = z.int().min(0);
const many = z.array(z.unknown()).min(1).max(1000);
const type = z.enum(["object", "array", "string", "number", "integer", "boolean", "null"]);
const name = z.string().max(MOST_NAME_LETTERS);

const kept = {
  type: z.union([type, z.array(type).min(1)]),
  enum: z.array(z.unknown()).min(1),
  const: z.unknown(),
  $ref: z.string().regex(/^#(\/|$)/, { error: "expected a place within this schema, as in #/$defs/name" }),
  anyOf: many,
  oneOf: many,
  allOf: many.max(1, { error: "expected one schema: several at once are not supported" }),
  // checked by hand: a record would drop a member called __proto__
  properties: z.custom<Record<string, unknown>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    { error: "expected an object of schemas" },
  ),
  required: z.array(name),
  additionalProperties: z.unknown(),
  items: z.unknown(),
  prefixItems: z.array(z.unknown()).max(1000),
  minItems: count,
  maxItems: count,
  minLength: count,
  maxLength: count,
  minimum: z.number(),
  maximum: z.number(),
  exclusiveMinimum: z.number(),
  exclusiveMaximum: z.number(),
  nullable: z.boolean(),
};
const keywords = z.object(kept).partial();
export type SchemaKeywords = z.infer<typeof keywords>;

/** Said to people and programs, of no weight for what is valid. */
const annotations = new Set(
  "$schema $id $comment $defs definitions title description default example examples deprecated readOnly writeOnly discriminator".split(
    " ",
  ),
);

/** Keywords that say what the whole value is: beside one of them, others would narrow it further. */
const whole = ["$ref", "const", "enum", "anyOf", "oneOf", "allOf"] as const;

/** @throws SchemaError naming the keyword that is unknown, of the wrong kind or not kept to */
export function check(given: JsonSchema, where: string): SchemaKeywords | boolean {
  if (typeof given === "boolean") return given;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw fault(where, "a schema: an object, true or false", JSON.stringify(given) ?? "nothing");
  const own = Object.entries(given).filter(([key]) => !annotations.has(key));
  for (const [key] of own)
    if (!Object.hasOwn(kept, key)) throw fault(where, "keywords that are kept to", key.slice(0, 80));
  const parsed = keywords.safeParse(Object.fromEntries(own));
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw fault(`${where}/${path.join("/")}`, "the keyword's own kind of value", message);
  }
  const schema = parsed.data;
  const long = Object.keys(schema.properties ?? {}).find((key) => key.length > MOST_NAME_LETTERS);
  if (long !== undefined)
    throw fault(where, `names of at most ${MOST_NAME_LETTERS} letters`, `${long.slice(0, 40)}…`);
  const [first] = whole.filter((key) => key in schema);
  const isValue = first === "const" || first === "enum";
  const free = [first, "nullable", isValue ? "type" : undefined];
  const beside = own.map(([key]) => key).filter((key) => !free.includes(key as typeof first));
  if (first !== undefined && beside.length > 0)
    throw fault(where, `${first} alone`, `${beside.join(", ")} beside it`);
  return schema;
}

/** A refusal that lists what is kept to. */
export const fault = (where: string, expected: string, got: string): SchemaError =>
  new SchemaError({
    where,
    expected,
    got,
    next: `These are kept to: ${Object.keys(kept).join(", ")}. Say the rest in the prompt.`,
  });
