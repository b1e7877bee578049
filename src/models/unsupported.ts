/**
 * Families that are not there, by name, each with what it would need; and the error that says so.
 */
import { ModelError } from "../errors.ts";
import { knownArchitectures } from "./architectures.ts";

const EXPERTS =
  "a mixture of experts: a router, and products of each token with the few matrices that it is sent to, forward and backward";
const LINEAR =
  "layers of linear attention: a state carried from token to token, its scan forward and backward, and caches of states beside those of keys";
const VISION = "a model that sees pictures, around a language model";

/** By `model_type` and by GGUF's `general.architecture`: what the decoder lacks. */
const lacking: Readonly<Record<string, string>> = {
  mixtral: EXPERTS,
  qwen2_moe: EXPERTS,
  qwen3_moe: EXPERTS,
  qwen2moe: EXPERTS,
  qwen3moe: EXPERTS,
  olmoe: EXPERTS,
  phimoe: EXPERTS,
  gpt_oss: EXPERTS,
  "gpt-oss": EXPERTS,
  deepseek_v2: EXPERTS,
  deepseek_v3: EXPERTS,
  granitemoe: EXPERTS,
  granitemoehybrid: EXPERTS,
  llama4: EXPERTS,
  llama4_text: EXPERTS,
  gemma3: VISION,
  gemma4: VISION,
  mistral3: VISION,
  qwen2_vl: VISION,
  qwen2_5_vl: VISION,
  qwen3_vl: VISION,
  qwen3_5: VISION,
  qwen3_5_text: LINEAR,
  qwen35: LINEAR,
  qwen3_next: LINEAR,
  qwen3next: LINEAR,
  lfm2: "short convolutions between attention layers",
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
