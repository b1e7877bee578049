import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openModel } from "../../src/formats/open-model.ts";
import { saveAdapters } from "../../src/formats/peft/adapter-files.ts";
import { saveModel } from "../../src/formats/save-model.ts";
import { adapterShapes, type Lora } from "../../src/models/lora.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { refuses, temporaryFolder, tensorsOf, tinyConfig } from "../models/files.ts";
import { commit, fetched, hub, repo } from "./small-repo.ts";

const lora: Lora = { rank: 1, alpha: 1, rankStabilized: false, targets: ["q_proj"] };

/** A folder of a full model and an adapter of it, as the files of a repository. */
async function both(): Promise<Record<string, Buffer>> {
  const folder = temporaryFolder();
  await saveModel(folder, { config: tinyConfig, tensors: tensorsOf(tinyConfig), eosIds: [3] });
  const base = temporaryFolder();
  await saveModel(base, { config: tinyConfig, tensors: tensorsOf(tinyConfig), eosIds: [3] });
  const tensors = [...adapterShapes(lora, tensorShapes(tinyConfig))].map(([name, shape]) => ({
    name,
    shape,
    data: new Float32Array(shape[0] * shape[1]),
  }));
  await saveAdapters(folder, { lora, base, tensors });
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

describe("a repository of a full model and an adapter", () => {
  test("opens, as the adapter, and the full model's weights are not fetched", async () => {
    hub.serve({ repo, commit, files: await both() });
    const folder = await fetched();
    expect(readdirSync(folder)).toContain("adapter_model.safetensors");
    expect(readdirSync(folder)).not.toContain("model.safetensors");
    const model = await openModel(folder);
    expect(model.config.width).toBe(tinyConfig.width);
  });

  test("is the full model where the adapter has no config", async () => {
    const { "adapter_config.json": _, ...files } = await both();
    hub.serve({ repo, commit, files });
    const folder = await fetched();
    expect(readdirSync(folder)).toContain("model.safetensors");
    await openModel(folder);
  });

  test("is neither where its config is all that an adapter has", async () => {
    const config = Buffer.from("{}");
    hub.serve({
      repo,
      commit,
      files: { "adapter_config.json": config, "adapter_model.bin": randomBytes(9) },
    });
    await refuses(fetched(), "adapter_model.bin", "pickled");
  });
});
