/**
 * Draws a run's curve:
 *
 *   npx tsx scripts/run-picture.ts runs/sums docs/pictures/pocket-run.svg
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { argv } from "node:process";
import { writeWhole } from "../src/files/atomic-write.ts";
import { drawRun, OptionError } from "../src/index.ts";

const [folder, picture] = argv.slice(2);
if (folder === undefined || picture === undefined) {
  throw new OptionError({
    where: "scripts/run-picture.ts",
    expected: "RUN and FILE.svg",
    got: argv.slice(2).join(" ") || "neither",
    next: "For example: npx tsx scripts/run-picture.ts runs/sums docs/pictures/pocket-run.svg",
  });
}
await mkdir(dirname(picture), { recursive: true });
const svg = await drawRun(folder);
await writeWhole(picture, (handle) => handle.writeFile(svg));
