/**
 * Families that are not there, by name, each with what it would need; and the error that says so.
 */
import { ModelError } from "../errors.ts";
import { knownArchitectures } from "./architectures.ts";

const experts =
  "a mixture of experts: a router, and products of each token with the few matrices that it is sent to, forward and backward";
const vision = "a model that sees pictures, around a language model";

/** By `model_type` and by GGUF's `general.architecture`: what the decoder lacks. */
const lacking: Readonly<Record<string, string>> = {
  mixtral: experts,
  qwen2_moe: experts,
  qwen3_moe: experts,
  qwen2moe: experts,
  qwen3moe: experts,
  olmoe: experts,
  phimoe: experts,
  gpt_oss: experts,
  "gpt-oss": experts,
  deepseek_v2: experts,
  deepseek_v3: experts,
  granitemoe: experts,
  granitemoehybrid: experts,
  llama4: experts,
  llama4_text: experts,
  gemma3: vision,
  gemma4: vision,
  mistral3: vision,
  qwen2_vl: vision,
  qwen2_5_vl: vision,
  qwen3_vl: vision,
  qwen3_5: vision,
};

/** A family that no row is of. @param key  where its name was read */
export function unknownFamily(
  where: string,
  key: string,
  name: string,
  known: readonly string[],
): ModelError {
  const lacks = Object.hasOwn(lacking, name) ? lacking[name] : undefined;
  return unsupported(where, `${key} ${known.join(", ")}`, `"${name}"${lacks ? `, ${lacks}` : ""}`);
}

/** A part of a model that the decoder does not compute. */
export function unsupported(where: string, expected: string, got: string): ModelError {
  return new ModelError({
    where,
    expected,
    got,
    next: `This model is not supported; choose ${knownArchitectures}.`,
  });
}
