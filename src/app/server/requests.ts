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
import type { Message } from "../../loop/types.ts";
import { ApiError } from "./api-error.ts";
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
const MOST_TOKENS = 2 ** 20;
/** Logits divided by less may leave float32. */
const LEAST_TEMPERATURE = 1e-6;

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
};
/** An object whose other fields are empty, as clients send back what they were answered. */
const filled = <T extends z.ZodRawShape>(shape: T) =>
  z.looseObject(shape).superRefine((fields, context) => {
    for (const [key, value] of Object.entries(fields)) {
      if (Object.hasOwn(shape, key) || value === null || (Array.isArray(value) && value.length === 0))
        continue;
      const name = key.slice(0, 80);
      context.addIssue({ code: "custom", path: [name], message: "expected null, or none of this field" });
    }
  });
const textPart = filled({ type: z.literal("text"), text: z.string() });
const message = filled({
  role: z.enum(["system", "developer", "user", "assistant"]),
  // null where the assistant said nothing
  content: z.union([z.string(), z.array(textPart).min(1), z.null()], {
    error: "expected text, or parts of type text",
  }),
  name: z.string().nullish(),
});
const chat = z.looseObject({
  ...shared,
  messages: z.array(message).min(1).max(MOST_MESSAGES),
  max_completion_tokens: shared.max_tokens,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.literal(0).nullish(),
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
    if (older != null && newer != null && older !== newer)
      throw new ApiError(400, "max_tokens and max_completion_tokens say different things.", "max_tokens");
    const asked = common(fields, newer ?? older ?? undefined, fields.messages.map(toMessage));
    return {
      ...asked,
      completion: { ...asked.completion, templateVariables: kwargs ?? undefined },
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
  const { model, n, stop, temperature, top_p, top_k, seed, stream, stream_options } = fields;
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
    },
  };
}

function toMessage({ role, content }: z.infer<typeof message>): Message {
  return {
    role: role === "developer" ? "system" : role,
    content: typeof content === "string" ? content : (content ?? []).map((part) => part.text).join(""),
  };
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
