/**
 * Lines per folder, and how a change moves them.
 *
 *   npx tsx scripts/size.ts          since the last commit
 *   npx tsx scripts/size.ts main~5   since another one
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const rooms = readdirSync("src", { withFileTypes: true }).filter((entry) => entry.isDirectory());
const folders = [...rooms.map(({ name }) => `src/${name}`), "test", "scripts", "bench", "examples"];
const since = process.argv[2] ?? "HEAD";

const cells = folders.map((folder) => {
  const name = folder.replace("src/", "");
  return `${name} ${lines(folder).toLocaleString("en")} (${signed(moved(folder))})`;
});
console.log(cells.join("   "));

function lines(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(isCode);
  return files.reduce(
    (sum, file) => sum + readFileSync(join(folder, file), "utf8").split("\n").length - 1,
    0,
  );
}

function isCode(file: string): boolean {
  return /\.(ts|tsx|mjs|py)$/.test(file);
}

/** Lines added less lines deleted in a folder, files that git does not know yet left out. */
function moved(folder: string): number {
  const rows = execFileSync("git", ["diff", "--numstat", since, "--", folder], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.split("\t"))
    .filter(([, , file]) => file !== undefined && isCode(file));
  return rows.reduce((sum, [added, deleted]) => sum + Number(added) - Number(deleted), 0);
}

function signed(count: number): string {
  return count === 0 ? "0" : `${count > 0 ? "+" : "−"}${Math.abs(count).toLocaleString("en")}`;
}
