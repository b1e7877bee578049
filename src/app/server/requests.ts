/**
 * The bodies of requests, checked: what this server does is taken, what it does not do is refused.
 *
 *   JSON of /v1/chat/completions or /v1/completions  →  a request the model can answer
 *
 * A field that would change the answer and is not honoured is an error that names it, never ignored.
 */
import { z } from "zod";
import type { CompletionRequest } from "../../commands/chat/responder.ts";
import type { Message } from "../../loop/types.ts";
import { ApiError } from "./api-error.ts";

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

const stopText = z.string().min(1).max(STOP_CHARACTERS);
const shared = {
  model: z.string(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().min(1).max(MOST_TOKENS).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).max(MOST_TOKENS).nullish(),
  n: z.int().min(1).max(MOST_ANSWERS).nullish(),
  seed: z.int().min(0).nullish(),
  stop: z.union([stopText, z.array(stopText).max(MOST_STOPS)]).nullish(),
};
const textPart = z.strictObject({ type: z.literal("text"), text: z.string() });
const message = z.strictObject({
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: z.union([z.string(), z.array(textPart).min(1)]),
  name: z.string().nullish(),
});
const chat = z.looseObject({
  ...shared,
  messages: z.array(message).min(1).max(MOST_MESSAGES),
  max_completion_tokens: shared.max_tokens,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.literal(0).nullish(),
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

/** Fields that are taken where they ask for what is done anyway, and say nothing that could be done here. */
const without: Readonly<Record<string, (value: unknown) => boolean>> = {
  frequency_penalty: (value) => value === 0,
  presence_penalty: (value) => value === 0,
  logit_bias: isEmpty,
  tools: isEmpty,
  functions: isEmpty,
  tool_choice: (value) => value === "none" || value === "auto",
  parallel_tool_calls: (value) => typeof value === "boolean",
  response_format: (value) => (value as { type?: unknown }).type === "text",
  modalities: (value) => JSON.stringify(value) === '["text"]',
  best_of: (value) => value === 1,
  echo: (value) => value === false,
  suffix: (value) => value === "",
  store: (value) => value === false,
  service_tier: (value) => value === "auto" || value === "default",
  user: isLabel,
  metadata: (value) => typeof value === "object",
  safety_identifier: isLabel,
  prompt_cache_key: isLabel,
};

function isLabel(value: unknown): boolean {
  return typeof value === "string";
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && Object.keys(value as object).length === 0;
}

/** @throws ApiError naming the field that is missing, of the wrong kind, or not done here */
export function readRequest(kind: "chat" | "text", body: unknown): ApiRequest {
  if (kind === "chat") {
    const fields = check(chat, body);
    const { max_tokens: older, max_completion_tokens: newer } = fields;
    if (older != null && newer != null && older !== newer)
      throw new ApiError(400, "max_tokens and max_completion_tokens say different things.", "max_tokens");
    return {
      ...common(fields, newer ?? older ?? undefined, fields.messages.map(toMessage)),
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
    content: typeof content === "string" ? content : content.map((part) => part.text).join(""),
  };
}

function check<T extends z.ZodObject>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const param = issue!.path.join(".") || null;
    throw new ApiError(400, `${param ?? "The body"}: ${issue!.message}.`, param, "invalid_value");
  }
  // of the body itself: what was parsed has lost a field named __proto__
  for (const [key, value] of Object.entries(body as object)) {
    if (Object.hasOwn(schema.shape, key) || value === null || value === undefined) continue;
    const allowed = Object.hasOwn(without, key) ? without[key] : undefined;
    if (allowed?.(value) === true) continue;
    const name = key.slice(0, 80);
    throw new ApiError(
      400,
      allowed === undefined ? `Unrecognized field: ${name}.` : `${name}: this value is not supported here.`,
      name,
      allowed === undefined ? "unknown_parameter" : "unsupported_value",
    );
  }
  return parsed.data;
}
