/**
 * Fields of OpenAI's requests that nothing could be done with here: taken where they ask for what is done
 * anyway, else refused, saying what is taken and what came.
 */
import { ApiError } from "./api-error.ts";

interface Field {
  /** What is taken, in words. */
  readonly takes: string;
  readonly taken: (value: unknown) => boolean;
}

const only = (value: unknown): Field => ({ takes: JSON.stringify(value), taken: (sent) => sent === value });
const empty = (takes: string): Field => ({
  takes,
  taken: (sent) => typeof sent === "object" && Object.keys(sent as object).length === 0,
});
const label: Field = { takes: "text", taken: (sent) => typeof sent === "string" };
const oneOf = (...values: readonly string[]): Field => ({
  takes: values.join(" or "),
  taken: (sent) => values.includes(sent as string),
});

const fields: Readonly<Record<string, Field>> = {
  frequency_penalty: only(0),
  presence_penalty: only(0),
  min_p: only(0),
  typical_p: only(1),
  repetition_penalty: only(1),
  logit_bias: empty("{}"),
  functions: empty("[]"),
  function_call: oneOf("none", "auto"),
  parallel_tool_calls: { takes: "true or false", taken: (sent) => typeof sent === "boolean" },
  modalities: { takes: '["text"]', taken: (sent) => JSON.stringify(sent) === '["text"]' },
  best_of: only(1),
  echo: only(false),
  suffix: only(""),
  store: only(false),
  service_tier: oneOf("auto", "default"),
  metadata: { takes: "an object", taken: (sent) => typeof sent === "object" },
  user: label,
  safety_identifier: label,
  prompt_cache_key: label,
};

/**
 * @param known  fields that are read; the others of the body are held against the table
 * @throws ApiError for the first that is unknown, or asks for what is not done here
 */
export function rejectUnsupported(body: object, known: object): void {
  for (const [key, value] of Object.entries(body)) {
    if (Object.hasOwn(known, key) || value === null) continue;
    const name = key.slice(0, 80);
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined)
      throw new ApiError(400, `Unrecognized field: ${name}.`, name, "unknown_parameter");
    if (field.taken(value)) continue;
    const message = `${name} takes ${field.takes}; ${shown(value)} is not supported yet.`;
    throw new ApiError(400, message, name, "unsupported_value");
  }
}

/** What came, in few letters: of tools, formats and parts of a message their `type`. */
export function shown(value: unknown): string {
  const types = new Set((Array.isArray(value) ? value : [value]).map(typeOf));
  const all = [...types].every((type) => typeof type === "string") && types.size > 0;
  return (all ? [...types].join(", ") : (JSON.stringify(value) ?? "nothing")).slice(0, 80);
}

const typeOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? (value as { type?: unknown }).type : undefined;
