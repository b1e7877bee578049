import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { compiled } from "../compile.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "errata-doctor-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function errata(...words: string[]) {
  return spawnSync(process.execPath, [compiled("app/cli/main.ts"), "doctor", ...words], {
    cwd: root,
    env: { ...process.env, npm_lifecycle_event: "", ERRATA_DEBUG: "" },
    encoding: "utf8",
    input: "",
  });
}

describe("errata doctor", { timeout: 240_000 }, () => {
  test("prints a line for each finding, and ends with 0 where there is no problem", () => {
    const { stdout, status } = errata(`output_dir=${join(folder, "new")}`);
    expect(stdout).toMatch(/^machine\n/m);
    expect(stdout).toMatch(/^ {2}ok {7}versions {11}errata \d/m);
    expect(stdout).toMatch(/^ready {4}0 problems, \d notes?$/m);
    expect(status).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("ends with 1 where there is a problem, and says what to do", () => {
    const { stdout, status } = errata("--model", join(folder, "nowhere"));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ {2}problem {2}model .*nowhere.*expected a model/ms);
    expect(stdout).toMatch(/^ {30}→ /m);
    expect(stdout).toMatch(/^not ready {4}1 problem,/m);
  });

  test("--json prints the report and nothing else, before or after the options", () => {
    for (const words of [
      ["--json", `output_dir=${join(folder, "new")}`, "threads=1"],
      ["threads=1", `output_dir=${join(folder, "new")}`, "--json"],
    ]) {
      const { stdout, status } = errata(...words);
      const report = JSON.parse(stdout);
      expect(report.problems).toBe(0);
      expect(report.findings.map(({ name }: { name: string }) => name)).toEqual([
        ...["versions", "cores", "memory", "arithmetic", "disk"],
      ]);
      expect(report.findings[1].text).toContain("threads 1");
      expect(status).toBe(0);
    }
  });

  test("an unknown option, or one out of range, is an error before anything is measured", () => {
    const unknown = errata("--num-generation", "8");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("Did you mean num_generations?");
    const range = errata("num_generations=1");
    expect(range.status).toBe(2);
    expect(range.stdout).toBe("");
  });
});
