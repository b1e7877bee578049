/**
 * Columns: fields side by side in a line that fits the screen.
 */
import { stripVTControlCharacters } from "node:util";

export interface Cell {
  readonly label: string;
  readonly value: string;
  /** The value is set to the right in so many columns, so that it stands under the one of the line before. */
  readonly width?: number;
  /** Leaves the line in this order, 1 first, where there is no room for all; without it a cell stays. */
  readonly leaves?: number;
}

const GAP = "   ";

function printed({ label, value, width = 0 }: Cell): string {
  return label === "" ? value.padStart(width) : `${label} ${value.padStart(width)}`;
}

/** Columns that a text takes on the screen. */
export function columnsOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** One line of at most `width` columns: cells leave until it fits. One that is undefined was not measured. */
export function fitted(cells: readonly (Cell | undefined)[], width: number): string {
  let shown = cells.filter((cell) => cell !== undefined);
  for (;;) {
    const line = shown.map(printed).join(GAP);
    const next = Math.min(...shown.map(({ leaves = Infinity }) => leaves));
    if (columnsOf(line) <= width || next === Infinity) return line;
    shown = shown.filter(({ leaves }) => leaves !== next);
  }
}

/** All cells, in as many lines as they need; the lines after the first are indented by `indent`. */
export function wrapped(cells: readonly (Cell | undefined)[], width: number, indent: number): string {
  const lines: string[] = [];
  for (const cell of cells) {
    if (cell === undefined) continue;
    const text = printed(cell);
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(`${last}${GAP}${text}`) <= width)
      lines[lines.length - 1] += GAP + text;
    else lines.push(last === undefined ? text : " ".repeat(indent) + text);
  }
  return lines.join("\n");
}

/** Text in lines of at most `width` columns, cut between words, each indented by `indent`. */
export function wrap(text: string, width: number, indent = 0): string {
  const room = Math.max(30, width - indent);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && columnsOf(`${line} ${word}`) > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => " ".repeat(indent) + one).join("\n");
}
