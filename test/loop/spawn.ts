/** Runs `run-train.mjs` in a process of its own, to be killed or watched. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { GivenOptions } from "../../src/options/options.ts";
import type { RunEvent } from "../../src/run/events.ts";

export type Line =
  | RunEvent
  | { readonly kind: "result"; readonly reason: string; readonly steps: number }
  | { readonly kind: "error"; readonly name: string; readonly message: string };

export interface Ended {
  readonly lines: readonly Line[];
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** @param onLine  sees each event as it comes, and may kill the process */
export function runTrain(
  command: "train" | "sft" | "eval",
  options: GivenOptions,
  onLine: (line: Line, child: ChildProcess) => void = () => undefined,
  user: { readonly uid?: number; readonly gid?: number } = {},
): Promise<Ended> {
  const script = fileURLToPath(new URL("./run-train.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, command, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"],
    ...user,
  });
  const lines: Line[] = [];
  let stderr = "";
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    onLine(line, child);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => resolve({ lines, signal, stderr }));
  });
}
