import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type CardFacts, modelCard } from "../../src/commands/export/card.ts";
import { hubName } from "../../src/commands/export/hub-name.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";

describe("a name is the hub's", () => {
  test("where it has an owner and is no path, without its revision and its split", () => {
    for (const [named, repo] of [
      ["openai/gsm8k", "openai/gsm8k"],
      ["openai/gsm8k:main/train", "openai/gsm8k"],
      ["hf:openai/gsm8k@v1", "openai/gsm8k"],
      ["HuggingFaceTB/SmolLM2-135M@main", "HuggingFaceTB/SmolLM2-135M"],
    ])
      expect(hubName(named!), named).toBe(repo);
  });

  test("and never where it is a path, a file or one name", () => {
    for (const named of [
      "models/pocket",
      "models/deleted",
      "./owner/name",
      "/owner/name",
      "../owner/name",
      "owner/name/more",
      "data/train.jsonl",
      "data/TRAIN.CSV",
      "owner/model.gguf",
      "owner\\name",
      "pocket",
      "",
    ])
      expect(hubName(named), named).toBeUndefined();
  });

  test("and not where the run may have been started beside a folder of that name", () => {
    const work = temporaryFolder();
    const run = join(work, "runs", "nft");
    mkdirSync(join(work, "sets", "sums"), { recursive: true });
    mkdirSync(run, { recursive: true });
    expect(hubName("sets/sums", run)).toBeUndefined();
    expect(hubName("hf:sets/sums", run)).toBe("sets/sums");
    expect(hubName("openai/gsm8k", run)).toBe("openai/gsm8k");
    // here, nothing is of that name
    expect(hubName("sets/sums")).toBe("sets/sums");
  });
});

const facts: CardFacts = {
  name: "run",
  config: tinyConfig,
  parameters: 1000,
  format: "hf",
  dtype: "F32",
  file: "out",
  training: undefined,
  base: undefined,
  dataset: undefined,
  proof: { tokens: 3, mean: 0, max: 0, tolerance: 0, bitEqual: true, sameGreedy: 1, greedy: 1 },
};

test("a card links base and data of the hub, and has no key for others", () => {
  const linked = modelCard({ ...facts, base: "owner/base", dataset: "owner/data" });
  expect(linked).toMatch(/^---\n[\s\S]*base_model: owner\/base\ndatasets:\n {2}- owner\/data\n[\s\S]*---/);
  expect(modelCard(facts)).not.toMatch(/base_model|datasets/);
});
