/**
 * What tests measure against: golden numbers in `fixtures/golden`, always there; and public data sets, SmolLM2 and
 * other projects' suites in `../shared`, beside the repository. Where those are absent, their tests are skipped aloud.
 */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { type Architecture, architectureNames, architectureOf } from "../src/models/architectures.ts";

/** The full path of a file or folder of golden numbers: what PyTorch, verl and llama.cpp computed. */
export function golden(path: string): string {
  return fileURLToPath(new URL(`./fixtures/golden/${path}`, import.meta.url));
}

/** The tiny model of each family that errata knows: what is tested with them is tested of every row of the table. */
export const familyModels: readonly string[] = architectureNames.map((name) => `${name}-tiny`);

/** These, and others of the families whose configs say more. */
export const goldenModels: readonly string[] = readdirSync(golden("models")).sort();

/** The family of a golden model, which its folder is named after. */
export const familyOf = (name: string): Architecture => name.split("-")[0] as Architecture;

/** Whether llama.cpp's files are written of a golden model's family. */
export const hasGguf = (name: string): boolean => architectureOf(familyOf(name)).gguf !== undefined;

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
