/**
 * The messages and tools of a request for a chat, as OpenAI's clients send them and send back what they were answered.
 *
 * Tools go through the model's template and come back as its text: what a model writes to call one is its own.
 */
import { z } from "zod";
import type { Message } from "../../loop/types.ts";
import { ApiError } from "./api-error.ts";

const MOST_CALLS = 128;
const NAME_CHARACTERS = 256;

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

const name = z.string().min(1).max(NAME_CHARACTERS);
const textPart = filled({ type: z.literal("text"), text: z.string() });
const toolCall = z.looseObject({
  id: z.string().max(NAME_CHARACTERS).nullish(),
  type: z.literal("function"),
  function: z.looseObject({ name, arguments: z.string() }),
});

export const messageSchema = filled({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  // null where the assistant said nothing
  content: z
    .union([z.string(), z.array(textPart).min(1), z.null()], {
      error: "expected text, or parts of type text",
    })
    .optional(),
  name: z.string().max(NAME_CHARACTERS).nullish(),
  tool_calls: z.array(toolCall).max(MOST_CALLS).nullish(),
  tool_call_id: z.string().max(NAME_CHARACTERS).nullish(),
  // what a client made of the content
  parsed: z.unknown().optional(),
}).superRefine(({ role, content, tool_calls }, context) => {
  if (content !== undefined || (role === "assistant" && tool_calls?.length)) return;
  context.addIssue({ code: "custom", path: ["content"], message: "expected text, or parts of type text" });
});

/** A function, described as its caller likes: the template writes it into the prompt. */
export const toolSchema = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({ name }),
});

/** @throws ApiError where the arguments of a call are not JSON, as which a template writes them */
export function toMessage(sent: z.infer<typeof messageSchema>, at: number): Message {
  const { role, content, name, tool_calls, tool_call_id } = sent;
  const fields = {
    ...(name == null ? {} : { name }),
    ...(tool_call_id == null ? {} : { tool_call_id }),
    ...(tool_calls?.length ? { tool_calls: tool_calls.map((call) => withArguments(call, at)) } : {}),
  };
  return {
    role: role === "developer" ? "system" : role,
    content: typeof content === "string" ? content : (content ?? []).map((part) => part.text).join(""),
    ...(Object.keys(fields).length > 0 ? { fields } : {}),
  };
}

function withArguments(call: z.infer<typeof toolCall>, at: number): object {
  try {
    return { ...call, function: { ...call.function, arguments: JSON.parse(call.function.arguments) } };
  } catch (cause) {
    const param = `messages.${at}.tool_calls`;
    const why = (cause as Error).message;
    throw new ApiError(400, `${param}: the arguments of a call are no JSON: ${why}`, param, "invalid_value");
  }
}
