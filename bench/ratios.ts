/**
 * The small bench, two minutes on a quiet machine: the share of the machine's own product speed that each piece of
 * work reaches, beside the one recorded. It fails where one has fallen by a fifth.
 *
 *   npx tsx bench/ratios.ts             compares with bench/ratios.json
 *   npx tsx bench/ratios.ts --record    writes it
 *
 * Shares are of one core, by seconds of the processor, which other programs beside it change little: several threads
 * spin while they wait for one that has lost its core. What is too low is measured once more; the better share counts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { errata, percent } from "./figures.ts";
import type { Work } from "./measure.ts";

interface Recorded {
  readonly processor: string;
  /** By shape and work, in [0, 1]. */
  readonly shares: Readonly<Record<string, Readonly<Record<Work, number>>>>;
}

const LEAST = 0.8;
const STEPS = 2;
const THREADS = 1;
const SHAPES = ["2.5M", "39M"];
const WORKS: readonly Work[] = ["train", "sample", "step"];

const path = new URL("ratios.json", import.meta.url);
const { values } = parseArgs({ options: { record: { type: "boolean", default: false } } });
const recorded: Recorded | undefined = values.record ? undefined : JSON.parse(readFileSync(path, "utf8"));
const processor = cpus()[0].model.trim();

const share = (work: Work, shape: string) => errata(work, shape, STEPS, THREADS).share.processor;
const three = (value: number) => Math.round(1000 * value) / 1000;

console.log(`${cpus().length} cores, ${processor}, load ${loadavg()[0].toFixed(1)}`);
if (recorded !== undefined && recorded.processor !== processor)
  console.log(`recorded on another processor, ${recorded.processor}: shares may differ by themselves`);

const shares: Record<string, Record<string, number>> = {};
for (const shape of SHAPES) {
  shares[shape] = {};
  for (const work of WORKS) {
    const was = recorded?.shares[shape]?.[work];
    const isLow = (is: number) => was !== undefined && is < LEAST * was;
    let is = share(work, shape);
    if (isLow(is)) is = Math.max(is, share(work, shape));
    shares[shape][work] = three(is);
    const beside = was === undefined ? "" : `   recorded ${percent(was)}${isLow(is) ? "   TOO LOW" : ""}`;
    console.log(`${shape.padEnd(6)} ${work.padEnd(8)} ${percent(is).padStart(5)}${beside}`);
    if (isLow(is)) process.exitCode = 1;
  }
}
if (values.record) writeFileSync(path, `${JSON.stringify({ processor, shares }, undefined, 2)}\n`);
