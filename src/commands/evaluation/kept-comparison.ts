/**
 * The comparison that an evaluation's summary holds from before: the answers it is of are still the same, so that
 * the command without `compare_with` does not drop it.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Comparison } from "./paired.ts";

const interval = z.strictObject({ mean: z.number(), low: z.number(), high: z.number() });
const schema = z.object({
  comparison: z.strictObject({
    with: z.string(),
    sets: z
      .array(
        z.strictObject({
          dataset: z.string(),
          problems: z.int().min(1),
          other: interval,
          difference: interval,
          passAt: z.array(z.strictObject({ k: z.int().min(1), ...interval.shape })),
        }),
      )
      .min(1),
    mean: interval.optional(),
  }),
});

/** Undefined where the folder has no summary yet, or one without a comparison; what cannot be read is made anew. */
export async function keptComparison(folder: string): Promise<Comparison | undefined> {
  try {
    const text = await readFile(join(folder, "summary.json"), "utf8");
    return schema.parse(JSON.parse(text)).comparison as Comparison;
  } catch {
    return undefined;
  }
}
