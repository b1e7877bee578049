import { evaluate, resolveOptions } from "../../index.ts";
import type { Verb } from "./help.ts";
import { interrupted, onInterrupt } from "./interrupt.ts";
import { evalLine, reporter } from "./report.ts";
import { faint, openTerminal } from "./terminal.ts";

export const evalVerb: Verb = {
  name: "eval",
  summary: "how often a model is right on held-out problems",
  about:
    "Samples answers to each held-out problem and prints avg@k, pass@k and maj@k with 95% intervals. Nothing is written.",
  examples: [
    "errata eval --model models/pocket --dataset pocket",
    "errata eval --model runs/nft-pocket --dataset problems.jsonl --num-generations 8 --json",
  ],
  flags: [
    ["--config FILE", "options from a YAML file"],
    ["--json", "print the whole record as one line of JSON"],
    ["--help", "this text"],
  ],
};

export async function evalCommand(
  argv: readonly string[],
  flags: { readonly json?: boolean },
): Promise<number> {
  const terminal = openTerminal();
  const { options, notes } = resolveOptions("eval", { argv });
  for (const note of notes) terminal.aside(faint(note));
  const interrupt = onInterrupt(terminal, "Stopping. Ctrl-C again ends at once.");
  const report = reporter(terminal, options.model);
  try {
    const record = await evaluate(options, {
      stop: interrupt.stop,
      // the record is printed below, once
      onEvent: (event) => event.kind !== "eval" && report(event),
    });
    terminal.status(undefined);
    terminal.line(flags.json ? JSON.stringify(record) : evalLine(record, 0));
    return interrupt.stop.aborted ? interrupted : 0;
  } finally {
    terminal.status(undefined);
    interrupt.release();
  }
}
