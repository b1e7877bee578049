/**
 * The bodies of requests, checked: what this server does is taken, what it does not do is refused.
 *
 *   JSON of /v1/chat/completions or /v1/completions  →  a request the model can answer
 *
 * A field that would change the answer and is not honoured is an error that names it, never ignored.
 */
import { z } from "zod";
import type { CompletionRequest } from "../../commands/chat/responder.ts";
import { reservedVariables } from "../../formats/tokenizer/chat-template.ts";
import { ApiError } from "./api-error.ts";
import { messageSchema, toMessage, toolSchema } from "./request-messages.ts";
import { rejectUnsupported, shown } from "./unsupported-fields.ts";

export interface ApiRequest {
  readonly kind: "chat" | "text";
  readonly model: string;
  readonly completion: CompletionRequest;
  readonly stream: boolean;
  /** A last chunk of a stream tells the tokens used. */
  readonly includeUsage: boolean;
  readonly logprobs: boolean;
}

const MOST_ANSWERS = 16;
const MOST_STOPS = 4;
const STOP_CHARACTERS = 256;
const MOST_MESSAGES = 4096;
const MOST_TOOLS = 128;
const MOST_TOKENS = 2 ** 20;
/** Logits divided by less may leave float32. */
const LEAST_TEMPERATURE = 1e-6;

/** A schema that is not strict is kept to as well. */
const responseFormat = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: z.string().max(64),
      description: z.string().nullish(),
      // checked where it becomes a grammar
      schema: z.unknown().optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const stopText = z.string().min(1).max(STOP_CHARACTERS);
const shared = {
  model: z.string(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.literal(false).nullish() })
    .nullish(),
  max_tokens: z.int().min(1).max(MOST_TOKENS).nullish(),
  temperature: z
    .number()
    .refine((value) => value === 0 || (value >= LEAST_TEMPERATURE && value <= 2), {
      error: `expected 0, which takes the likeliest token, or ${LEAST_TEMPERATURE} to 2`,
    })
    .nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).max(MOST_TOKENS).nullish(),
  n: z.int().min(1).max(MOST_ANSWERS).nullish(),
  seed: z.int().min(0).nullish(),
  stop: z.union([stopText, z.array(stopText).max(MOST_STOPS)]).nullish(),
  response_format: responseFormat.nullish(),
};
const chat = z.looseObject({
  ...shared,
  messages: z.array(messageSchema).min(1).max(MOST_MESSAGES),
  max_completion_tokens: shared.max_tokens,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.literal(0).nullish(),
  tools: z.array(toolSchema).max(MOST_TOOLS).nullish(),
  tool_choice: z.enum(["none", "auto"]).nullish(),
  chat_template_kwargs: z
    .looseObject({})
    .refine((kwargs) => !reservedVariables.some((name) => Object.hasOwn(kwargs, name)), {
      error: `expected variables of the template's own, not ${reservedVariables.join(" or ")}`,
    })
    .nullish(),
});
const text = z.looseObject({
  ...shared,
  prompt: z.union([
    z.string(),
    z.tuple([z.string()]),
    z
      .array(
        z
          .int()
          .min(0)
          .max(2 ** 31 - 1),
      )
      .max(MOST_TOKENS),
  ]),
  // 1 and more ask for the likeliest tokens, which are not kept
  logprobs: z.literal(0).nullish(),
});

/** @throws ApiError naming the field that is missing, of the wrong kind, or not done here */
export function readRequest(kind: "chat" | "text", body: unknown): ApiRequest {
  if (kind === "chat") {
    const fields = check(chat, body);
    const { max_tokens: older, max_completion_tokens: newer, chat_template_kwargs: kwargs } = fields;
    const tools = fields.tool_choice === "none" || !fields.tools?.length ? {} : { tools: fields.tools };
    if (older != null && newer != null && older !== newer)
      throw new ApiError(400, "max_tokens and max_completion_tokens say different things.", "max_tokens");
    const asked = common(fields, newer ?? older ?? undefined, fields.messages.map(toMessage));
    return {
      ...asked,
      completion: { ...asked.completion, templateVariables: { ...kwargs, ...tools } },
      kind,
      logprobs: fields.logprobs ?? false,
    };
  }
  const fields = check(text, body);
  const { prompt } = fields;
  const [first] = prompt;
  const asked =
    typeof prompt === "string"
      ? prompt
      : typeof first === "string"
        ? first
        : Int32Array.from(prompt as number[]);
  return {
    ...common(fields, fields.max_tokens ?? undefined, asked),
    kind,
    logprobs: fields.logprobs === 0,
  };
}

function common(
  fields: z.infer<z.ZodObject<typeof shared>>,
  maxTokens: number | undefined,
  prompt: CompletionRequest["prompt"],
): Pick<ApiRequest, "model" | "completion" | "stream" | "includeUsage"> {
  const { model, n, stop, temperature, top_p, top_k, seed, stream, stream_options, response_format } = fields;
  if (stream_options != null && stream !== true)
    throw new ApiError(400, "stream_options is only taken with stream: true.", "stream_options");
  return {
    model,
    stream: stream ?? false,
    includeUsage: stream_options?.include_usage ?? false,
    completion: {
      prompt,
      answers: n ?? 1,
      maxTokens,
      temperature: temperature ?? undefined,
      topP: top_p ?? undefined,
      topK: top_k ?? undefined,
      seed: seed ?? undefined,
      stop: typeof stop === "string" ? [stop] : (stop ?? []),
      json: jsonAsked(response_format),
    },
  };
}

function jsonAsked(format: z.infer<typeof responseFormat> | null | undefined): CompletionRequest["json"] {
  if (format?.type === "json_object") return {};
  return format?.type === "json_schema" ? { schema: format.json_schema.schema ?? {} } : undefined;
}

function check<T extends z.ZodObject>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
    const param = path.join(".") || null;
    const got = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], body);
    throw new ApiError(400, `${param ?? "The body"}: ${message}, got ${shown(got)}.`, param, "invalid_value");
  }
  // the body itself: what was parsed has lost a field named __proto__
  rejectUnsupported(body as object, schema.shape);
  return parsed.data;
}
