import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { evaluate } from "../../src/commands/evaluation/evaluate.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import type { ResultRecord } from "../../src/run/records.ts";
import { tinyRun, verifier } from "../loop/tiny.ts";

/** What an evaluation says in a process that may not write files of more than 8 KiB, which stands for a full disk. */
function evaluateInLittleSpace(given: GivenOptions): Promise<string> {
  const script = fileURLToPath(new URL("../loop/run-train.mjs", import.meta.url));
  const command = [process.execPath, script, "eval", JSON.stringify(given)];
  const child = spawn("bash", ["-c", 'ulimit -f 8; exec "$@"', "bash", ...command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (data: Buffer) => (said += data.toString()));
  return new Promise((resolve, reject) => child.on("error", reject).on("close", () => resolve(said)));
}

test.skipIf(!existsSync("/dev/full"))(
  "an evaluation on a full disk says how an evaluation goes on, and does",
  async () => {
    const { folder, options } = await tinyRun(8);
    const given = {
      ...{ model: options.model!, evalDataset: options.dataset!, evalNumGenerations: 16, threads: 1 },
      ...{ maxCompletionLength: 40, verifier: verifier("even"), outputDir: join(folder, "eval") },
    };
    const last = JSON.parse((await evaluateInLittleSpace(given)).trimEnd().split("\n").at(-1)!);
    expect(last).toMatchObject({ kind: "error", name: "RunError" });
    expect(last.message).toMatch(/results\.jsonl: expected to write here, got a full disk/);
    expect(last.message).toContain("Free some space and give the same command again");
    expect(last.message).not.toMatch(/--resume|checkpoint/);

    expect((await evaluate(given)).finished).toBe(true);
    const lines = readFileSync(join(given.outputDir, "results.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as ResultRecord).answers.length)).toEqual(Array(8).fill(16));
    rmSync(folder, { recursive: true });
  },
);
