/**
 * A report with Markdown tables, made to fit the screen: a table that is wider is turned, one line for each cell.
 */
import { columnsOf, wrap } from "./columns.ts";

export function fitReport(report: string, width: number): string {
  return report
    .split("\n\n")
    .map((part) => (part.startsWith("|") ? fitTable(part, width) : fitText(part, width)))
    .join("\n\n");
}

function fitTable(table: string, width: number): string {
  const lines = table.split("\n");
  if (lines.every((line) => columnsOf(line) <= width)) return table;
  const [head, , ...rows] = lines.map(cells);
  const label = Math.max(...head!.map(columnsOf));
  return rows
    .map(([first, ...rest]) => {
      const values = rest.map((cell, i) => (cell === "" ? [] : `  ${head![i + 1]!.padEnd(label)}  ${cell}`));
      return [first, ...values.flat()].join("\n");
    })
    .join("\n");
}

const cells = (line: string): string[] =>
  line
    .slice(1, -1)
    .split(" | ")
    .map((cell) => cell.trim());

const fitText = (text: string, width: number): string =>
  text
    .split("\n")
    .map((line) => (columnsOf(line) <= width ? line : wrap(line, width)))
    .join("\n");
