/** A process that trains, fine-tunes or evaluates, for tests that kill it: `run-train.mjs train|sft|eval '{options}'`, one event a line. */
import { evaluate } from "../../.build/commands/evaluation/evaluate.js";
import { sft } from "../../.build/loop/sft.js";
import { train } from "../../.build/loop/train.js";

const [command, options] = process.argv.slice(2);
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
try {
  const context = {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.kind !== "progress") process.stdout.write(`${JSON.stringify(event)}\n`);
    },
  };
  const given = JSON.parse(options);
  const result =
    command === "eval"
      ? { reason: (await evaluate(given, context)).finished ? "finished" : "stopped", steps: 0 }
      : await (command === "sft" ? sft : train)(given, context);
  process.stdout.write(`${JSON.stringify({ kind: "result", reason: result.reason, steps: result.steps })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ kind: "error", name: error.name, message: error.message })}\n`);
  process.exitCode = 1;
}
