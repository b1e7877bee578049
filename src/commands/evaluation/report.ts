/**
 * An evaluation in words and in numbers: summary.md is one table, summary.json all that it is made of.
 */
import { join } from "node:path";
import { writeJson, writeWhole } from "../../files/atomic-write.ts";
import type { Interval, SolveEval } from "../../run/records.ts";
import { unweighted } from "../../statistics/intervals.ts";
import { rates, table } from "../../statistics/markdown-table.ts";
import type { Comparison, SetComparison } from "./paired.ts";

export interface EvalReport {
  /** Where answers and summaries are. */
  readonly folder: string;
  /**
   * False where it was stopped; then the data sets that are whole are here, and a summary is written only where
   * all of them are: what is missing is of the model to compare with.
   */
  readonly finished: boolean;
  readonly model: string;
  readonly verifier: string;
  /** One for each data set, in the order they were named. */
  readonly sets: readonly SolveEval[];
  /** Unweighted over the data sets, where there are several: each counts the same, however long. */
  readonly mean?: SetMean;
  readonly comparison?: Comparison;
}

/** Each is there where every data set has one. */
export interface SetMean {
  readonly avgAtK: Interval;
  readonly passAtK?: Interval;
  readonly majAtK?: Interval;
}

/** Undefined of one data set. */
export function meanOf(sets: readonly SolveEval[]): SetMean | undefined {
  if (sets.length < 2) return undefined;
  const over = (intervals: readonly (Interval | undefined)[]) =>
    intervals.every((each) => each !== undefined) ? unweighted(intervals) : undefined;
  // of one answer each there is no more than avg@k, and means over several k are of neither
  const alike = sets.every(({ k }) => k === sets[0]!.k && k > 1);
  const passAtK = alike ? over(sets.map((set) => set.passAtK)) : undefined;
  const majAtK = alike ? over(sets.map((set) => set.majAtK)) : undefined;
  return {
    avgAtK: unweighted(sets.map(({ avgAtK }) => avgAtK)),
    ...(passAtK === undefined ? {} : { passAtK }),
    ...(majAtK === undefined ? {} : { majAtK }),
  };
}

/** Writes summary.json and summary.md. They hold no times, so that the same evaluation gives the same bytes. */
export async function writeReport(report: EvalReport): Promise<void> {
  const { folder, finished: _, sets, ...rest } = report;
  await writeJson(join(folder, "summary.json"), {
    version: 1,
    ...rest,
    sets: sets.map(({ seconds: _, ...record }) => record),
  });
  const text = `# ${report.model}\n\n${evalTables(report)}\n`;
  await writeWhole(join(folder, "summary.md"), (handle) => handle.writeFile(text));
}

const isAmbiguous = ({ ambiguous = 0 }: SolveEval): boolean => ambiguous > 0;
const ABSENT = "–";
const shown = (interval: Interval | undefined): string => (interval === undefined ? ABSENT : rates(interval));

/** The tables of summary.md, which line up in a terminal too. */
export function evalTables(report: EvalReport): string {
  const { sets, comparison, verifier } = report;
  const parts = [mainTable(report)];
  if (sets.some(({ passAt }) => (passAt?.length ?? 0) > 2)) parts.push(passTable(report));
  const { temperature, topP, topK } = sets[0]!;
  const cut = `${topP < 1 ? `, top_p ${topP}` : ""}${topK > 0 ? `, top_k ${topK}` : ""}`;
  parts.push(
    `Percent, with 95 % intervals over problems; verifier ${verifier}, temperature ${temperature}${cut}.` +
      (comparison === undefined
        ? ""
        : ` The difference is to ${comparison.with}, in points, problem by problem: an interval that holds 0 tells none.`) +
      (sets.some(isAmbiguous)
        ? " Ambiguous answers may mean two things, one of them the reference; they count as wrong."
        : ""),
  );
  return parts.join("\n\n");
}

function mainTable({ sets, mean, comparison }: EvalReport): string {
  const several = sets.some(({ k }) => k > 1);
  const votes = sets.some(({ majAtK }) => majAtK !== undefined);
  const ambiguous = sets.some(isAmbiguous);
  const columns = (more: { several: string[]; votes: string[]; compared: string[] }) => [
    ...(several ? more.several : []),
    ...(votes ? more.votes : []),
    ...(comparison === undefined ? [] : more.compared),
  ];
  const head = [
    ...["data set", "problems", "k", "avg@k"],
    ...columns({ several: ["pass@k"], votes: ["maj@k"], compared: ["other avg@k", "difference"] }),
    ...["cut off", "errors", ...(ambiguous ? ["ambiguous"] : [])],
  ];
  const rows = sets.map((set) => {
    const beside = comparison?.sets.find(({ dataset }) => dataset === set.dataset);
    return [
      ...[set.dataset, String(set.problems), String(set.k), rates(set.avgAtK)],
      ...columns({
        several: [set.k > 1 ? shown(set.passAtK) : ABSENT],
        votes: [shown(set.majAtK)],
        compared: besideCells(beside),
      }),
      ...[String(set.truncated), String(set.verifierErrors)],
      ...(ambiguous ? [String(set.ambiguous ?? 0)] : []),
    ];
  });
  if (mean !== undefined) {
    rows.push([
      ...["unweighted mean", "", "", rates(mean.avgAtK)],
      ...columns({
        several: [shown(mean.passAtK)],
        votes: [shown(mean.majAtK)],
        compared: [ABSENT, shown(comparison?.mean)],
      }),
      ...["", "", ...(ambiguous ? [""] : [])],
    ]);
  }
  return table(head, rows);
}

function besideCells(beside: SetComparison | undefined): string[] {
  return [shown(beside?.other), shown(beside?.difference)];
}

/** pass@k for 1, 2, 4, … answers, and what they differ by from the other model's. */
function passTable({ sets, comparison }: EvalReport): string {
  const curves = [
    ...sets.map(({ dataset, passAt = [] }) => ({ name: dataset, points: passAt })),
    ...(comparison?.sets ?? []).map(({ dataset, passAt }) => ({
      name: `${dataset}, difference`,
      points: passAt,
    })),
  ].filter(({ points }) => points.length > 0);
  const ks = [...new Set(curves.flatMap(({ points }) => points.map(({ k }) => k)))].sort((a, b) => a - b);
  return [
    table(
      ["data set", ...ks.map((k) => `pass@${k}`)],
      curves.map(({ name, points }) => [
        name,
        ...ks.map((k) => shown(points.find((point) => point.k === k))),
      ]),
    ),
    "The intervals of a row hold all at once in 95 % of samples, so that a k may be looked for.",
  ].join("\n\n");
}
