/**
 * A server's refusals, in whichever of their forms they come → errors that say what to do next.
 *
 * They come as `detail` (a text, or a list of what is wrong with each field), as `error` of a future that failed,
 * or as plain text from whatever stands before the server.
 */
import { EngineError } from "../../errors.ts";
import { isDeep } from "../../files/json-depth.ts";
import type { Reply } from "./connection.ts";
import { damagedAnswer } from "./pass.ts";

/** The server no longer holds the model that is trained: what it learnt since its last checkpoint is gone. */
export class ModelLostError extends EngineError {}

/** @throws EngineError where the body is no JSON object */
export function jsonOf({ body, text }: Pick<Reply, "body" | "text">): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = isDeep(body) ? undefined : JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch {
    // told below, as any other text that is none
  }
  throw damagedAnswer("a JSON object", text.slice(0, 200) || "nothing");
}

type Refused = Pick<Reply, "status" | "body" | "text">;

/** @param what  was asked of the server: "optim_step 4", "create_session" */
export function refusal(what: string, reply: Refused): EngineError {
  const { status } = reply;
  const detail = detailOf(reply);
  const fault = { where: what, expected: "the server to do it", got: `${status} ${detail}`.trim() };
  if (status === 401 || status === 403)
    return new EngineError({ ...fault, next: "Set TINKER_API_KEY to a key that may use this model." });
  if (status === 402)
    return new EngineError({ ...fault, next: "See to the account's billing, then resume." });
  if (status === 404 || status === 410 || /\bnot loaded\b/.test(detail))
    return new ModelLostError({
      ...fault,
      next: "The model or its session has ended on the server. Resume the run: it goes on from its checkpoint.",
    });
  if (status === 400 && what === "create_model")
    return new EngineError({
      ...fault,
      next: "Set lora_rank to one that the server takes, or end other runs on it: each holds a model. It drops those of killed runs after some minutes.",
    });
  if (status === 413)
    return new EngineError({
      ...fault,
      next: "Set mini_batch_size lower: a request was larger than the server takes.",
    });
  return new EngineError({
    ...fault,
    next: "See the server's log. Check that engine_dialect names this kind of server, then resume the run.",
  });
}

function detailOf(reply: Refused): string {
  let body: Readonly<Record<string, unknown>>;
  try {
    body = jsonOf(reply);
  } catch {
    return reply.text;
  }
  const { detail, error } = body;
  if (Array.isArray(detail))
    return detail.map(({ loc, msg }) => `${Array.isArray(loc) ? loc.join(".") : "?"}: ${msg}`).join("; ");
  return String(detail ?? error ?? reply.text);
}
