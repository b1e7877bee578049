import { defineConfig } from "vitest/config";
import { compiledSources } from "./test/compile.ts";
import { SlowFirst } from "./test/slow-first.ts";

export default defineConfig({
  plugins: [compiledSources()],
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/compile.ts",
    // Sessions of onnxruntime use every core, so two test files at a time are enough.
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
