/**
 * Writes docs/metrics.md from the one table of metrics; a test fails where the two differ.
 *
 *   npx tsx scripts/metrics.ts
 */
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { type MetricRow, metricTable } from "../src/run/metric-table.ts";

/** The text of docs/metrics.md. */
export function metricsPage(): string {
  const parts = metricTable.map(
    ({ title, file, rows }) =>
      `## ${title}\n\nIn \`${file}\`.\n\n| key | unit | what it is | healthy | else |\n|---|---|---|---|---|\n${rows.map(line).join("\n")}\n`,
  );
  return `# Metrics

A run's folder has a line for each step in \`steps.jsonl\`: its number as \`step\`, its numbers as \`metrics\`, where nothing was
learnt in it the reason as \`skipped\`, and where no answer was right the verifier's commonest reasons as \`wrong\`; and a line for
each evaluation in \`evals.jsonl\`. What was not measured has no key: 0 always means that something was measured to be 0. Numbers in 0 to 1 are
shares, not percent; log-probabilities are in nats. An objective of your own adds the metrics that it returns. What is called
healthy here are rules of thumb: the one number to judge a run by is \`avgAtK\` with its interval.
This page is printed by \`npx tsx scripts/metrics.ts\`.

${parts.join("\n")}`;
}

function line({ key, unit, means, healthy = "", act = "" }: MetricRow): string {
  const cells = [`\`${key}\``, unit, means, healthy, act];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) {
  writeFileSync(new URL("../docs/metrics.md", import.meta.url), metricsPage());
}
