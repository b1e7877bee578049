import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { architectureNames, architectureOf } from "../../src/models/architectures.ts";
import { parseConfig } from "../../src/models/config.ts";
import { golden, goldenModels } from "../shared.ts";

/** What PyTorch computed, as `fixtures/golden/README.md` has it. */
const files = [
  ...["config.json", "generation_config.json", "model.safetensors"],
  ...["expected.json", "grads.safetensors", "after-step.safetensors"],
];

describe.each(architectureNames)("the row of %s", (name) => {
  const folder = golden(`models/${name}-tiny`);

  test("has its tiny model, with log-probs, gradients and an AdamW step of PyTorch's", () => {
    expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
  });

  test("says of it what its config.json says of itself", () => {
    const path = join(folder, "config.json");
    const json = JSON.parse(readFileSync(path, "utf8"));
    const { className, qkvBias, qkNorm } = architectureOf(name);
    expect(json).toMatchObject({ model_type: name, architectures: [className] });
    expect(parseConfig(json, path)).toMatchObject({ architecture: name, qkvBias, qkNorm });
  });
});

test("no tiny model is without its row", () => {
  expect(readdirSync(golden("models")).sort()).toEqual([...goldenModels].sort());
});
