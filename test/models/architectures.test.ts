import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { architectureNames, architectureOf } from "../../src/models/architectures.ts";
import { parseConfig } from "../../src/models/config-json.ts";
import { familyModels, familyOf, golden, goldenModels } from "../shared.ts";

/** What PyTorch computed, as `fixtures/golden/README.md` has it. */
const files = [
  ...["config.json", "generation_config.json", "model.safetensors"],
  ...["expected.json", "grads.safetensors", "after-step.safetensors"],
];

test.each(familyModels)("there is a tiny model %s", (name) => expect(goldenModels).toContain(name));

describe.each(goldenModels)("%s", (name) => {
  const folder = golden(`models/${name}`);

  test("has log-probs, gradients and an AdamW step of PyTorch's", () => {
    expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
  });

  test("has the class of its family's row in its config.json", () => {
    const path = join(folder, "config.json");
    const json = JSON.parse(readFileSync(path, "utf8"));
    expect(architectureNames).toContain(familyOf(name));
    expect(json).toMatchObject({
      model_type: familyOf(name),
      architectures: [architectureOf(familyOf(name)).className],
    });
    expect(parseConfig(json, path).architecture).toBe(familyOf(name));
  });
});
