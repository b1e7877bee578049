/**
 * A comparison in words: summary → Markdown tables.
 */

import type { Interval } from "../intervals.ts";
import type { CompareResults } from "./results.ts";
import type { CompareSummary, MethodSummary, PairedDifference } from "./summary.ts";

/** The text of summary.md. */
export function compareReport(results: CompareResults, summary: CompareSummary): string {
  const { model, dataset, evalDataset, evalProblems, maxSteps, methods, seeds, jobs } = results;
  const planned = methods.length * seeds.length;
  const parts = [
    `# ${methods.join(", ")}`,
    `${model} on ${dataset}, ${maxSteps} steps, seeds ${seeds.join(", ")}; held out: ${evalProblems} problems of ${evalDataset}. ` +
      `${results.runs.filter((run) => run.finished).length} of ${planned} runs finished. Brackets are 95 % intervals over seeds (Student's t); rates are percent, changes of rates are points.`,
    "## What was reached",
    table(
      [
        "method",
        "seeds",
        "before",
        "after",
        "mean of all evaluations",
        "entropy (nats)",
        "length (tokens)",
        "cut off",
        "gradient norm",
      ],
      summary.methods.map(reachedRow),
    ),
    "Entropy and length are changes on the held-out prompts, from the first evaluation to the last.",
  ];
  if (summary.differences.length > 0) {
    parts.push(
      "## Differences, seed by seed",
      table(
        ["difference", "pairs", "after (points)", "mean of all evaluations (points)", "entropy (nats)"],
        summary.differences.map(differenceRow),
      ),
      "Both runs of a pair have the same seed, and with it the same problems in the same order. An interval that holds 0 tells no difference.",
    );
  }
  parts.push(
    "## What a step costs",
    table(
      [
        "method",
        "rollout",
        "score",
        "update",
        "GFLOP in all",
        "rollout",
        "verify",
        "score",
        "update",
        "seconds in all",
        "tokens",
        "discarded",
        "peak GB",
      ],
      summary.methods.map(costRow),
    ),
    `GFLOPs (10⁹ floating-point operations, counted from the programs' matrix products), then seconds${jobs > 1 ? ` with ${jobs} runs at a time on one machine` : ""}, then tokens sampled and those of groups not learnt from. Means over steps and seeds.`,
    `## To ${percent(summary.methods[0]?.toTarget.rate ?? Number.NaN)} % right`,
    table(
      ["method", "seeds that got there", "steps", "GFLOP", "seconds", "tokens sampled"],
      summary.methods.map(targetRow),
    ),
    "Up to the evaluation that first showed it, means over the seeds that got there.",
  );
  return `${parts.join("\n\n")}\n`;
}

function reachedRow({ method, seeds, ...own }: MethodSummary): string[] {
  return [
    method,
    String(seeds),
    percent(own.base.mean),
    rates(own.final),
    rates(own.average),
    numbers(own.entropyChange, 3),
    numbers(own.lengthChange, 1),
    percent(own.truncated.mean),
    numbers(own.gradNorm, 3),
  ];
}

function differenceRow({ first, second, pairs, final, average, entropyChange }: PairedDifference): string[] {
  return [`${second} − ${first}`, String(pairs), rates(final), rates(average), numbers(entropyChange, 3)];
}

function costRow({
  method,
  cost: { flops, seconds, tokens, tokensDiscarded, peakMemory },
}: MethodSummary): string[] {
  const all = flops.rollout + flops.score + flops.update;
  return [
    method,
    ...[flops.rollout, flops.score, flops.update, all].map((each) => figures(each / 1e9)),
    ...[seconds.rollout, seconds.verify, seconds.score, seconds.update, seconds.step].map(figures),
    ...[tokens, tokensDiscarded].map(figures),
    figures(peakMemory),
  ];
}

function targetRow({
  method,
  seeds,
  toTarget: { reached, steps, flops, seconds, tokens },
}: MethodSummary): string[] {
  return [
    method,
    `${reached} of ${seeds}`,
    figures(steps),
    figures(flops / 1e9),
    figures(seconds),
    figures(tokens),
  ];
}

/** A Markdown table, its columns as wide as what they hold. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** `62.1 [55.0, 69.2]` of rates, in percent or points. */
export function rates(interval: Interval): string {
  const { mean, low, high } = interval;
  return numbers({ mean: 100 * mean, low: 100 * low, high: 100 * high }, 1);
}

/** An interval with a fixed number of decimals; where one run alone was measured, its value. */
export function numbers({ mean, low, high }: Interval, digits: number): string {
  if (Number.isNaN(mean)) return "–";
  const bounds = Number.isFinite(low) ? ` [${decimals(low, digits)}, ${decimals(high, digits)}]` : "";
  return `${decimals(mean, digits)}${bounds}`;
}

/** Without the sign of a zero. */
function decimals(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^-(0(\.0+)?)$/, "$1");
}

/** Three figures, or all of a larger whole number. */
function figures(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value === 0 ? "0" : String(Number(value.toPrecision(3)));
}

function percent(rate: number): string {
  return Number.isFinite(rate) ? (100 * rate).toFixed(1) : "–";
}
