/** A tiny model of random weights and a small data set, for runs that take seconds. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createModel } from "../../src/formats/create-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import type { GivenOptions } from "../../src/options/options.ts";

/** The path of one of `verifiers/`. */
export function verifier(name: string): string {
  return fileURLToPath(new URL(`./verifiers/${name}.mjs`, import.meta.url));
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "errata-"));
}

/** What a run of the tiny model is given. */
export type TinyOptions = GivenOptions & { readonly model: string; readonly dataset: string };

/** A folder with `model/` (8,000 parameters or so, 64 tokens of context) and `problems.jsonl`. */
export async function tinyRun(problems = 12): Promise<{ folder: string; options: TinyOptions }> {
  const folder = temporaryFolder();
  await createModel(
    join(folder, "model"),
    {
      architecture: "llama",
      vocabSize: characterTokenizer([]).vocabulary,
      width: 32,
      layers: 2,
      heads: 4,
      kvHeads: 2,
      headDim: 8,
      ffnWidth: 64,
      rmsEps: 1e-5,
      rope: { type: "default", theta: 10_000 },
      contextLength: 64,
      tiedHead: true,
      biases: [],
    },
    characterTokenizer([]),
    1,
  );
  const rows = Array.from({ length: problems }, (_, i) =>
    JSON.stringify({ problem: `${i}+${i + 1}=?`, answer: `${2 * i + 1}`, solution: `${2 * i + 1}` }),
  );
  writeFileSync(join(folder, "problems.jsonl"), `${rows.join("\n")}\n`);
  return {
    folder,
    options: {
      model: join(folder, "model"),
      dataset: join(folder, "problems.jsonl"),
      outputDir: join(folder, "run"),
      verifier: verifier("finished"),
      promptsPerStep: 4,
      miniBatchSize: 2,
      numGenerations: 4,
      maxCompletionLength: 48,
      learningRate: 3e-3,
      warmupSteps: 2,
      saveSteps: 2,
      evalSteps: 3,
      maxSteps: 6,
      threads: 1,
    },
  };
}
