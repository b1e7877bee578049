/**
 * Errata's numbers against those of PyTorch and llama.cpp:
 *
 *   npx tsx scripts/parity.ts FOLDER...                              tiny models with expected.json
 *   npx tsx scripts/parity.ts --model MODEL --expected FILE.json     a whole model, from text to log-probs
 *
 * Prints one line per quantity, its largest difference and its bound; exits 1 where one is missed.
 */
import { parseArgs } from "node:util";
import { checkFolder, type Finding } from "./parity-folder.ts";
import { checkModel } from "./parity-model.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: "string" }, expected: { type: "string" } },
});
const wholeModel = values.model !== undefined && values.expected !== undefined;
if (positionals.length === 0 && !wholeModel) {
  console.error("usage: npx tsx scripts/parity.ts FOLDER... | --model MODEL --expected FILE.json");
  process.exit(2);
}

let misses = 0;
async function report(title: string, findings: Promise<Finding[]>): Promise<void> {
  console.log(title);
  for (const { what, difference, bound, note } of await findings) {
    // Written so that a NaN is a miss.
    const held = difference <= bound;
    if (!held) misses++;
    const figures = `${difference.toExponential(1).padStart(8)}  within ${bound.toExponential(0)}`;
    console.log(`  ${held ? "ok  " : "MISS"}  ${what.padEnd(34)} ${figures}${note ? `  ${note}` : ""}`);
  }
}

for (const folder of positionals) await report(folder, checkFolder(folder));
if (wholeModel) await report(values.model!, checkModel(values.model!, values.expected!));
process.exit(misses === 0 ? 0 : 1);
