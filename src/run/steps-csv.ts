/**
 * steps.csv: one row a step, one column a metric, evaluations beside the step they follow.
 *
 * Written whole at each checkpoint and at the end, from the run's own lines, so that a resumed run's table has no
 * step twice. A cell is empty where a step did not measure that.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asRunError } from "../files/disk-errors.ts";
import type { OnEvent } from "./events.ts";
import type { EvalRecord, StepRecord } from "./records.ts";
import { evalMetrics } from "./report-to.ts";

/** Writes the table of the run it hears. @throws RunError where it cannot be written */
export function csvListener(): OnEvent {
  let folder = "";
  return (event) => {
    if (event.kind === "start") folder = event.folder;
    if (event.kind !== "saved" && event.kind !== "end") return;
    const path = join(folder, "steps.csv");
    try {
      writeFileSync(`${path}.tmp`, table(linesOf(folder, "steps"), linesOf(folder, "evals")));
      renameSync(`${path}.tmp`, path);
    } catch (cause) {
      throw asRunError(cause, path);
    }
  };
}

function linesOf<T>(folder: string, file: string): T[] {
  const lines = readFileSync(join(folder, `${file}.jsonl`), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

function table(steps: readonly StepRecord[], evals: readonly EvalRecord[]): string {
  const rows = new Map<number, Record<string, number>>();
  const rowOf = (step: number) => rows.get(step) ?? rows.set(step, {}).get(step)!;
  for (const record of evals) Object.assign(rowOf(record.step), evalMetrics(record));
  for (const { step, metrics } of steps) Object.assign(rowOf(step), metrics);
  const names = [...new Set([...rows.values()].flatMap((row) => Object.keys(row)))];
  const lines = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([step, row]) => [step, ...names.map((name) => row[name] ?? "")].join(","));
  return `${["step", ...names.map(quoted)].join(",")}\n${lines.map((line) => `${line}\n`).join("")}`;
}

const quoted = (name: string): string => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
