/** A process that trains, fine-tunes or evaluates, for tests that kill it: `run-train.ts train|sft|eval '{options}'`, one event a line. */
import { evaluate } from "../../src/commands/evaluation/evaluate.ts";
import { sft } from "../../src/loop/sft.ts";
import { train } from "../../src/loop/train.ts";
import type { RunContext } from "../../src/run/events.ts";
import type { TinyOptions } from "./tiny.ts";

const [command, options] = process.argv.slice(2);
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
try {
  const context: RunContext = {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.kind !== "progress") process.stdout.write(`${JSON.stringify(event)}\n`);
    },
  };
  const given = JSON.parse(options) as TinyOptions & { readonly evalDataset: string };
  const result =
    command === "eval"
      ? { reason: (await evaluate(given, context)).finished ? "finished" : "stopped", steps: 0 }
      : await (command === "sft" ? sft : train)(given, context);
  process.stdout.write(`${JSON.stringify({ kind: "result", reason: result.reason, steps: result.steps })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ kind: "error", name: (error as Error).name, message: (error as Error).message })}\n`,
  );
  process.exitCode = 1;
}
