/** README's task of one's own, as a reader types it, with fewer steps. */
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
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

test("sixty rows, a verifier and a cold start teach the pocket model labels it has not seen", () => {
  const folder = join(temporaryFolder(), "labels");
  cpSync(join(root, "examples/labels"), folder, { recursive: true });
  errata(folder, "check", "train.jsonl", "--verifier", "./label.ts");
  errata(folder, "sft", "--config", "cold-start.yaml", "--output-dir", "runs/cold");
  const events = errata(folder, "train", "--config", "train.yaml", "--output-dir", "runs/labels");
  const rates = events.flatMap((event) => {
    const { kind, record } = event as { kind: string; record: { avgAtK: { mean: number } } };
    return kind === "eval" ? [record.avgAtK.mean] : [];
  });
  expect(rates).toHaveLength(3);
  expect(rates.at(-1)).toBeGreaterThan(rates[0]! + 0.2);
}, 240_000);
