/**
 * Runs the comparisons of docs/evidence.md, one after the other:
 *
 *   npx tsx scripts/evidence-runs.ts [NAME…] [--into runs/evidence]     a few hours on 2 cores
 *
 * Ctrl-C saves, and the same command goes on; what has ended is not run again.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compare, DataError } from "../src/index.ts";
import { comparisons, requestFor } from "./evidence/arms.ts";

const regime = fileURLToPath(new URL("../docs/evidence/regime.yaml", import.meta.url));
const { values, positionals } = parseArgs({
  options: { into: { type: "string", default: join("runs", "evidence") } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !comparisons.includes(name));
if (unknown !== undefined) {
  throw new DataError({
    where: "scripts/evidence-runs.ts",
    expected: `some of ${comparisons.join(", ")}`,
    got: unknown,
    next: "Name none, and all are run.",
  });
}

const stopping = new AbortController();
process.once("SIGINT", () => {
  console.log("Stopping: the runs under way save. The same command goes on.");
  stopping.abort();
});

for (const name of positionals.length > 0 ? positionals : comparisons) {
  if (stopping.signal.aborted) break;
  const folder = join(values.into, name);
  const { finished } = await compare(requestFor(name, regime, folder), {
    signal: stopping.signal,
    onPlan: ({ runs }, done) => console.log(`${name}: ${done} of ${runs.length} runs done before`),
    onEvent: ({ method, seed }, event) => {
      if (event.kind === "end") console.log(`${name}   ${method}   seed ${seed}   ${event.reason}`);
    },
  });
  console.log(`${name}: ${finished ? "done" : "stopped"}, ${folder}`);
}
