/**
 * What tests measure against: golden numbers in `fixtures/golden`, always there; and public data sets, SmolLM2 and
 * other projects' suites in `../shared`, beside the repository. Where those are absent, their tests are skipped aloud.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { architectureNames } from "../src/models/architectures.ts";

/** The full path of a file or folder of golden numbers: what PyTorch, verl and llama.cpp computed. */
export function golden(path: string): string {
  return fileURLToPath(new URL(`./fixtures/golden/${path}`, import.meta.url));
}

/** A tiny model for each family that errata knows: what is tested with them is tested of every row of the table. */
export const goldenModels: readonly string[] = architectureNames.map((name) => `${name}-tiny`);

/** The full path of a shared file or folder, or undefined where it is absent. */
export function shared(path: string): string | undefined {
  const full = fileURLToPath(new URL(`../../shared/${path}`, import.meta.url));
  return existsSync(full) ? full : undefined;
}

/** Like `describe`, given the full path of what it needs; where that is absent, one skipped test that says so. */
export function describeShared(path: string, name: string, body: (full: string) => void): void {
  const full = shared(path);
  if (full === undefined) {
    const why = `${name}: ../shared/${path}, beside the repository, is absent`;
    console.log(`skipped: ${why}`);
    test.skip(why);
  } else describe(name, () => body(full));
}
