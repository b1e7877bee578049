/**
 * How a model was trained, as far as the folder of the run that it came from says.
 *
 *   a run's folder, or one of its checkpoints  →  command, options, steps, evaluations up to there
 */
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { RunError } from "../../errors.ts";
import { isFile, readText } from "../../files/checked-file.ts";
import { readConfig } from "../../options/option-sources.ts";
import { checkpointsOf, isRun, optionsPath, runCommand } from "../../run/run-folder.ts";

export interface Training {
  /** The run's folder. */
  readonly folder: string;
  /** The command that began it: train or sft. */
  readonly command: string;
  /** Steps taken up to the checkpoint. */
  readonly step: number;
  /** In the order of options.yaml; of a path on this machine only its last part. */
  readonly options: ReadonlyMap<string, string | number | boolean>;
  readonly evals: readonly Evaluation[];
}

/** One evaluation, as far as a reader of the model's card needs it. */
export type Evaluation = z.infer<typeof evaluation>;

const LINES_BYTES = 2 ** 28;
const interval = z.object({ mean: z.number().nullable(), low: z.number(), high: z.number() });
const evaluation = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("solve"),
    step: z.int().min(0),
    dataset: z.string(),
    problems: z.int().min(0),
    k: z.int().min(1),
    temperature: z.number(),
    avgAtK: interval,
    sinceStart: interval.optional(),
  }),
  z.object({
    kind: z.literal("loss"),
    step: z.int().min(0),
    dataset: z.string(),
    problems: z.int().min(0),
    loss: z.number().nullable(),
  }),
]);

/**
 * What the run says of a model named by its folder or its checkpoint; undefined for any other model.
 *
 * @throws RunError where the run's files are not what a run writes
 */
export async function trainingOf(named: string): Promise<Training | undefined> {
  const place = placeOf(named);
  if (place === undefined) return undefined;
  const { folder, step } = place;
  const options = new Map<string, string | number | boolean>();
  for (const { key, value } of readConfig(optionsPath(folder)))
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      options.set(key, shown(value));
  const evals = (await evaluationsOf(folder)).filter((one) => one.step <= step);
  return { folder, command: runCommand(folder) ?? "train", step, options, evals };
}

function placeOf(named: string): { readonly folder: string; readonly step: number } | undefined {
  if (isRun(named)) {
    const last = checkpointsOf(named).at(-1);
    return last === undefined ? undefined : { folder: named, step: last.step };
  }
  const folder = dirname(dirname(resolve(named)));
  const own = isRun(folder) ? checkpointsOf(folder) : [];
  const checkpoint = own.find(({ path }) => resolve(path) === resolve(named));
  return checkpoint === undefined ? undefined : { folder, step: checkpoint.step };
}

/** A card is for others: where things lay on this machine is no business of theirs. */
function shown<T>(value: T): T | string {
  return typeof value === "string" && isAbsolute(value) ? basename(value) : value;
}

async function evaluationsOf(folder: string): Promise<Evaluation[]> {
  const path = join(folder, "evals.jsonl");
  if (!(await isFile(path))) return [];
  const lines = (await readText(path, LINES_BYTES)).split("\n").filter((line) => line !== "");
  return lines.map((line, i) => {
    try {
      const record = evaluation.parse(JSON.parse(line));
      return { ...record, dataset: shown(record.dataset) };
    } catch (cause) {
      throw new RunError({
        where: `${path}, line ${i + 1}`,
        expected: "the record of an evaluation",
        got: JSON.stringify(line.slice(0, 60)),
        next: "The file was changed by something else; put it back as it was.",
        cause,
      });
    }
  });
}
