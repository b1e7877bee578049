/**
 * The metrics of a training step, under the field's names. What was not measured has no key.
 */
import type { Engine, UpdateReport } from "../engine/engine.ts";
import type { Alikeness } from "../statistics/alike.ts";
import type { Gathered } from "./collect-groups.ts";
import { isMixed, solveRate, verdictsIn } from "./groups/group.ts";
import type { Learnt } from "./policy-update.ts";
import type { Group, Rollout, Verdict } from "./types.ts";

type Metrics = Record<string, number>;

/** What was sampled and judged: `train/…`, `groups/…`, `response_length/…`, `response_alike/…`, `verifier/…`. */
export function gatheredMetrics(
  { all, kept, teaching, screening, rounds }: Gathered,
  alike: Alikeness,
): Metrics {
  const groups = all.map(({ group }) => group);
  const rollouts = groups.flatMap((group) => group.rollouts.map(({ rollout }) => rollout));
  const verdicts = verdictsIn(groups);
  // those that every problem was given: where they differ there are more, which would count easier problems more often
  const first = groups.flatMap(({ rollouts }) => rollouts.slice(0, screening).map(({ verdict }) => verdict));
  const judged = groups.filter((group) => !Number.isNaN(group.solveRate));
  const none = judged.filter((group) => group.solveRate === 0).length;
  const some = judged.filter((group) => group.solveRate > 0 && group.solveRate < 1).length;
  return measured({
    "train/acc_all": solveRate(first),
    "train/acc_selected": solveRate(verdictsIn(kept)),
    "train/num_gen_batches": rounds,
    "groups/sampled": groups.length,
    "groups/kept": kept.length,
    "groups/solved_none": none / judged.length,
    "groups/solved_some": some / judged.length,
    "groups/predicted_solved_some": mean(all.flatMap(({ drawn }) => drawn.mixed ?? [])),
    "groups/solved_all": (judged.length - none - some) / judged.length,
    "groups/effective_ratio": teaching / groups.length,
    "groups/answers_per_kept": rollouts.length / verdictsIn(kept).length,
    ...solveRateBands(judged),
    "perf/tokens": sampledTokens(groups),
    "perf/tokens_discarded": sampledTokens(groups) - sampledTokens(kept),
    ...named(
      "groups/solve_rate",
      kept.map((group) => group.solveRate),
    ),
    ...lengthMetrics(rollouts),
    ...lengthsByVerdict(groups),
    "response_alike/right": alike.right?.mean,
    "response_alike/wrong": alike.wrong?.mean,
    ...verdictMetrics(verdicts),
    ...named(
      "prompt_length",
      all.map(({ drawn }) => drawn.tokens.length),
    ),
  });
}

/** Shares of groups solved in part, by thirds: with `solved_none` and `solved_all` the histogram of solve rates. */
function solveRateBands(judged: readonly Group[]): Metrics {
  const share = (low: number, high: number) =>
    judged.filter(({ solveRate }) => solveRate > low && solveRate <= high && solveRate < 1).length /
    judged.length;
  return {
    "groups/solved_some/low": share(0, 1 / 3),
    "groups/solved_some/middle": share(1 / 3, 2 / 3),
    "groups/solved_some/high": share(2 / 3, 1),
  };
}

/** Tokens sampled. */
export function sampledTokens(groups: readonly Group[]): number {
  return groups.reduce(
    (sum, { rollouts }) => sum + rollouts.reduce((own, { rollout }) => own + rollout.tokens.length, 0),
    0,
  );
}

function lengthMetrics(rollouts: readonly Rollout[]): Metrics {
  const cut = rollouts.filter((rollout) => rollout.stop === "length").length / rollouts.length;
  return {
    ...named(
      "response_length",
      rollouts.map((rollout) => rollout.tokens.length),
    ),
    "response_length/clip_ratio": cut,
    "stop_reason/eos": 1 - cut,
    "stop_reason/length": cut,
  };
}

/** Mean lengths of right and of wrong answers to problems that have both: others would compare problems. */
function lengthsByVerdict(groups: readonly Group[]): Metrics {
  const rollouts = groups.filter(isMixed).flatMap((group) => group.rollouts);
  const lengths = (kind: Verdict["kind"]) =>
    mean(rollouts.flatMap(({ rollout, verdict }) => (verdict.kind === kind ? rollout.tokens.length : [])));
  return { "response_length/right": lengths("right"), "response_length/wrong": lengths("wrong") };
}

function verdictMetrics(verdicts: readonly Verdict[]): Metrics {
  const errors = verdicts.filter(({ kind }) => kind === "error").length / verdicts.length;
  const turned =
    verdicts.filter((verdict) => verdict.kind !== "error" && verdict.isTurned === true).length /
    verdicts.length;
  const scores = verdicts.flatMap((verdict) => (verdict.kind === "error" ? [] : (verdict.score ?? [])));
  return {
    "verifier/error_rate": errors,
    ...(turned > 0 ? { "verifier/turned_rate": turned } : {}),
    ...(scores.length === 0 ? {} : named("critic/score", scores)),
  };
}

/** What the updates did: `actor/…`, `sampling/…` and the objective's own. */
export function learntMetrics({
  reports,
  learningRate,
  difference,
  answers,
}: Omit<Learnt, "rollouts">): Metrics {
  const over = (of: (report: UpdateReport) => number | undefined) =>
    mean(reports.map((report) => of(report) ?? Number.NaN));
  return measured({
    "actor/loss": over((report) => report.loss),
    "actor/grad_norm": over((report) => report.gradNorm),
    "actor/grad_norm/max": Math.max(...reports.map((report) => report.gradNorm ?? Number.NaN)),
    "actor/update_norm": over((report) => report.updateNorm),
    "actor/entropy": over((report) => report.entropy),
    "actor/lr": learningRate,
    "actor/updates": reports.length,
    "actor/answers": answers,
    "sampling/logp_difference/mean": difference.mean,
    "sampling/logp_difference/max": difference.max,
    ...("p99" in difference
      ? {
          "sampling/logp_difference/p99": difference.p99,
          "sampling/effective_share": difference.effectiveShare,
        }
      : {}),
    ...objectiveMetrics(reports),
  });
}

/** Reduced over the mini-batches that measured it, in the way its name's last part says. */
function objectiveMetrics(reports: readonly UpdateReport[]): Metrics {
  const names = new Set(reports.flatMap((report) => Object.keys(report.metrics)));
  return Object.fromEntries(
    [...names].map((name) => {
      const values = reports.flatMap((report) => report.metrics[name] ?? []);
      if (name.endsWith("/min")) return [name, Math.min(...values)];
      return [name, name.endsWith("/max") ? Math.max(...values) : mean(values)];
    }),
  );
}

/** Floating-point operations of the engine, by its verbs. */
export type Flops = Engine["flops"];

/** `perf/flops` of a step and of its phases, counted from the programs between two readings of the engine, where it counts. */
export function flopMetrics(before: Flops, after: Flops): Metrics {
  if (before === undefined || after === undefined) return {};
  const [gen, score, update] = (["sample", "score", "update"] as const).map(
    (verb) => after[verb] - before[verb],
  ) as [number, number, number];
  return {
    "perf/flops": gen + score + update,
    "perf/flops/gen": gen,
    "perf/flops/old_log_prob": score,
    "perf/flops/update_actor": update,
  };
}

/**
 * `timing_s/…` of the phases and of the whole step, in seconds.
 *
 * @param tokens  sampled in the step (in supervised fine-tuning: learnt from)
 */
export function timeMetrics(phases: ReadonlyMap<string, number>, seconds: number, tokens: number): Metrics {
  return {
    ...Object.fromEntries([...phases].map(([phase, value]) => [`timing_s/${phase}`, round(value)])),
    "timing_s/step": round(seconds),
    "perf/throughput": round(tokens / seconds),
    // the highest so far, of the whole process; Node gives kilobytes on every system
    "perf/max_memory_gb": round((process.resourceUsage().maxRSS * 1024) / 1e9),
  };
}

function named(group: string, values: readonly number[]): Metrics {
  const { mean: average, min, max } = statistics(values);
  return { [`${group}/mean`]: average, [`${group}/min`]: min, [`${group}/max`]: max };
}

function statistics(values: readonly number[]): { mean: number; min: number; max: number } {
  if (values.length === 0) return { mean: Number.NaN, min: Number.NaN, max: Number.NaN };
  let [min, max] = [values[0]!, values[0]!];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { mean: mean(values), min, max };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** JSON has no NaN, and 0 would be a lie: what was not measured is left out. */
export function measured(metrics: Readonly<Record<string, number | undefined>>): Metrics {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) =>
      value !== undefined && Number.isFinite(value) ? [[name, value]] : [],
    ),
  );
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
