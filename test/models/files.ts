/** Temporary folders and made-up weights for the tests of model files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { ErrataError } from "../../src/errors.ts";
import type { NamedTensor } from "../../src/formats/safetensors/safetensors-writer.ts";
import type { ModelConfig } from "../../src/models/config.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "errata-models-"));
  folders.push(folder);
  return folder;
}

/** Writes bytes to a new file and returns its path. */
export function temporaryFile(name: string, bytes: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

export const tinyConfig: ModelConfig = {
  architecture: "llama",
  vocabSize: 40,
  width: 8,
  layers: 2,
  heads: 2,
  kvHeads: 1,
  headDim: 4,
  ffnWidth: 12,
  rmsEps: 1e-5,
  rope: { type: "default", theta: 10000 },
  contextLength: 64,
  tiedHead: true,
  biases: [],
};

/** Every tensor of a config, each of distinct values that sixteen bits hold exactly. */
export function tensorsOf(config: ModelConfig): NamedTensor[] {
  let next = 0;
  return [...tensorShapes(config)].map(([name, shape]) => ({
    name,
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => ((next++ % 255) - 127) / 64),
  }));
}

/** The promise is refused by an error for people, whose message names every one of `words`. */
export async function refuses(promise: Promise<unknown>, ...words: string[]): Promise<void> {
  const error = await promise.then(
    () => expect.fail("accepted"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ErrataError);
  for (const word of words) expect((error as Error).message).toContain(word);
}
