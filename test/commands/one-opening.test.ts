import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compiled } from "../compile.ts";
import { temporaryFolder } from "../models/files.ts";

const preload = fileURLToPath(new URL("count-reads.mjs", import.meta.url));
const pocket = fileURLToPath(new URL("../../models/pocket", import.meta.url));

/** How often a command opened the model in `folder`/model: each opening reads a file from its first byte. */
function openings(args: (folder: string) => string[]): Record<string, number> {
  const folder = temporaryFolder();
  const model = join(folder, "model");
  const log = join(folder, "reads.jsonl");
  cpSync(pocket, model, { recursive: true });
  execFileSync(process.execPath, ["--import", preload, compiled("app/cli/main.ts"), ...args(folder)], {
    env: { ...process.env, READS: log },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const reads: [string, number, number][] = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const from = (name: string, bytes?: number) =>
    reads.filter(
      ([path, position, read]) =>
        path === join(model, name) && position === 0 && (bytes === undefined || read === bytes),
    ).length;
  // eight bytes are the header's length: an evaluation also samples the file, to name it
  return { tokenizer: from("tokenizer.json"), weights: from("model.safetensors", 8) };
}

const problems = ["--dataset", "pocket", "--threads", "1"];
const small = ["--num-generations", "4", "--prompts-per-step", "2", "--max-completion-length", "48"];

describe("a command opens its model once", () => {
  test.each<[string, (folder: string) => string[]]>([
    [
      "train",
      (folder) => [
        ...["train", "--model", join(folder, "model"), ...problems, ...small, "--max-steps", "1"],
        ...["--eval-steps", "0", "--output-dir", join(folder, "run")],
      ],
    ],
    [
      "train --dry-run",
      (folder) => ["train", "--model", join(folder, "model"), ...problems, ...small, "--dry-run"],
    ],
    [
      "eval",
      (folder) => [
        ...["eval", "--model", join(folder, "model"), "--eval-dataset", "pocket", "--threads", "1"],
        ...["--max-completion-length", "4", "--output-dir", join(folder, "eval")],
      ],
    ],
    [
      "eval beside it, too",
      (folder) => [
        ...["eval", "--model", "pocket", "--compare-with", join(folder, "model"), "--threads", "1"],
        ...["--eval-dataset", "pocket", "--max-completion-length", "8"],
        ...["--output-dir", join(folder, "eval")],
      ],
    ],
    ["export", (folder) => ["export", "--model", join(folder, "model"), "--output-dir", join(folder, "out")]],
    ["chat", (folder) => ["chat", "--model", join(folder, "model"), "1+2="]],
    ["doctor", (folder) => ["doctor", "--model", join(folder, "model"), ...problems, ...small]],
  ])("%s", (_, args) => {
    expect(openings(args)).toEqual({ tokenizer: 1, weights: 1 });
  });
});
