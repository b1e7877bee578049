/**
 * Help: a command's options, printed from the one table under the words of the flow.
 */
import { defaultText } from "../../loop/session/default-text.ts";
import { takes } from "../../options/option-values.ts";
import { type Command, flagOf, type OptionRow, rowsOf, sections } from "../../options/options.ts";
import { everywhere } from "./arguments.ts";
import { wrap } from "./columns.ts";
import type { CliCommand, Flag } from "./command.ts";
import type { Entry } from "./commands.ts";
import { bold, faint } from "./terminal.ts";

/** Where the text of an option begins, in columns. */
const MARGIN = 34;

/** Options of a command beyond which its help begins with the most used. */
const MANY_ROWS = 20;

/** What `errata --help` prints, wrapped to `width` columns. */
export function overview(commands: readonly Entry[], width: number): string {
  const list = commands.map(
    ({ name, summary }) => `  ${name.padEnd(9)}${wrap(summary, width, 11).slice(11)}`,
  );
  return [
    wrap(
      "errata makes a language model better from its own right and wrong answers: it samples answers, lets a verifier judge them, and learns from all of them.",
      width,
      0,
    ),
    list.join("\n"),
    `${wrap("errata COMMAND --help tells what a command takes, in the order of the flow.", width, 2)}\n`,
  ].join("\n\n");
}

/** The help of one command, wrapped to `width` columns. */
export function commandHelp(
  { name, summary }: Pick<Entry, "name" | "summary">,
  command: CliCommand,
  width: number,
): string {
  const blocks = [
    wrap(`${bold(`errata ${name}`)}: ${summary}`, width, 0),
    `  errata ${name} ${command.usage}`,
    wrap(command.about, width, 0),
    command.examples.map((example) => `  ${example}`).join("\n"),
  ];
  const { options } = command;
  if (options !== undefined) {
    blocks.push(
      wrap(
        "An option is typed as --key value, --key=value or key=value, or stands in a YAML file given as --config FILE; what is typed goes before the file. Names that TRL and verl use are understood too.",
        width,
        0,
      ),
    );
  }
  const flags = [...(options === undefined ? [] : [config]), ...command.flags, ...everywhere];
  blocks.push(
    `${bold("command")}\n${flags.map((flag) => entry(`--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`, flag.help, width)).join("\n")}`,
  );
  const rows = options === undefined ? [] : rowsOf(options);
  const first = rows.length > MANY_ROWS ? rows.filter((row) => row.common === true) : [];
  const part = (heading: string, own: readonly OptionRow[]) => {
    if (own.length === 0) return;
    blocks.push(`${bold(heading)}\n${own.map((row) => option(options!, row, width)).join("\n")}`);
  };
  part("most used", first);
  for (const section of sections)
    part(
      section,
      rows.filter((row) => row.section === section && !first.includes(row)),
    );
  return `${blocks.join("\n\n")}\n`;
}
/** Read with the options, in its order among them. */
const config: Flag = { name: "config", value: "FILE", help: "options from a YAML file" };

function option(command: Command, row: OptionRow, width: number): string {
  const flag = `--${flagOf(row, command)}${row.type === "boolean" ? "" : ` ${placeholder(row)}`}`;
  return entry(flag, `${row.help} ${faint(`(${facts(command, row)})`)}`, width);
}

/** `required`, or what is taken and what holds where it is left out. */
function facts(command: Command, row: OptionRow): string {
  const text = defaultText(row, command);
  if (text === "required") return text;
  return row.type === "choice" ? `${takes(row, command)}; default ${text}` : `default ${text}`;
}

function placeholder(row: OptionRow): string {
  if (row.type === "integer") return "N";
  if (row.type === "number") return "X";
  if (row.type === "date") return "DAY";
  if (row.type === "json") return "JSON";
  return row.type === "choice" ? "WORD" : "TEXT";
}

function entry(flag: string, help: string, width: number): string {
  const text = wrap(help, width, MARGIN);
  const head = `  ${flag}`;
  return head.length < MARGIN - 1 ? head.padEnd(MARGIN) + text.slice(MARGIN) : `${head}\n${text}`;
}
