import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { EvalReport } from "../../src/index.ts";
import { compiled } from "../compile.ts";

const main = compiled("app/cli/main.ts");
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "errata-eval-"));
const output = join(folder, "pocket");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function evaluation(...words: string[]) {
  const sets = ["--model", "models/pocket", "--dataset", "pocket", "countdown@2", "--dataset-size", "12"];
  const fixed = ["--samples", "4", "--max-completion-length", "64", `output_dir=${output}`];
  return spawnSync(process.execPath, [main, "eval", ...sets, ...fixed, ...words], {
    cwd: root,
    env: { ...process.env, ERRATA_DEBUG: "" },
    encoding: "utf8",
    input: "",
  });
}

test("prints a line for each data set, one table in the end, and where the answers are", () => {
  const { stdout, stderr, status } = evaluation();
  expect(stderr).not.toMatch(/Error/);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^pocket 12 problems × 4 answers {3}right /m);
  expect(stdout).toMatch(/^countdown 12 problems × 2 answers {3}right /m);
  const rows = stdout.split("\n").filter((line) => line.startsWith("|"));
  const main = rows.slice(0, 5);
  expect(main.map((row) => row.split("|")[1]!.trim())).toEqual([
    "data set",
    expect.stringMatching(/^-+$/),
    "pocket",
    "countdown",
    "unweighted mean",
  ]);
  expect(new Set(main.map((row) => row.length)).size).toBe(1);
  expect(stdout).toContain(`answers  ${output}`);
  // the table of the terminal is that of the file
  for (const row of rows) expect(readFileSync(join(output, "summary.md"), "utf8")).toContain(row);
}, 180_000);

test("asks for the folder where a preset's data sets are not here", () => {
  const config = join(folder, "paper.yaml");
  writeFileSync(config, "preset: paper\n");
  const words = [main, "eval", "--model", "models/pocket", "--config", config];
  const { stderr, status } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/DataError: aime24: expected a file .*\n {2}→ .*--dataset-dir FOLDER/);
}, 180_000);

test("with --json prints the report and nothing else; what is there already is not asked again", () => {
  const { stdout, stderr, status } = evaluation("--json", "--compare-with", output);
  expect(status).toBe(0);
  expect(stderr).toContain("24 of 24 problems are there");
  const report = JSON.parse(stdout) as EvalReport;
  expect(report).toMatchObject({ finished: true, folder: output, model: "models/pocket" });
  expect(report.sets.map(({ dataset, k }) => [dataset, k])).toEqual([
    ["pocket", 4],
    ["countdown", 2],
  ]);
  expect(report.comparison!.mean!.mean).toBe(0);
}, 180_000);
