/**
 * A comparison in words: summary → Markdown tables.
 */
import type { PassAt } from "../../run/records.ts";
import { FEWEST_FOR_INTERVAL } from "../../statistics/intervals.ts";
import { figures, numbers, rates, table } from "../../statistics/markdown-table.ts";
import type { CompareResults } from "./results.ts";
import type { CompareSummary, MethodSummary, PairedDifference } from "./summary.ts";

/** The text of summary.md. */
export function compareReport(results: CompareResults, summary: CompareSummary): string {
  const { model, dataset, evalDataset, evalProblems, maxSteps, methods, seeds, jobs } = results;
  const planned = methods.length * seeds.length;
  const parts = [
    `# ${methods.join(", ")}`,
    `${model} on ${dataset}, ${maxSteps} steps, seeds ${seeds.join(", ")}; held out: ${evalProblems} problems of ${evalDataset}. ` +
      `${results.runs.filter((run) => run.finished).length} of ${planned} runs finished. ${bracketsOf(summary)} Rates are percent, changes of rates are points.`,
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
      `Both runs of a pair have the same seed, and with it the same problems in the same order. ${
        summary.differences.some(({ pairs }) => pairs >= FEWEST_FOR_INTERVAL)
          ? "An interval that holds 0 tells no difference."
          : tooFew
      }`,
    );
  }
  if (summary.methods.some(({ passAt }) => passAt.length > 0)) {
    parts.push(
      "## With more answers, after",
      passTable(summary),
      "Of one set of answers. The intervals of a row hold all at once in 95 % of samples, so that a k may be looked for.",
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

const tooFew = `Too few seeds to tell a difference: name ${FEWEST_FOR_INTERVAL} or more.`;

/** What the brackets of the tables are, or why there are none. */
function bracketsOf({ methods }: CompareSummary): string {
  const counts = methods.map(({ seeds }) => seeds);
  const some = counts.some((seeds) => seeds >= FEWEST_FOR_INTERVAL);
  const all = counts.every((seeds) => seeds >= FEWEST_FOR_INTERVAL);
  const brackets = "Brackets are 95 % intervals of the mean over seeds (Student's t).";
  const none = `${some ? "A method with" : "With"} fewer than ${FEWEST_FOR_INTERVAL} seeds has none: they do not say how far seeds spread.`;
  return [
    ...(some ? [brackets] : []),
    ...(all ? [] : [some ? none : none.replace("has none", "no interval is given")]),
  ].join(" ");
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

/** pass@k of each method, and the differences in points. */
function passTable({ methods, differences }: CompareSummary): string {
  const ks = [...new Set(methods.flatMap(({ passAt }) => passAt.map(({ k }) => k)))].sort((a, b) => a - b);
  const row = (name: string, passAt: readonly PassAt[]) => [
    name,
    ...ks.map((k) => {
      const point = passAt.find((each) => each.k === k);
      return point === undefined ? "–" : rates(point);
    }),
  ];
  return table(
    ["", ...ks.map((k) => `pass@${k}`)],
    [
      ...methods.map(({ method, passAt }) => row(method, passAt)),
      ...differences.map(({ first, second, passAt }) => row(`${second} − ${first}`, passAt)),
    ],
  );
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

function percent(rate: number): string {
  return Number.isFinite(rate) ? (100 * rate).toFixed(1) : "–";
}
