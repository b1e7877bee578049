/**
 * Tables of rates, in Markdown that lines up in a terminal as well.
 */
import type { Interval } from "../run/records.ts";

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

/** An interval with a fixed number of decimals; the mean alone where it has no bounds, or none that differ from it. */
export function numbers({ mean, low, high }: Interval, digits: number): string {
  if (Number.isNaN(mean)) return "–";
  const [value, from, to] = [mean, low, high].map((each) => decimals(each, digits)) as [
    string,
    string,
    string,
  ];
  return Number.isFinite(low) && (from !== value || to !== value) ? `${value} [${from}, ${to}]` : value;
}

/** Without the sign of a zero. */
function decimals(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^-(0(\.0+)?)$/, "$1");
}

/** Three figures, or all of a larger whole number. */
export function figures(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value === 0 ? "0" : String(Number(value.toPrecision(3)));
}
