#!/usr/bin/env node
/**
 * The command: `errata train | sft | eval | chat | verify | check`.
 *
 * Commander finds the verb and the few flags of the command itself; every option of a run is read by
 * the one table behind `resolveOptions`.
 */
import { Command } from "commander";
import { OptionError, version } from "../../index.ts";
import { chatCommand, chatVerb } from "./chat.ts";
import { checkCommand } from "./check-command.ts";
import { compareCommand } from "./compare-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { evalCommand, evalVerb } from "./eval.ts";
import { exportCommand, exportVerb } from "./export.ts";
import { explain } from "./failure.ts";
import { type Verb, verbHelp, wrap } from "./help.ts";
import { endNow } from "./interrupt.ts";
import { presetsCommand } from "./presets-command.ts";
import { serveCommand, serveVerb } from "./serve.ts";
import { sftCommand, sftVerb } from "./sft.ts";
import { trainCommand, trainVerb } from "./train.ts";
import { verifyCommand } from "./verify-command.ts";

interface Flags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const verbs: readonly [Verb, (argv: readonly string[], flags: Flags) => Promise<number>][] = [
  [trainVerb, trainCommand],
  [sftVerb, sftCommand],
  [evalVerb, evalCommand],
  [chatVerb, chatCommand],
  [exportVerb, exportCommand],
  [serveVerb, serveCommand],
];

/** Verbs of other tools, and what does the same here. */
const elsewhere: Readonly<Record<string, string>> = {
  resume: "errata train --resume",
  generate: 'errata chat --model MODEL "…"',
  evaluate: "errata eval",
  finetune: "errata sft",
  merge: "errata export MODEL --output DIR",
  convert: "errata export MODEL --output DIR --format gguf",
};

const width = process.stdout.columns ?? 100;

const program = new Command("errata")
  .version(version, "--version", "print the version")
  .helpOption("--help", "print this text")
  .helpCommand(false)
  .argument("[verb]")
  .allowUnknownOption()
  .allowExcessArguments()
  .action((verb?: string) => {
    if (verb === undefined) {
      process.stdout.write(overview());
      return;
    }
    const known = program.commands.map((command) => command.name()).join(", ");
    throw new OptionError({
      where: "errata",
      expected: `one of ${known}`,
      got: verb,
      next: Object.hasOwn(elsewhere, verb)
        ? `Here that is: ${elsewhere[verb]}`
        : "errata --help says what each does.",
    });
  });
program.helpInformation = overview;

for (const [verb, run] of verbs) {
  const command = program
    .command(verb.name)
    .summary(verb.summary)
    .argument("[settings...]")
    .allowUnknownOption()
    .helpOption("-h, --help", "print this text")
    .action(async (_settings: string[], flags: Flags) => {
      process.exitCode = await run(command.args, flags);
    });
  for (const [flag, help] of verb.flags) {
    // --config belongs to the options, which read it in its order among them
    if (flag !== "--help" && !flag.startsWith("--config")) command.option(flag, help);
  }
  command.helpInformation = () => verbHelp(verb, width);
}

verifyCommand(program);
checkCommand(program);
compareCommand(program);
doctorCommand(program);
presetsCommand(program);

function overview(): string {
  const list = program.commands
    .map((command) => `  ${command.name().padEnd(9)}${command.summary()}`)
    .join("\n");
  const about =
    "errata makes a language model better from its own right and wrong answers: it samples answers, lets a verifier judge them, and learns from all of them.";
  return `${wrap(about, width, 0)}\n\n${list}\n\n  errata VERB --help lists the options of a verb, in the order of the flow.\n`;
}

// a reader that went away, as in `errata train | head`, ends the command
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  endNow();
});

try {
  await program.parseAsync();
} catch (error) {
  const { text, exitCode } = explain(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
