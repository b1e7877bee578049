/**
 * Inside the thread that programs run in: each in a sandbox of its own, test after test.
 */
import { parentPort } from "node:worker_threads";
import type { FromCodeThread, Suite, ToCodeThread } from "./code-thread.ts";
import { inSandbox, type Sandbox } from "./sandbox.ts";

const port = parentPort!;

port.on("message", async ({ program, suite }: ToCodeThread) => {
  const outcome = await inSandbox(program, (sandbox) => firstFailure(sandbox, suite));
  const failure = typeof outcome === "object" && outcome !== null ? outcome.fault : outcome;
  port.postMessage(failure satisfies FromCodeThread);
});
port.postMessage(null satisfies FromCodeThread);

function firstFailure(sandbox: Sandbox, { entry, tests }: Suite): string | null {
  for (const { args, expected } of tests) {
    const given = JSON.stringify(args);
    const outcome = sandbox.call(entry, given);
    const call = `${entry}(${given.slice(1, -1).slice(0, 200)})`;
    if ("fault" in outcome) return `${call}: ${outcome.fault}`;
    if (canonical(outcome.json) !== canonical(JSON.stringify(expected))) {
      return `${call} gives ${(outcome.json ?? "undefined").slice(0, 200)}, not ${JSON.stringify(expected).slice(0, 200)}`;
    }
  }
  return null;
}

/** JSON with the keys of objects in order, since the order of keys is no difference. */
function canonical(json: string | undefined): string | undefined {
  if (json === undefined || !json.includes("{")) return json;
  const sorted = (_: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(JSON.parse(json), sorted);
}
