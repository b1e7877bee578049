/**
 * Help: a command's options, printed from the one table under the words of the flow.
 */
import { stripVTControlCharacters } from "node:util";
import {
  type Command,
  defaultOf,
  flagOf,
  type OptionRow,
  type OptionValue,
  rowsOf,
  sections,
  takes,
} from "../../index.ts";
import { bold, faint } from "./terminal.ts";

export interface Verb {
  readonly name: Command;
  /** One line, for the list of verbs. */
  readonly summary: string;
  /** A paragraph, for the verb's own help. */
  readonly about: string;
  readonly examples: readonly string[];
  /** Flags of the command alone, which are no options of a run. */
  readonly flags: readonly (readonly [flag: string, help: string])[];
}

/** Where the text of an option begins, in columns. */
const margin = 34;

/** The help of one verb, wrapped to `width` columns. */
export function verbHelp(verb: Verb, width: number): string {
  const blocks = [
    `${bold(`errata ${verb.name}`)}: ${verb.summary}`,
    wrap(verb.about, width, 0),
    verb.examples.map((example) => `  ${example}`).join("\n"),
    wrap(
      "An option is typed as --key value, --key=value or key=value, or stands in a YAML file given as --config FILE; what is typed goes before the file. Names that TRL and verl use are understood too.",
      width,
      0,
    ),
    `${bold("command")}\n${verb.flags.map(([flag, help]) => entry(flag, help, width)).join("\n")}`,
  ];
  for (const section of sections) {
    const rows = rowsOf(verb.name).filter((row) => row.section === section);
    if (rows.length === 0) continue;
    blocks.push(`${bold(section)}\n${rows.map((row) => option(verb.name, row, width)).join("\n")}`);
  }
  return `${blocks.join("\n\n")}\n`;
}

function option(command: Command, row: OptionRow, width: number): string {
  const flag = `--${flagOf(row, command)}${row.type === "boolean" ? "" : ` ${placeholder(row)}`}`;
  return entry(flag, `${row.help} ${faint(`(${facts(command, row)})`)}`, width);
}

/** `8, 2 to 4096 answers` of an option, or that it must be set. */
function facts(command: Command, row: OptionRow): string {
  if (row.required?.includes(command)) return "required";
  const value = defaultOf(row, command);
  const unit = row.unit === undefined ? "" : ` ${row.unit}`;
  if (row.type === "choice") return `${takes(row)}; default ${value}`;
  return `default ${shown(value)}${unit}`;
}

function shown(value: OptionValue): string {
  return value === "" ? "unset" : String(value);
}

function placeholder(row: OptionRow): string {
  if (row.type === "integer") return "N";
  if (row.type === "number") return "X";
  return row.type === "choice" ? "WORD" : "TEXT";
}

function entry(flag: string, help: string, width: number): string {
  const text = wrap(help, width, margin);
  const head = `  ${flag}`;
  return head.length < margin - 1 ? head.padEnd(margin) + text.slice(margin) : `${head}\n${text}`;
}

/** Text in lines of at most `width` columns, each indented by `indent`. */
export function wrap(text: string, width: number, indent: number): string {
  const room = Math.max(30, Math.min(width, 120) - indent);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && stripVTControlCharacters(`${line} ${word}`).length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => " ".repeat(indent) + one).join("\n");
}
