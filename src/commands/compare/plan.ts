/**
 * What to compare: methods × seeds, each a run of `train` that differs from the others in its objective or its seed alone.
 *
 *   nft   rft   rft:normalize=dr_grpo   nft:clamp_negative=0.1,num_iterations=2   ./mine.ts
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { dialects } from "../../engine/remote/dialects.ts";
import { OptionError } from "../../errors.ts";
import { objectiveNames } from "../../loop/objectives/objectives.ts";
import { collect, throwAll } from "../../options/option-faults.ts";
import { type Options, rowsOf } from "../../options/options.ts";
import type { ResolvedOptions } from "../../options/resolve-options.ts";
import { resolveRunOptions } from "../../run/run-options.ts";

export interface CompareRequest {
  /** As they were named: an algorithm, or the path of an objective, and after a colon what else is set. */
  readonly methods: readonly string[];
  /** Of each method: `seed`, `seed + 1`, … */
  readonly seeds: number;
  /** Runs at a time; with several, seconds and memory say less. */
  readonly jobs: number;
  /** A run short enough for a check: what is typed still goes before this. */
  readonly quick: boolean;
  /** Options of `train`, for all. */
  readonly argv: readonly string[];
}

export interface PlannedRun {
  readonly method: string;
  readonly seed: number;
  readonly folder: string;
  readonly options: Options<"train">;
}

export interface ComparePlan {
  readonly folder: string;
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** Seed by seed, so that a comparison stopped half-way has whole pairs. */
  readonly runs: readonly PlannedRun[];
  readonly notes: readonly string[];
}

/** A few minutes for the pocket model. */
const quickArguments = [
  ...["max_steps=6", "prompts_per_step=8", "num_generations=8"],
  ...["eval_steps=3", "eval_dataset_size=64"],
];

/** What a comparison sets unless it is told otherwise: the last checkpoint of each run, and no more. */
const habits = ["save_total_limit=1"];

/** @throws OptionError where a method or an option is unknown, or two methods are the same */
export function planComparison(request: CompareRequest): ComparePlan {
  const { methods, seeds: count, jobs, quick, argv } = request;
  checkCounts(request);
  const shared = [...habits, ...(quick ? quickArguments : []), ...argv];
  const resolve = (method: readonly string[]) => resolveRunOptions("train", { argv: shared, method });
  const base = checkedBase(methods, () => resolve([]));
  const names = methods.map(folderName);
  const twice = methods.find((_, i) => names.indexOf(names[i]!) !== i);
  if (twice !== undefined) {
    throw new OptionError({
      where: "errata compare",
      expected: "methods that differ",
      got: `${twice} twice`,
      next: "Name each once; --seeds repeats them.",
    });
  }
  const folder = base.options.outputDir ?? join("runs", `compare-${names.join("-")}`.slice(0, 120));
  const seeds = Array.from({ length: count }, (_, i) => base.options.seed + i);
  const share = jobs > 1 ? Math.max(1, Math.floor(availableParallelism() / jobs)) : "auto";
  const threads = base.options.threads ?? share;
  const notes = new Set(base.notes);
  /** The methods that do not read an option which is set for all. */
  const passedOver = new Map<string, string[]>();
  const runs = seeds.flatMap((seed) =>
    methods.map((method, i) => {
      const own = join(folder, "runs", `${names[i]}-seed-${seed}`);
      const resolved = resolve([
        ...settingsOf(method),
        ...[`seed=${seed}`, `threads=${threads}`, `output_dir=${own}`, "resume_from_checkpoint=auto"],
      ]);
      for (const note of resolved.notes) notes.add(note);
      for (const key of resolved.passedOver) passedOver.set(key, [...(passedOver.get(key) ?? []), method]);
      return { method, seed, folder: own, options: resolved.options };
    }),
  );
  if (jobs > 1 && runs.some(({ options }) => decaysOthers(options))) throw disturbing(jobs);
  for (const [key, by] of passedOver) {
    const names = [...new Set(by)];
    if (by.length === runs.length) throw unread(key, methods);
    notes.add(`${key} is not read by ${names.join(", ")}`);
  }
  return { folder, methods, seeds, runs, notes: [...notes] };
}

/** What all methods share. @throws OptionError for all that is wrong with that and with the methods' names */
function checkedBase(
  methods: readonly string[],
  resolve: () => ResolvedOptions<Options<"train">>,
): ResolvedOptions<Options<"train">> {
  const faults = methods.flatMap((method) => {
    const name = method.split(":")[0]!;
    if (isPath(name) || objectiveNames.includes(name)) return [];
    const expected = `one of ${objectiveNames.join(", ")}, or the path of an objective of one's own`;
    return [new OptionError({ where: "errata compare METHOD", expected, got: name, next: "Name a method." })];
  });
  let base: ResolvedOptions<Options<"train">> | undefined;
  collect(faults, () => {
    base = resolve();
  });
  const held = base?.options.evalDataset ?? base?.options.evalFraction;
  if (base !== undefined && held === undefined)
    faults.push(
      new OptionError({
        where: "errata compare",
        expected: "eval_dataset: the held-out problems that methods are compared on",
        got: "nothing",
        next: "Add --eval-dataset …, or --eval-fraction 0.2 to hold a share of the data set out.",
      }),
    );
  throwAll(faults.map(ofCompare));
  return base!;
}

/** The options are those of train, and the command that was typed is another. */
function ofCompare(fault: OptionError): OptionError {
  const { where, expected, got, next, cause } = fault;
  const named = new OptionError({
    ...{ where: where.replace("errata train", "errata compare"), expected, got, next, cause },
  });
  named.message = fault.message.replaceAll("errata train:", "errata compare:");
  return named;
}

/** Whether a run's weight decay reaches the adapters of others on its server. */
function decaysOthers({ engine, engineDialect, weightDecay }: Options<"train">): boolean {
  return engine !== undefined && weightDecay > 0 && dialects[engineDialect].decaysAll;
}

const disturbing = (jobs: number) =>
  new OptionError({
    where: "errata compare --jobs",
    expected: "1: the server's weight decay shrinks the adapters of all runs on it",
    got: String(jobs),
    next: "Leave --jobs out, or set weight_decay 0.",
  });

function isPath(name: string): boolean {
  return /[./\\]/.test(name);
}

function unread(key: string, methods: readonly string[]): OptionError {
  const { readBy = [], help } = rowsOf("train").find((row) => row.key === key)!;
  return new OptionError({
    where: key,
    expected: `an option that ${methods.join(" or ")} reads`,
    got: `${key}, which is read by ${readBy.join(", ")}`,
    next: `${key}: ${help}. Leave it out.`,
  });
}

function checkCounts({ methods, seeds, jobs }: CompareRequest): void {
  const refuse = (where: string, expected: string, got: unknown) => {
    throw new OptionError({
      where: `errata compare ${where}`,
      expected,
      got: String(got),
      next: "For example: errata compare nft rft grpo --seeds 5 --config examples/1-sums.yaml",
    });
  };
  if (methods.length === 0) refuse("METHOD…", `one or more of ${objectiveNames.join(", ")}`, "none");
  if (!Number.isSafeInteger(seeds) || seeds < 1) refuse("--seeds", "a whole number, 1 or more", seeds);
  if (!Number.isSafeInteger(jobs) || jobs < 1) refuse("--jobs", "a whole number, 1 or more", jobs);
}

/** `rft:normalize=dr_grpo` → `algorithm=rft`, `normalize=dr_grpo`. */
function settingsOf(method: string): string[] {
  const colon = method.indexOf(":");
  const name = colon < 0 ? method : method.slice(0, colon);
  const more = colon < 0 ? [] : method.slice(colon + 1).split(",");
  return [isPath(name) ? `objective=${name}` : `algorithm=${name}`, ...more];
}

function folderName(method: string): string {
  return method.replace(/[^\w.=-]+/g, "-").replace(/^[.-]+|[.-]+$/g, "");
}
