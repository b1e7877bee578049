/**
 * `errata doctor`: what a run with these options would find here, one page, measured.
 */
import type { Finding } from "../../../commands/doctor/finding.ts";
import { printable } from "../../../errors.ts";
import { resolveRunOptions } from "../../../run/run-options.ts";
import { wrap } from "../columns.ts";
import type { Call, CliCommand } from "../command.ts";
import { showDownloads } from "../downloads.ts";
import { exitCodes } from "../exit-codes.ts";
import { bold, faint, type Terminal } from "../terminal.ts";

/** Where the text of a finding begins, in columns. */
const MARGIN = 30;

export const command: CliCommand = {
  usage: "[options of train]",
  about:
    "Takes the options of train and trains nothing. The speeds are measured on the model itself for some seconds; a step's time is worked out from them, its arithmetic shown. Without --dataset it looks at machine and model, without --model at the machine alone. A problem would end the run or spoil it; a note is worth knowing.",
  examples: ["errata doctor", "errata doctor --config examples/1-sums.yaml"],
  flags: [],
  options: "train",
  run,
};

async function run({ words, terminal }: Call): Promise<number> {
  const { doctor } = await import("../../../commands/doctor/doctor.ts");
  const { options, notes, resumes } = resolveRunOptions("train", { argv: words, incomplete: true });
  for (const note of notes) terminal.aside(faint(note));
  terminal.status("measuring …");
  try {
    const report = await doctor(options, resumes, {
      ...(terminal.json ? {} : { onFinding: page(terminal) }),
      onEvent: showDownloads(terminal),
    });
    terminal.status(undefined);
    if (terminal.json) terminal.result(report);
    else terminal.line(`\n${verdict(report)}`);
    return report.problems === 0 ? exitCodes.done : exitCodes.failed;
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
    const text = wrap(printable(finding.text), terminal.width, MARGIN).slice(MARGIN);
    const head = `  ${finding.status.padEnd(9)}${finding.name.padEnd(MARGIN - 11)}`;
    terminal.line(`${finding.status === "ok" ? head : bold(head)}${text}`);
    if (finding.next !== undefined)
      terminal.line(wrap(`→ ${printable(finding.next)}`, terminal.width, MARGIN));
  };
}

function verdict({ problems, notes }: { readonly problems: number; readonly notes: number }): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  return `${bold(problems === 0 ? "ready" : "not ready")}    ${count(problems, "problem")}, ${count(notes, "note")}`;
}
