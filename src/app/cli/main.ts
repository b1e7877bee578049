#!/usr/bin/env node
/**
 * The command: `errata COMMAND …`. Finds the command, loads it alone, and runs it.
 */
import { OptionError } from "../../errors.ts";
import { version } from "../../version.ts";
import { readFlags } from "./arguments.ts";
import { commands, type Entry } from "./commands.ts";
import { explain } from "./failure.ts";
import { readerLeft } from "./interrupt.ts";
import { openTerminal } from "./terminal.ts";

/** Commands of other tools, and what does the same here. */
const elsewhere: Readonly<Record<string, string>> = {
  resume: "errata train --resume",
  generate: 'errata chat --model MODEL "…"',
  evaluate: "errata eval",
  finetune: "errata sft",
  merge: "errata export MODEL --output DIR",
  convert: "errata export MODEL --output DIR --format gguf",
};

/** @returns the exit code */
async function main([first = "help", ...rest]: readonly string[]): Promise<number> {
  if (["version", "--version", "-v", "-V"].includes(first)) return print(`${version}\n`);
  if (["help", "--help", "-h"].includes(first))
    return rest[0] === undefined ? printOverview() : printHelp(find(rest[0]));

  const entry = find(first);
  if (["--version", "-v", "-V"].includes(rest[0]!)) return print(`${version}\n`);
  const { command } = await entry.load();
  const { words, flags } = readFlags(entry.name, command, rest);
  if (flags.help !== undefined) return printHelp(entry);
  return command.run({ words, flags, terminal: openTerminal(flags.json !== undefined) });
}

function find(name: string): Entry {
  const entry = commands.find((one) => one.name === name);
  if (entry !== undefined) return entry;
  throw new OptionError({
    where: "errata",
    expected: `one of ${commands.map((one) => one.name).join(", ")}`,
    got: name,
    next: Object.hasOwn(elsewhere, name)
      ? `Here that is: ${elsewhere[name]}`
      : "errata --help says what each does.",
  });
}

async function printOverview(): Promise<number> {
  const { overview } = await import("./help.ts");
  return print(overview(commands, helpWidth()));
}

async function printHelp(entry: Entry): Promise<number> {
  const { commandHelp } = await import("./help.ts");
  return print(commandHelp(entry, (await entry.load()).command, helpWidth()));
}

/** Of a terminal behind a pager too; longer lines are hard to read. */
function helpWidth(): number {
  return Math.min(process.stdout.columns ?? process.stderr.columns ?? 100, 120);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

process.stdout.on("error", readerLeft);
process.stderr.on("error", readerLeft);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { text, exitCode } = explain(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
