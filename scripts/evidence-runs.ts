/**
 * Runs the comparisons of docs/evidence.md, one after the other:
 *
 *   npx tsx scripts/evidence-runs.ts [NAME…] [--into runs/evidence]             the first edition: a few hours on 2 cores
 *   npx tsx scripts/evidence-runs.ts [NAME…] --edition 2 [--into runs/evidence-2] [--jobs 2] [--quick] [--words-model PATH]
 *
 * Ctrl-C saves, and the same command goes on; what has ended is not run again. The second edition writes a report of
 * what it has so far beside its runs; with --quick it takes some twenty minutes and decides nothing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compare, DataError } from "../src/index.ts";
import { comparisons, requestFor } from "./evidence/arms.ts";
import { secondComparisons } from "./evidence/second-arms.ts";
import { secondRuns } from "./evidence/second-runs.ts";

const regimePath = (name: string) => fileURLToPath(new URL(`../docs/evidence/${name}.yaml`, import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    into: { type: "string" },
    edition: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
    "words-model": { type: "string" },
  },
  allowPositionals: true,
});
const second = values.edition === "2";
const names = second ? Object.keys(secondComparisons) : comparisons;
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined) {
  throw new DataError({
    where: "scripts/evidence-runs.ts",
    expected: `some of ${names.join(", ")}`,
    got: unknown,
    next: "Name none, and all are run.",
  });
}

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    console.log("Stopping: the runs under way save. The same command goes on.");
    stopping.abort();
  });

// the word problems' model takes an hour by itself
const all = values.quick ? names.filter((name) => name !== "words") : names;
const wanted = positionals.length > 0 ? positionals : all;
if (second) {
  const path = regimePath("second");
  await secondRuns(wanted, {
    into: values.into ?? join("runs", values.quick ? "evidence-2-quick" : "evidence-2"),
    regime: { path, text: readFileSync(path, "utf8") },
    jobs: Number(values.jobs),
    quick: values.quick,
    wordsModel: values["words-model"],
    signal: stopping.signal,
    say: console.log,
  });
} else {
  const into = values.into ?? join("runs", "evidence");
  for (const name of wanted) {
    if (stopping.signal.aborted) break;
    const folder = join(into, name);
    const { finished } = await compare(requestFor(name, regimePath("regime"), folder), {
      signal: stopping.signal,
      onPlan: ({ runs }, done) => console.log(`${name}: ${done} of ${runs.length} runs done before`),
      onEvent: ({ method, seed }, event) => {
        if (event.kind === "end") console.log(`${name}   ${method}   seed ${seed}   ${event.reason}`);
      },
    });
    console.log(`${name}: ${finished ? "done" : "stopped"}, ${folder}`);
  }
}
