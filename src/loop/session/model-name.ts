/**
 * What a model is called, from how somebody named it.
 */
import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** `runs/sums` → sums, `runs/sums/checkpoints/step-0040` → sums-step-0040, `owner/name@main` → name, `a.Q4_1.gguf` → a.Q4_1. */
export function modelName(named: string): string {
  const full = existsSync(named) ? resolve(named) : named.replace(/^hf:/, "").replace(/@.*$/, "");
  const last = basename(full, ".gguf");
  const parent = dirname(full);
  const isCheckpoint = /^step-\d+$/.test(last) && basename(parent) === "checkpoints";
  const name = isCheckpoint ? `${basename(dirname(parent))}-${last}` : last;
  return name.replace(/[^\w.-]/g, "-") || "model";
}
