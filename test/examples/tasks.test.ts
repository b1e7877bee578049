/** Tasks of one's own, as a reader types their commands: rows, a judge, a cold start, and a better pocket model. */
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readText } from "../../src/files/checked-file.ts";
import { compiled } from "../compile.ts";
import { temporaryFolder } from "../models/files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function errata(folder: string, ...words: string[]): unknown[] {
  const program = [compiled("app/cli/main.ts"), ...words, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { cwd: folder, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test.each([
  ["a label out of six", "labels", 36],
  ["a JSON object with three fields", "json", 114],
  ["a conversion of units within a tolerance", "units", 150],
])(
  "rows, a verifier and a cold start teach the pocket model %s",
  async (_, task, rows) => {
    const folder = join(temporaryFolder(), task);
    cpSync(join(root, "examples", task), folder, { recursive: true });
    const { verifier } = parse(await readText(join(folder, "train.yaml"), 10_000)) as { verifier: string };
    const [checked] = errata(folder, "check", "train.jsonl", "--verifier", verifier);
    expect(checked).toMatchObject({ tried: rows, passed: rows });
    errata(folder, "sft", "--config", "cold-start.yaml", "--output-dir", "runs/cold");
    const events = errata(folder, "train", "--config", "train.yaml", "--output-dir", "runs/learnt");
    const evals = events.flatMap((event) => {
      const { kind, record } = event as { kind: string; record: { sinceStart?: { low: number } } };
      return kind === "eval" ? [record] : [];
    });
    // better than chance may make it, on rows that it has not seen
    expect(evals.at(-1)!.sinceStart!.low).toBeGreaterThan(0.02);
    const warnings = events.filter((event) => (event as { kind: string }).kind === "warning");
    expect(warnings).toEqual([]);
  },
  480_000,
);
