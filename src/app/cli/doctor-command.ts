/**
 * `errata doctor`: what a run with these options would find here, one page, measured.
 */
import type { Command } from "commander";
import { doctor, type Finding, resolveRunOptions } from "../../index.ts";
import { showDownloads } from "./downloads.ts";
import { wrap } from "./help.ts";
import { bold, faint, openTerminal, printable, type Terminal } from "./terminal.ts";

/** Where the text of a finding begins, in columns. */
const margin = 30;

/** Adds the verb to the command; it sets the exit code: 0 where there is no problem, else 1. */
export function doctorCommand(program: Command): void {
  program
    .command("doctor")
    .summary("look at machine, model and data, and measure what a step of a run would take")
    .usage("[--json] [options of train]")
    .description(
      "Takes the options of train and trains nothing. The speeds are measured on the model itself for some seconds; a " +
        "step's time is worked out from them, its arithmetic shown. Without --dataset it looks at machine and model, " +
        "without --model at the machine alone. A problem would end the run or spoil it; a note is worth knowing.",
    )
    .argument("[settings...]")
    .allowUnknownOption()
    .allowExcessArguments()
    .option("--json", "print the whole report as one line of JSON")
    .action(async (_settings: string[], flags: { readonly json?: boolean }, command: Command) => {
      process.exitCode = await run(command.args, flags.json === true);
    });
}

async function run(argv: readonly string[], json: boolean): Promise<number> {
  const terminal = openTerminal();
  const { options, notes, resumes } = resolveRunOptions("train", { argv, incomplete: true });
  for (const note of notes) terminal.aside(faint(note));
  terminal.status("measuring …");
  try {
    const report = await doctor(options, resumes, {
      ...(json ? {} : { onFinding: page(terminal) }),
      onEvent: showDownloads(terminal),
    });
    terminal.status(undefined);
    terminal.line(json ? JSON.stringify(report) : `\n${verdict(report)}`);
    return report.problems === 0 ? 0 : 1;
  } finally {
    terminal.status(undefined);
  }
}

/** Prints each finding under its section. */
function page(terminal: Terminal): (finding: Finding) => void {
  let section = "";
  return (finding) => {
    if (finding.section !== section) terminal.line(`\n${bold(finding.section)}`);
    section = finding.section;
    const text = wrap(printable(finding.text), terminal.width, margin).slice(margin);
    const head = `  ${finding.status.padEnd(9)}${finding.name.padEnd(margin - 11)}`;
    terminal.line(`${finding.status === "ok" ? head : bold(head)}${text}`);
    if (finding.next !== undefined)
      terminal.line(wrap(`→ ${printable(finding.next)}`, terminal.width, margin));
  };
}

function verdict({ problems, notes }: { readonly problems: number; readonly notes: number }): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  return `${bold(problems === 0 ? "ready" : "not ready")}    ${count(problems, "problem")}, ${count(notes, "note")}`;
}
