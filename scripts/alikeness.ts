/**
 * How alike the answers of runs are, step by step, and in which steps a run would warn that right ones are:
 *
 *   npx tsx scripts/alikeness.ts RUN...
 */
import { argv } from "node:process";
import { readRun } from "../src/run/read-run.ts";
import type { RolloutRecord } from "../src/run/records.ts";
import { alikeness, isSuspicious } from "../src/statistics/alike.ts";
import { rates, table } from "../src/statistics/markdown-table.ts";

const rows: string[][] = [];
for (const folder of argv.slice(2)) {
  const steps = new Map<number, RolloutRecord[]>();
  for await (const record of readRun(folder).rollouts())
    steps.set(record.step, [...(steps.get(record.step) ?? []), record]);
  const found = [...steps].map(([step, records]) => {
    const answers = records.map(({ problem, answer, text, verdict }) => ({
      problem,
      reference: answer,
      text,
      verdict,
    }));
    return { step, alike: alikeness(answers) };
  });
  const alarms = found.filter(({ alike }) => isSuspicious(alike));
  const most = found.reduce((a, b) => ((b.alike.right?.low ?? 0) > (a.alike.right?.low ?? 0) ? b : a));
  const last = found.at(-1)!;
  const shown = ({ right }: typeof last.alike) => (right === undefined ? "–" : rates(right));
  rows.push([
    folder,
    `${found.length}`,
    `${alarms.length}`,
    `${alarms[0]?.step ?? "–"}`,
    shown(most.alike),
    shown(last.alike),
  ]);
}
console.log(table(["run", "steps", "alarms", "first", "most alike, right ones", "last step"], rows));
