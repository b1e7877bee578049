/**
 * What `train` and `sft` share: options read, events printed, signals heard, the way on said.
 */
import type { RunResult } from "../../loop/session/saving.ts";
import type { Options } from "../../options/options.ts";
import type { RunContext, RunEvent } from "../../run/events.ts";
import { resolveRunOptions } from "../../run/run-options.ts";
import { wrap } from "./columns.ts";
import type { Call } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { onInterrupt } from "./interrupt.ts";
import { self } from "./own-name.ts";
import { reporter } from "./report.ts";
import { outcome } from "./run-lines.ts";
import { bold } from "./terminal.ts";

export type Start = (given: Options<"train" | "sft">, context: RunContext) => Promise<RunResult>;

/** @returns the exit code */
export async function runCommand(
  command: "train" | "sft",
  { words, flags, terminal }: Call,
  start: Start,
): Promise<number> {
  const resolved = resolveRunOptions(command, { argv: words });
  const report = reporter(terminal);
  const tell = (event: RunEvent) => {
    report(event);
    if (terminal.json && event.kind !== "progress" && event.kind !== "download") terminal.result(event);
  };
  for (const text of resolved.notes) tell({ kind: "note", text });
  if (flags["dry-run"] !== undefined) {
    const { printDryRun } = await import("./dry-run.ts");
    await printDryRun(command, resolved, flags.all !== undefined, terminal);
    return exitCodes.done;
  }
  const interrupt = onInterrupt(terminal);
  let goOn = "";
  let why = "";
  try {
    const result = await start(resolved.options, {
      signal: interrupt.stop,
      onEvent(event) {
        tell(event);
        if (event.kind === "end") [goOn, why] = [event.resume, event.text];
      },
    });
    const verdict = outcome(result.evals, terminal.width);
    if (verdict !== undefined) terminal.line(verdict);
    const word = result.reason === "finished" ? "done " : "ended";
    terminal.line(`${bold(word)}   ${wrap(why, terminal.width, 8).slice(8)}`);
    if (result.reason === "finished") {
      terminal.line(`${bold("next")}    ${self()} chat --model ${result.folder}`);
      return exitCodes.done;
    }
    if (result.reason === "nothing-to-learn") {
      terminal.line(`${bold("next")}    ${self()} show ${result.folder}`);
      return exitCodes.nothingLearnt;
    }
    terminal.line(`${bold("go on")}   ${self()} ${command} ${goOn}`);
    return interrupt.exitCode;
  } finally {
    terminal.status(undefined);
    interrupt.release();
  }
}
