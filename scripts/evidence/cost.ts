/**
 * What each method costs: a step of it, and the way to a given accuracy.
 */
import { figures, table } from "../../src/statistics/markdown-table.ts";
import { type ArmName, arms } from "./arms.ts";
import { mean, runsOf } from "./measures.ts";
import type { ComparisonRecord, RecordedRun, Spent } from "./record.ts";

/** The arms that are priced: the regime's own, and those that keep all groups. */
const priced: readonly ArmName[] = ["nft", "rft", "grpo", "dapo", "grpoAll", "drGrpoAll"];

/** Held-out rate to price; the arms of eight updates a step all pass it on their way. */
export const target = 0.45;

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const flops: readonly Spent[] = ["flopsRollout", "flopsScore", "flopsUpdate"];

/** Per step, means over steps and seeds. */
export function stepCosts(records: readonly ComparisonRecord[]): string {
  const head = [
    "method",
    ...["rollout", "score", "update", "GFLOP in all"],
    ...["rollout", "verify", "score", "update", "seconds in all"],
    ...["tokens", "discarded", "peak GB"],
  ];
  const rows = priced.map((name) => {
    const runs = runsOf(records, name);
    const perStep = (...spent: Spent[]) =>
      mean(runs.map((run) => sum(spent.map((each) => sum(run.spent[each]))) / run.evals.step.at(-1)!));
    const seconds = ["secondsRollout", "secondsVerify", "secondsScore", "secondsUpdate", "seconds"] as const;
    return [
      arms[name].label,
      ...flops.map((each) => figures(perStep(each) / 1e9)),
      figures(perStep(...flops) / 1e9),
      ...seconds.map((each) => figures(perStep(each))),
      figures(perStep("tokens")),
      figures(perStep("tokensDiscarded")),
      figures(Math.max(...runs.map(({ peakMemory }) => peakMemory))),
    ];
  });
  return table(head, rows);
}

/** Means over the seeds that got there. */
export function targetCosts(records: readonly ComparisonRecord[]): string {
  const rows = priced.map((name) => {
    const runs = runsOf(records, name);
    const there = runs.flatMap((run) => {
      const at = reached(run, target);
      return at === undefined ? [] : [{ run, at }];
    });
    const spent = (...names: Spent[]) =>
      mean(there.map(({ run, at }) => sum(names.map((each) => spentBy(run, each, at)))));
    return [
      arms[name].label,
      `${there.length} of ${runs.length}`,
      figures(mean(there.map(({ run, at }) => stepAt(run, at)))),
      figures(spent(...flops) / 1e9),
      figures(spent("seconds")),
      figures(spent("tokens")),
    ];
  });
  return table(["method", "seeds that got there", "steps", "GFLOP", "seconds", "tokens sampled"], rows);
}

/** When a run first got to a rate, counted in evaluations: 1.5 is half-way from the second to the third. */
export function reached({ evals: { accuracy } }: RecordedRun, rate: number): number | undefined {
  const after = accuracy.findIndex((value) => value >= rate);
  if (after <= 0) return after < 0 ? undefined : 0;
  const [low, high] = [accuracy[after - 1]!, accuracy[after]!];
  return after - 1 + (rate - low) / (high - low);
}

function stepAt({ evals: { step } }: RecordedRun, at: number): number {
  const whole = Math.floor(at);
  const next = step[whole + 1] ?? step[whole]!;
  return step[whole]! + (at - whole) * (next - step[whole]!);
}

function spentBy({ spent }: RecordedRun, name: Spent, at: number): number {
  const whole = Math.floor(at);
  return sum(spent[name].slice(0, whole)) + (at - whole) * (spent[name][whole] ?? 0);
}
