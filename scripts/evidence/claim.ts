/**
 * A claim as data: what the paper says, the arms and measures that speak to it, and what it expects of them.
 */
import type { Interval } from "../../src/index.ts";
import { meanInterval } from "../../src/statistics/intervals.ts";
import { numbers, rates } from "../../src/statistics/markdown-table.ts";
import { type ArmName, arms } from "./arms.ts";
import { type Measure, paired } from "./measures.ts";
import type { ComparisonRecord, RecordedRun } from "./record.ts";
import { combined, decide, type Expectation, type Verdict } from "./verdict.ts";

/** A column of a claim's table of arms: a measure, its mean over seeds. */
export interface Column {
  readonly head: string;
  readonly of: Measure;
  readonly show: Show;
}

/** A row of a claim's table of differences: one number for each seed. */
export interface Row {
  readonly what: string;
  readonly arms: readonly ArmName[];
  /** Of the runs of one seed, in the order of the arms. */
  readonly of: (...runs: RecordedRun[]) => number;
  readonly show: Show;
  /** The paper's figure, where it has one. */
  readonly paper?: string;
  /** Left out where the row explains and decides nothing. */
  readonly expected?: Expectation;
}

export interface Claim {
  readonly id: string;
  readonly title: string;
  readonly paper: string;
  /** How it was measured; nothing of what came out, which is the tables' to say. */
  readonly here: string;
  readonly arms: readonly ArmName[];
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Sentences made of the records. */
  readonly counted?: (records: readonly ComparisonRecord[]) => string;
  readonly plot?: string;
}

export type Show = (interval: Interval) => string;
/** Rates as percent, and their changes as points. */
export const points: Show = rates;
export const nats: Show = (interval) => numbers(interval, 3);
export const tenths: Show = (interval) => numbers(interval, 1);
export const hundredths: Show = (interval) => numbers(interval, 2);

/** `first` less `second` of a measure, seed by seed. */
export function difference(
  [first, second]: readonly [ArmName, ArmName],
  of: Measure,
): Pick<Row, "what" | "arms" | "of"> {
  return {
    what: `${arms[first].label} less ${arms[second].label}`,
    arms: [first, second],
    of: (one, other) => of(one!) - of(other!),
  };
}

/** A measure of one arm. */
export function alone(arm: ArmName, what: string, of: Measure): Pick<Row, "what" | "arms" | "of"> {
  return { what: `${arms[arm].label}: ${what}`, arms: [arm], of: (run) => of(run!) };
}

export interface Finding {
  readonly row: Row;
  readonly seeds: number;
  readonly interval: Interval;
  /** None where nothing is expected of the row, or fewer than two seeds have been run. */
  readonly verdict: Verdict | undefined;
}

export function findingsOf(claim: Claim, records: readonly ComparisonRecord[]): Finding[] {
  return claim.rows.map((row) => {
    const values = paired(records, row.arms).map((runs) => row.of(...runs));
    const interval = meanInterval(values);
    const verdict =
      row.expected === undefined || values.length < 2 ? undefined : decide(interval, row.expected);
    return { row, seeds: values.length, interval, verdict };
  });
}

/** While a row of which something is expected has not been measured, the claim can fail but not hold. */
export function verdictOf(findings: readonly Finding[]): Verdict | "not measured" {
  const expected = findings.filter(({ row }) => row.expected !== undefined);
  if (expected.every(({ verdict }) => verdict === undefined)) return "not measured";
  return combined(expected.map(({ verdict }) => verdict ?? "cannot tell"));
}
