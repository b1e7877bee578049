/**
 * Makes docs/evidence.md and its plots from the records in docs/evidence; a test fails where they differ.
 *
 *   npx tsx scripts/evidence.ts
 *   npx tsx scripts/evidence.ts --collect runs/evidence/*     makes the records first, from what scripts/evidence-runs.ts ran
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { writeWhole } from "../src/files/atomic-write.ts";
import { collect } from "./evidence/collect.ts";
import { evidencePage } from "./evidence/page.ts";
import { evidencePlots } from "./evidence/plots.ts";
import { readRecords, recordPath, recordText } from "./evidence/record.ts";

const docs = fileURLToPath(new URL("../docs", import.meta.url));
const folder = join(docs, "evidence");
export const regimePath = join(folder, "regime.yaml");

/** Every file made from the records, by its path in docs. */
export function evidenceFiles(): Record<string, string> {
  const records = readRecords(folder);
  const drawn = Object.entries(evidencePlots(records)).map(([name, text]) => [`evidence/${name}`, text]);
  return {
    "evidence.md": evidencePage(records, readFileSync(regimePath, "utf8")),
    ...Object.fromEntries(drawn),
  };
}

const write = (path: string, text: string) => writeWhole(path, (handle) => handle.writeFile(text));

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) {
  const { values, positionals } = parseArgs({
    options: { collect: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  for (const each of values.collect ? positionals : []) {
    const record = await collect(each, regimePath);
    await write(recordPath(folder, record.comparison), recordText(record));
    console.log(`${record.comparison}: ${record.runs.length} runs`);
  }
  for (const [path, text] of Object.entries(evidenceFiles())) await write(join(docs, path), text);
}
