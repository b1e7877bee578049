/**
 * Values of options: what somebody set in, a value of the row's type and in its range out, or an error that says
 * what the option takes.
 *
 * `auto`, an empty text and YAML's null leave an option to its default, or absent where it has none.
 */
import { OptionError } from "../errors.ts";
import { typedPath } from "../files/typed-path.ts";
import type { Command, OptionRow, OptionValue } from "./options.ts";

/** One option as somebody set it, before it is checked. */
export interface Setting {
  readonly key: string;
  readonly value: unknown;
  /** Where it was set: a flag as typed, a file, or "options" for the library's caller. */
  readonly place: string;
}

/**
 * The value of a row from what was set; undefined where that leaves it to its default.
 *
 * @throws OptionError with the value, its place and what the option takes
 */
export function checkValue(
  command: Command,
  row: OptionRow,
  value: unknown,
  place: string,
): OptionValue | undefined {
  if (leavesUnset(row, value)) return undefined;
  const typed = convert(row, value);
  if (typed !== undefined && inRange(command, row, typed)) return typed;
  throw new OptionError({
    where: place === row.key ? row.key : `${row.key} (${place})`,
    expected: takes(row, command),
    got: typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value)),
    next: `${row.key}: ${row.help}.`,
  });
}

function leavesUnset(row: OptionRow, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (row.type === "string" || row.type === "json") return value === "";
  if (row.off !== undefined && String(value).trim() !== "" && Number(value) === row.off) return true;
  return typeof value === "string" && value.trim().toLowerCase() === "auto";
}

/** What a row accepts in a command, in words: `a whole number from 2 to 4096 (answers)`. */
export function takes(row: OptionRow, command: Command = row.commands[0]!): string {
  const unit = row.unit === undefined ? "" : ` (${row.unit})`;
  const zero = row.orZero?.includes(command) ? "0, or " : "";
  const range = row.min === undefined ? "" : ` from ${row.min} to ${row.max}`;
  switch (row.type) {
    case "string":
      return row.list === true ? "text, or several" : "text";
    case "boolean":
      return "true or false";
    case "date":
      return "a day, as 2026-07-14";
    case "json":
      return 'a JSON object, as {"enable_thinking": false}';
    case "choice":
      return `one of ${row.choices!.join(", ")}`;
    case "integer":
      return `${zero}a whole number${row.multipleOf === 2 ? " that is even," : ""}${range}${unit}`;
    case "number":
      return `${zero}a number${range}${unit}`;
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

/** Whether a word after a flag of true or false is its value. */
export function isTruthWord(word: string): boolean {
  return word.toLowerCase() === "auto" || Object.hasOwn(truths, word.toLowerCase());
}

function convert(row: OptionRow, value: unknown): OptionValue | undefined {
  if (row.list === true && Array.isArray(value) && value.length > 0)
    return value.every(isListed) ? value.join(",") : undefined;
  if (row.type === "json") return jsonObject(value);
  if (!["string", "number", "boolean"].includes(typeof value)) return undefined;
  const text = String(value).trim();
  switch (row.type) {
    case "string": {
      if (row.path !== true) return String(value);
      return row.list === true ? String(value).split(",").map(typedPath).join(",") : typedPath(String(value));
    }
    case "boolean":
      return Object.hasOwn(truths, text.toLowerCase()) ? truths[text.toLowerCase()] : undefined;
    case "date":
      return isDay(text) ? text : undefined;
    case "choice": {
      const word = text.toLowerCase();
      const known =
        row.spellings !== undefined && Object.hasOwn(row.spellings, word) ? row.spellings[word]! : word;
      return row.choices!.find((choice) => choice.toLowerCase() === known.toLowerCase());
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

/** An object, or the JSON of one, as JSON. */
function jsonObject(value: unknown): string | undefined {
  try {
    const object: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return typeof object === "object" && object !== null && !Array.isArray(object)
      ? JSON.stringify(object)
      : undefined;
  } catch {
    return undefined;
  }
}

/** False of 2026-02-30. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** What can stand between two commas. */
function isListed(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "" && !value.includes(",");
}

function inRange(command: Command, row: OptionRow, value: OptionValue): boolean {
  if (typeof value !== "number") return true;
  if (value === 0 && row.orZero?.includes(command)) return true;
  if (row.multipleOf !== undefined && value % row.multipleOf !== 0) return false;
  return value >= (row.min ?? -Infinity) && value <= (row.max ?? Infinity);
}
