/** The loop of `examples/loop.ts`, on the public primitives alone, is that of `train`. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { train } from "../../src/index.ts";

const example = fileURLToPath(new URL("../../examples/loop.ts", import.meta.url));

test("examples/loop.ts gives train's weights and optimizer, bit for bit", { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "errata-loop-"));
  try {
    const better = join(folder, "better");
    const printed = execFileSync(process.execPath, ["--import", "tsx", example, better], {
      cwd: join(example, "../.."),
      encoding: "utf8",
    });
    const result = await train({
      ...{ model: "pocket", dataset: "pocket", datasetSize: 64, verifier: "math", seed: 42, maxSteps: 2 },
      ...{ promptsPerStep: 4, miniBatchSize: 2, numGenerations: 8, maxCompletionLength: 64 },
      ...{ learningRate: 1e-4, warmupSteps: 2, outputDir: join(folder, "run") },
    });
    expect(printed.match(/^step \d/gm)).toEqual(["step 1", "step 1", "step 2", "step 2"]);
    for (const file of ["model.safetensors", "optimizer.safetensors"])
      expect(
        readFileSync(join(better, file)).equals(readFileSync(join(result.checkpoint!, file))),
        file,
      ).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("and tells all of it in at most 120 lines, which import from errata alone", () => {
  const source = readFileSync(example, "utf8");
  expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(120);
  const modules = [...source.matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
  expect(modules.filter((name) => !name!.startsWith("node:"))).toEqual(["errata"]);
});
