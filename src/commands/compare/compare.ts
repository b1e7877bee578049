/**
 * Comparing methods: the same base, the same data in the same order, the same budget, several seeds.
 *
 *   plan → runs → results.json → summary.json, summary.md and *.svg
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../files/atomic-write.ts";
import { asRunError } from "../../files/disk-errors.ts";
import { checkContext } from "../../run/check-context.ts";
import { type ComparePlan, type CompareRequest, planComparison } from "./plan.ts";
import { comparePlots } from "./plots.ts";
import { compareReport } from "./report.ts";
import { type CompareResults, collectResults } from "./results.ts";
import { finishedRun, type OnRunEvent, runAll } from "./runner.ts";
import { type CompareSummary, summarize } from "./summary.ts";

export interface CompareContext {
  /** Once the plan is made: how many runs there are, and how many have ended before. */
  readonly onPlan?: (plan: ComparePlan, finished: number) => void;
  readonly onEvent?: OnRunEvent;
  /** Once aborted, the runs under way save and end; the same request goes on from there. */
  readonly signal?: AbortSignal;
}

export interface CompareResult {
  readonly folder: string;
  /** False where it was stopped before every run had ended. */
  readonly finished: boolean;
  readonly results: CompareResults;
  readonly summary: CompareSummary;
  /** The text of summary.md. */
  readonly report: string;
}

/**
 * Runs what of a comparison has not been run yet, and writes what all of it says so far.
 *
 * @throws OptionError before anything is written; RunError where a run fails, with the others kept
 */
export async function compare(request: CompareRequest, context: CompareContext = {}): Promise<CompareResult> {
  checkContext("compare", context, ["onPlan", "onEvent", "signal"]);
  const plan = planComparison(request);
  const { folder, runs } = plan;
  context.onPlan?.(plan, runs.filter((run) => finishedRun(run) !== undefined).length);
  await mkdir(join(folder, "runs"), { recursive: true }).catch((cause: unknown) => {
    throw asRunError(cause, folder);
  });
  const finished = await runAll(runs, request.jobs, context.signal, context.onEvent ?? (() => undefined));
  const results = await collectResults(plan, request.jobs);
  return { folder, finished, results, ...(await writeComparison(folder, results)) };
}

/** Writes results.json and all that is made of it. */
export async function writeComparison(
  folder: string,
  results: CompareResults,
): Promise<{ readonly summary: CompareSummary; readonly report: string }> {
  const summary = summarize(results);
  const report = compareReport(results, summary);
  const files = {
    "results.json": `${JSON.stringify(results)}\n`,
    "summary.json": `${JSON.stringify(summary, undefined, 2)}\n`,
    "summary.md": report,
    ...comparePlots(results),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeWhole(join(folder, name), (handle) => handle.writeFile(text)).catch((cause: unknown) => {
      throw asRunError(cause, folder);
    });
  }
  return { summary, report };
}
