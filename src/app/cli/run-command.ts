/**
 * What `train` and `sft` share: options read, events printed, Ctrl-C heard, the way on said.
 */
import { type GivenOptions, type RunContext, type RunResult, resolveRunOptions } from "../../index.ts";
import { printDryRun } from "./dry-run.ts";
import { interrupted, onInterrupt } from "./interrupt.ts";
import { outcome, reporter } from "./report.ts";
import { bold, faint, openTerminal } from "./terminal.ts";

export type Start = (given: GivenOptions, context: RunContext) => Promise<RunResult>;

/** @returns the exit code: 0 where the run ended by itself, 130 where it was interrupted */
export async function runCommand(
  command: "train" | "sft",
  argv: readonly string[],
  flags: { readonly dryRun?: boolean },
  start: Start,
): Promise<number> {
  const terminal = openTerminal();
  const resolved = resolveRunOptions(command, { argv });
  for (const note of resolved.notes) terminal.aside(faint(note));
  if (flags.dryRun) {
    await printDryRun(command, resolved, terminal);
    return 0;
  }
  const interrupt = onInterrupt(terminal);
  const report = reporter(terminal);
  let goOn = "";
  let why = "";
  try {
    const result = await start(resolved.options, {
      signal: interrupt.stop,
      onEvent(event) {
        report(event);
        if (event.kind === "end") [goOn, why] = [event.resume, event.text];
      },
    });
    const verdict = outcome(result.evals);
    if (verdict !== undefined) terminal.line(verdict);
    terminal.line(`${bold(result.reason === "finished" ? "done" : "ended")}    ${why}`);
    if (result.reason === "finished") {
      terminal.line(`${bold("next")}    ${self()} chat --model ${result.folder}`);
      return 0;
    }
    terminal.line(`${bold("go on")}   ${self()} ${command} ${goOn}`);
    return result.reason === "stopped" ? interrupted : 0;
  } finally {
    terminal.status(undefined);
    interrupt.release();
  }
}

/** How this command is called here: by its name, or by a script of this repository. */
export function self(): string {
  const script = process.env.npm_lifecycle_event;
  return script === "start" || script === "errata" ? "npm run errata --" : "errata";
}
