/** The numbers of PyTorch and llama.cpp, by the same checks that scripts/parity.ts prints. */
import { describe, expect, test } from "vitest";
import type { Finding } from "../../scripts/parity-folder.ts";
import { checkFolder } from "../../scripts/parity-folder.ts";
import { checkModel } from "../../scripts/parity-model.ts";
import { describeShared, golden, goldenModels } from "../shared.ts";

const missed = (findings: readonly Finding[]) =>
  findings.filter(({ difference, bound }) => !(difference <= bound));

describe("tiny models have PyTorch's numbers", () => {
  test.each(goldenModels)("%s", async (name) => {
    const findings = await checkFolder(golden(`models/${name}`));
    expect(findings.length).toBeGreaterThan(8);
    expect(missed(findings)).toEqual([]);
  });
});

describeShared(
  "models/SmolLM2-135M-Instruct.Q4_1.gguf",
  "SmolLM2 has PyTorch's and llama.cpp's numbers",
  (model) => {
    test("from text to log-probs", async () => {
      const findings = await checkModel(model, golden("smollm2.json"));
      expect(findings.length).toBe(7);
      expect(missed(findings)).toEqual([]);
    });
  },
);
