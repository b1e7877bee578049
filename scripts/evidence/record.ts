/**
 * The compact record of a comparison: what its runs measured, as far as docs/evidence.md uses it.
 *
 *   docs/evidence/<comparison>.json  ⇄  ComparisonRecord
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DataError } from "../../src/index.ts";
import { recorded } from "./arms.ts";

const numbers = z.array(z.number());

/** Sums over the steps from one evaluation to the next: a value for each evaluation after the first. */
const spentSchema = z.strictObject({
  tokens: numbers,
  tokensDiscarded: numbers,
  flopsRollout: numbers,
  flopsScore: numbers,
  flopsUpdate: numbers,
  secondsRollout: numbers,
  secondsVerify: numbers,
  secondsScore: numbers,
  secondsUpdate: numbers,
  seconds: numbers,
});
export type Spent = keyof z.infer<typeof spentSchema>;
export const spentNames = Object.keys(spentSchema.shape) as Spent[];

const runSchema = z.strictObject({
  method: z.string(),
  seed: z.number(),
  /** Held-out measurements, the base's first (step 0): rates, nats per token, tokens, rates. */
  evals: z.strictObject({
    step: numbers,
    accuracy: numbers,
    entropy: z.array(z.number().nullable()),
    length: numbers,
    truncated: numbers,
  }),
  spent: spentSchema,
  /** Second edition: pass@1, 2, 4, … and maj@k of the base and at the end. */
  ends: z
    .strictObject({
      learningRate: z.number(),
      passAt: z.strictObject({ k: numbers, before: numbers, after: numbers }),
      majority: z.strictObject({ before: z.number().nullable(), after: z.number().nullable() }),
      /** Of the ladder alone: right at the first try, of its easy and of its hard problems. */
      easy: z.strictObject({ before: z.number(), after: z.number() }).optional(),
      hard: z.strictObject({ before: z.number(), after: z.number() }).optional(),
    })
    .optional(),
  /** The largest gradient norm among the updates of each step, before clipping; null where it made none. */
  gradNormMax: z.array(z.number().nullable()),
  /** Of the run's process, gigabytes. */
  peakMemory: z.number(),
  /** Of the trajectory's comparison alone. */
  trajectory: z
    .strictObject({
      /** Of each step, a hash of the text of every answer sampled in it. */
      answers: z.array(z.string()),
      /** L2 norms of differences of all weights at the end: from the base, and from other methods of the seed. */
      moved: z.number(),
      apart: z.record(z.string(), z.number()),
    })
    .optional(),
});
export type RecordedRun = z.infer<typeof runSchema>;

const recordSchema = z.strictObject({
  comparison: z.string(),
  /** The day its last run ended. */
  measured: z.string(),
  model: z.string(),
  dataset: z.string(),
  evalProblems: z.number(),
  jobs: z.number(),
  runs: z.array(runSchema),
});
export type ComparisonRecord = z.infer<typeof recordSchema>;

export function recordPath(folder: string, comparison: string): string {
  return join(folder, `${comparison}.json`);
}

/** A line for each run, so that a change is read run by run. */
export function recordText({ runs, ...head }: ComparisonRecord): string {
  const lines = runs.map((run) => `    ${JSON.stringify(run)}`);
  return `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "runs": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

/**
 * Every record of a folder.
 *
 * @throws DataError where one is not of this form, or none is there
 */
export function readRecords(folder: string): ComparisonRecord[] {
  const next = "Make it anew: npx tsx scripts/evidence.ts --collect FOLDER…";
  const found = recorded
    .map((name) => recordPath(folder, name))
    .filter((path) => existsSync(path))
    .map((path) => {
      const parsed = recordSchema.safeParse(parseJson(readFileSync(path, "utf8")));
      if (parsed.success) return parsed.data;
      const got = z.prettifyError(parsed.error).split("\n").slice(0, 2).join(" ");
      throw new DataError({ where: path, expected: "the record of a comparison", got, next });
    });
  if (found.length > 0) return found;
  throw new DataError({ where: folder, expected: "records of comparisons", got: "none", next });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
