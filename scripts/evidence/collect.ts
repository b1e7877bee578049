/**
 * From the folder of a comparison to its compact record: the runs that have ended, in the plan's order.
 */
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { planComparison } from "../../src/commands/compare/plan.ts";
import { type ComparedRun, collectResults } from "../../src/commands/compare/results.ts";
import type { ModelFiles } from "../../src/formats/model-files.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { type CompareRequest, DataError, type PlannedRun } from "../../src/index.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { readRun } from "../../src/run/read-run.ts";
import { isSolveEval, type SolveEval } from "../../src/run/records.ts";
import { modelPath } from "../../src/run/run-folder.ts";
import { comparisons, jobCount, requestFor, trajectoryComparison } from "./arms.ts";
import { type ComparisonRecord, type RecordedRun, spentNames } from "./record.ts";
import { secondComparisons } from "./second-arms.ts";

/**
 * @param folder  of `errata compare`, named for its comparison
 * @param regime  the YAML file its runs were made with
 * @throws DataError where the name is no comparison's or nothing has ended; OptionError where a run has other options
 */
export async function collect(folder: string, regime: string): Promise<ComparisonRecord> {
  const comparison = basename(resolve(folder));
  const next = "Name the folders that scripts/evidence-runs.ts made.";
  if (!comparisons.includes(comparison)) {
    throw new DataError({
      where: folder,
      expected: `one of ${comparisons.join(", ")}`,
      got: comparison,
      next,
    });
  }
  return collectFrom(comparison, requestFor(comparison, regime, folder));
}

/**
 * @param names  of the methods, in place of those of the request: in their order
 * @throws as `collect`
 */
export async function collectFrom(
  comparison: string,
  request: CompareRequest,
  names: readonly string[] = request.methods,
): Promise<ComparisonRecord> {
  const next = "Name the folders that scripts/evidence-runs.ts made.";
  const plan = planComparison(request);
  const { model, dataset, evalProblems, jobs, runs } = await collectResults(plan, jobCount);
  const ended = runs.flatMap((run) => {
    const planned = plan.runs.find(({ method, seed }) => method === run.method && seed === run.seed)!;
    return run.finished ? [{ run, planned }] : [];
  });
  if (ended.length === 0) {
    throw new DataError({ where: plan.folder, expected: "runs that have ended", got: "none", next });
  }
  const last = Math.max(
    ...ended.map(({ planned }) => statSync(join(planned.folder, "finished.json")).mtimeMs),
  );
  const recorded: RecordedRun[] = [];
  for (const { run, planned } of ended) {
    const others = ended.map((each) => each.planned).filter((each) => each.seed === run.seed);
    recorded.push({
      ...compact(run),
      method: names[plan.methods.indexOf(run.method)]!,
      ...(comparison in secondComparisons ? { ends: await endsOf(planned) } : {}),
      ...(comparison === trajectoryComparison ? { trajectory: await trajectory(planned, others) } : {}),
    });
  }
  const measured = new Date(last).toISOString().slice(0, 10);
  return { comparison, measured, model, dataset, evalProblems, jobs, runs: recorded };
}

function compact({ method, seed, evals, steps, peakMemory }: ComparedRun): RecordedRun {
  const spent = spentNames.map((name) => {
    const sums = evals.step.slice(1).map((step, i) => {
      const between = steps[name].slice(evals.step[i], step);
      return between.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    });
    return [name, sums.map(short)];
  });
  return {
    method,
    seed,
    evals: {
      step: [...evals.step],
      accuracy: [...evals.accuracy],
      entropy: [...evals.entropy],
      length: [...evals.length],
      truncated: [...evals.truncated],
    },
    spent: Object.fromEntries(spent) as RecordedRun["spent"],
    gradNormMax: [...steps.gradNormMax],
    peakMemory,
  };
}

/** What the second edition asks of a run's first and last evaluation. */
async function endsOf({ folder, options }: PlannedRun): Promise<NonNullable<RecordedRun["ends"]>> {
  const evals = (await readRun(folder).evals()).filter(isSolveEval);
  const [first, last] = [evals[0]!, evals.at(-1)!];
  const both = <T>(of: (record: SolveEval) => T) => ({ before: of(first), after: of(last) });
  // a rung of the ladder is every second problem
  const rung = (place: number) => (record: SolveEval) => {
    const own = (values: readonly number[]) =>
      values.reduce((sum, value, i) => sum + (i % 2 === place ? value : 0), 0);
    return short(own(record.right) / own(record.judged));
  };
  const isLadder = basename(options.dataset).startsWith("ladder-");
  return {
    learningRate: options.learningRate,
    passAt: {
      k: (first.passAt ?? []).map(({ k }) => k),
      ...both(({ passAt = [] }) => passAt.map(({ mean }) => short(mean))),
    },
    majority: both(({ majAtK }) => majAtK?.mean ?? null),
    ...(isLadder ? { easy: both(rung(0)), hard: both(rung(1)) } : {}),
  };
}

async function trajectory(
  run: PlannedRun,
  others: readonly PlannedRun[],
): Promise<NonNullable<RecordedRun["trajectory"]>> {
  const own = await openModel(modelPath(run.folder));
  try {
    const apart: [string, number][] = [];
    for (const other of others) {
      if (other.method !== run.method)
        apart.push([other.method, short(await distance(own, modelPath(other.folder)))]);
    }
    const moved = short(await distance(own, run.options.model));
    return {
      answers: await answerHashes(join(run.folder, "rollouts.jsonl")),
      moved,
      apart: Object.fromEntries(apart),
    };
  } finally {
  }
}

/** ‖θ − θ'‖ over all weights. */
async function distance(own: ModelFiles, path: string): Promise<number> {
  const other = await openModel(path);
  try {
    let squares = 0;
    for (const [name] of tensorShapes(own.config)) {
      const [ours, theirs] = [await own.read(name), await other.read(name)];
      for (let i = 0; i < ours.length; i++) squares += (ours[i]! - theirs[i]!) ** 2;
    }
    return Math.sqrt(squares);
  } finally {
  }
}

/** Of each step, in order, over the lines of rollouts.jsonl. */
async function answerHashes(path: string): Promise<string[]> {
  const hashes = new Map<number, ReturnType<typeof createHash>>();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { step, draw, index, text } = JSON.parse(line);
    if (!hashes.has(step)) hashes.set(step, createHash("sha256"));
    hashes.get(step)!.update(JSON.stringify([draw, index, text]));
  }
  return [...hashes.values()].map((hash) => hash.digest("hex").slice(0, 8));
}

/** Six digits are more than any of this is sure of. */
function short(value: number): number {
  return Number(value.toPrecision(6));
}
