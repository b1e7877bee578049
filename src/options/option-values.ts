/**
 * Option values and names: one setting in, its row and its checked value out, or an error that says
 * which option, what it takes, what came, and where from.
 */
import { OptionError } from "../errors.ts";
import { typedPath } from "../files/typed-path.ts";
import {
  type Command,
  camelCase,
  type OptionRow,
  type OptionValue,
  optionTable,
  pathOptions,
} from "./options.ts";

/** One option as somebody set it, before it is checked. */
export interface Setting {
  readonly key: string;
  readonly value: unknown;
  /** Where it was set: a flag as typed, a file, or "options" for the library's caller. */
  readonly place: string;
}

const rows: readonly OptionRow[] = optionTable;

/** `evalOnStart`, `eval-on-start` and `eval_on_start` are one name. */
function plain(name: string): string {
  return name
    .replaceAll("-", "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

const byCamel = new Map(rows.map((row) => [camelCase(row.key), row]));

/**
 * The row a name stands for in a command, and a note where it is another tool's name for it.
 *
 * @throws OptionError where there is no such option, or not in this command
 */
export function findRow(command: Command, name: string, place: string): { row: OptionRow; note?: string } {
  const key = plain(name);
  const short = rows.find((row) => row.shortIn?.[command]?.includes(key));
  if (short !== undefined) return { row: short };
  const own = rows.find((row) => row.key === key) ?? byCamel.get(name);
  const aliased = own ?? rows.find((row) => row.aliases?.some((alias) => alias.toLowerCase() === key));
  if (aliased === undefined) throw unknownOption(command, name, place);
  if (!aliased.commands.includes(command)) {
    throw new OptionError({
      where: place,
      expected: `an option of \`${command}\``,
      got: `${name}, which belongs to ${aliased.commands.map((other) => `\`${other}\``).join(" and ")}`,
      next: `Leave it out; \`errata ${command} --help\` lists what ${command} takes.`,
    });
  }
  return own === undefined
    ? { row: aliased, note: `${name} is called ${aliased.key} here` }
    : { row: aliased };
}

function unknownOption(command: Command, name: string, place: string): OptionError {
  const key = plain(name);
  let best: { name: string; distance: number } | undefined;
  for (const row of rows) {
    if (!row.commands.includes(command)) continue;
    for (const candidate of [row.key, ...(row.shortIn?.[command] ?? []), ...(row.aliases ?? [])]) {
      const distance = editDistance(key, candidate);
      if (best === undefined || distance < best.distance) best = { name: row.key, distance };
    }
  }
  const near = best !== undefined && best.distance <= Math.max(2, Math.floor(key.length / 3));
  return new OptionError({
    where: place,
    expected: "the name of an option",
    got: name,
    next: `${near ? `Did you mean ${best!.name}? ` : ""}\`errata ${command} --help\` lists them all.`,
  });
}

/**
 * The value of a row from what was set, of the row's type and in its range.
 *
 * @throws OptionError with the value, its place and what the option takes
 */
export function checkValue(row: OptionRow, value: unknown, place: string): OptionValue {
  const typed = convert(row, value);
  if (typed !== undefined && inRange(row, typed)) return typed;
  throw new OptionError({
    where: place === row.key ? row.key : `${row.key} (${place})`,
    expected: takes(row),
    got: typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value)),
    next: `${row.key} is ${row.help}.`,
  });
}

/** What a row accepts, in words: `a whole number from 2 to 4096 (answers)`. */
export function takes(row: OptionRow): string {
  const unit = row.unit === undefined ? "" : ` (${row.unit})`;
  const range = row.min === undefined ? "" : ` from ${row.min} to ${row.max}`;
  switch (row.type) {
    case "string":
      return row.list === true ? "text, or several" : "text";
    case "boolean":
      return "true or false";
    case "choice":
      return `one of ${row.choices!.join(", ")}`;
    case "integer":
      return `a whole number${range}${unit}`;
    case "number":
      return `a number${range}${unit}`;
    default:
      return row.type satisfies never;
  }
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

export function isTruthWord(word: string): boolean {
  return Object.hasOwn(truths, word.toLowerCase());
}

function convert(row: OptionRow, value: unknown): OptionValue | undefined {
  if (row.list === true && Array.isArray(value)) return value.every(isListed) ? value.join(",") : undefined;
  if (!["string", "number", "boolean"].includes(typeof value)) return undefined;
  const text = String(value).trim();
  switch (row.type) {
    case "string": {
      if (!pathOptions.has(row.key)) return String(value);
      return row.list === true ? String(value).split(",").map(typedPath).join(",") : typedPath(String(value));
    }
    case "boolean":
      return isTruthWord(text) ? truths[text.toLowerCase()] : undefined;
    case "choice": {
      const word = text.toLowerCase();
      const known =
        row.spellings !== undefined && Object.hasOwn(row.spellings, word) ? row.spellings[word]! : word;
      return row.choices!.includes(known) ? known : undefined;
    }
    case "integer":
    case "number": {
      if (typeof value === "boolean" || text === "") return undefined;
      const number = Number(text);
      if (!Number.isFinite(number)) return undefined;
      return row.type === "integer" && !Number.isSafeInteger(number) ? undefined : number;
    }
    default:
      return row.type satisfies never;
  }
}

/** What can stand between two commas. */
function isListed(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "" && !value.includes(",");
}

function inRange(row: OptionRow, value: OptionValue): boolean {
  if (typeof value !== "number") return true;
  return value >= (row.min ?? -Infinity) && value <= (row.max ?? Infinity);
}

/** Levenshtein's distance: single-letter insertions, deletions and changes. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(change, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
