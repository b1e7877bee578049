/**
 * The fast tests on every version of Node that is supported: `node scripts/matrix.mjs [20 22 24]`.
 *
 * Each version comes from npm, as the package `node` has it, into a cache outside the tree (ERRATA_NODES, or the
 * system's folder for temporary files). The last line is the sum: `N passed, M failed`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readReport } from "./report.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = process.env.ERRATA_NODES ?? join(tmpdir(), "errata-nodes");
const windows = process.platform === "win32";
const majors = process.argv.length > 2 ? process.argv.slice(2) : ["20", "22", "24"];

let [passed, failed] = [0, 0];
for (const major of majors) {
  const node = nodeOf(major);
  if (node === undefined) {
    failed++;
    continue;
  }
  const counts = test(node);
  for (const fault of counts.faults) console.log(`failed: Node ${major}: ${fault}`);
  console.log(`Node ${major}: ${counts.passed} passed, ${counts.failed} failed`);
  passed += counts.passed;
  failed += counts.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** The path of a version's program; undefined, told, where npm does not give it. */
function nodeOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = join(cache, major);
  const name = `node-${windows ? "win" : process.platform}-${process.arch}`;
  const program = join(folder, "node_modules", name, "bin", windows ? "node.exe" : "node");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "private": true }\n`);
  const words = ["install", "--no-audit", "--no-fund", "--loglevel=error", `${name}@${major}`];
  const { status } = spawnSync("npm", words, { cwd: folder, stdio: ["ignore", 2, 2], shell: windows });
  if (status === 0 && existsSync(program)) return program;
  console.error(`Node ${major}: expected npm to give ${name}@${major}, got exit code ${status}.`);
  return undefined;
}

function test(node) {
  const report = join(mkdtempSync(join(tmpdir(), "errata-matrix-")), "report.json");
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const words = [
    vitest,
    "run",
    ...fast(),
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  // tests that start the command by `node` start this one
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const { status } = spawnSync(node, words, { cwd: root, stdio: "inherit", env });
  return readReport(report, status);
}

/** The folders of `npm run test:fast`, those files too that it leaves out, and every verb with every kind of model. */
function fast() {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return [
    ...scripts["test:fast"].split("vitest run ")[1].split(" --exclude ")[0].split(" "),
    "test/commands",
  ];
}
