/** A process that trains (or fine-tunes), for tests that kill it: `run-train.ts train|sft '{options}'`, one event a line. */
import { sft } from "../../src/loop/sft.ts";
import { train } from "../../src/loop/train.ts";

const [command, options] = process.argv.slice(2);
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
try {
  const result = await (command === "sft" ? sft : train)(JSON.parse(options), {
    stop: stop.signal,
    onEvent: (event) => {
      if (event.kind !== "progress") process.stdout.write(`${JSON.stringify(event)}\n`);
    },
  });
  process.stdout.write(`${JSON.stringify({ kind: "result", reason: result.reason, steps: result.steps })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ kind: "error", name: (error as Error).name, message: (error as Error).message })}\n`,
  );
  process.exitCode = 1;
}
