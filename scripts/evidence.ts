/**
 * Makes docs/evidence.md, docs/evidence-second.md and their plots from the records in docs/evidence; a test fails where
 * they differ.
 *
 *   npx tsx scripts/evidence.ts
 *   npx tsx scripts/evidence.ts --collect runs/evidence/*     makes the first edition's records first, from what
 *                                                             scripts/evidence-runs.ts ran
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { writeWhole } from "../src/files/atomic-write.ts";
import { collect } from "./evidence/collect.ts";
import { evidencePage } from "./evidence/page.ts";
import { evidencePlots } from "./evidence/plots.ts";
import { readRates } from "./evidence/rates.ts";
import { readRecords, recordPath, recordText } from "./evidence/record.ts";
import { secondPage } from "./evidence/second-page.ts";
import { secondPlots } from "./evidence/second-plots.ts";

const docs = fileURLToPath(new URL("../docs", import.meta.url));
const folder = join(docs, "evidence");
export const regimePath = join(folder, "regime.yaml");
/** Of the second edition, as its runs left them. */
export const secondFolder = join(folder, "second");

/** Every file made from the records, by its path in docs. */
export function evidenceFiles(): Record<string, string> {
  const records = readRecords(folder);
  return {
    "evidence.md": evidencePage(records, readFileSync(regimePath, "utf8")),
    ...plotFiles(evidencePlots(records)),
    ...(existsSync(secondFolder) ? secondFiles() : {}),
  };
}

function secondFiles(): Record<string, string> {
  const records = readRecords(secondFolder);
  const regime = readFileSync(join(folder, "second.yaml"), "utf8");
  return {
    "evidence-second.md": secondPage(records, readRates(secondFolder), regime),
    ...plotFiles(secondPlots(records)),
  };
}

const plotFiles = (plots: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(plots).map(([name, text]) => [`evidence/${name}`, text]));

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
