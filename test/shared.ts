/**
 * What tests measure against: golden numbers in `fixtures/golden`, always there; and public data sets, SmolLM2 and
 * other projects' suites in `../shared`, beside the repository. Where those are absent, their tests are skipped aloud.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { ggufRefusal } from "../src/formats/gguf/gguf-hyperparameters.ts";
import { type Architecture, architectureNames } from "../src/models/architectures.ts";
import type { ModelConfig } from "../src/models/config.ts";
import { parseConfig } from "../src/models/config-json.ts";

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

/** The config of a golden model. */
export function goldenConfig(name: string): ModelConfig {
  const path = golden(`models/${name}/config.json`);
  return parseConfig(JSON.parse(readFileSync(path, "utf8")), path);
}

/** Whether llama.cpp's files can say what a golden model is. */
export const hasGguf = (name: string): boolean => ggufRefusal(goldenConfig(name)) === undefined;

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
