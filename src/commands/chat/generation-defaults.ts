/**
 * How a model's makers say that it should be sampled from: its generation_config.json, under the options that were set.
 */
import { z } from "zod";
import type { ModelFiles } from "../../formats/model-files.ts";
import { camelCase, type Options } from "../../options/options.ts";

/** As far as the options of these names go. */
const taken = {
  temperature: z.number().refine((value) => value === 0 || (value >= 1e-6 && value <= 100)),
  top_p: z.number().min(1e-6).max(1),
  top_k: z
    .int()
    .min(0)
    .max(1 << 24),
};
/** What is not done here, and the value that asks for nothing. */
const undone = { repetition_penalty: 1, min_p: 0, typical_p: 1, no_repeat_ngram_size: 0 };

export interface GenerationDefaults {
  readonly options: Partial<Pick<Options, "temperature" | "topP" | "topK">>;
  /** What is taken of the file and what is not, for people. */
  readonly notes: readonly string[];
}

/** @param isSet  whether an option was set, which goes before the file */
export function generationDefaults(
  { generationJson }: Pick<ModelFiles, "generationJson">,
  isSet: (key: string) => boolean,
): GenerationDefaults {
  const options: Record<string, number> = {};
  const said: string[] = [];
  const passed: string[] = [];
  for (const [key, schema] of Object.entries(taken)) {
    const value = generationJson[key];
    if (value == null || isSet(key)) continue;
    const { success, data } = schema.safeParse(value);
    if (success) {
      options[camelCase(key)] = data;
      said.push(`${key} ${data}`);
    } else passed.push(`${key} ${JSON.stringify(value).slice(0, 40)}`);
  }
  for (const [key, nothing] of Object.entries(undone)) {
    const value = generationJson[key];
    if (value != null && value !== nothing) passed.push(`${key} ${JSON.stringify(value).slice(0, 40)}`);
  }
  return {
    options,
    notes: [
      ...(said.length > 0 ? [`as the model's generation_config.json says: ${said.join(", ")}`] : []),
      ...(passed.length > 0 ? [`passed over in generation_config.json: ${passed.join(", ")}`] : []),
    ],
  };
}
