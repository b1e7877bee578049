import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openModel } from "../../src/formats/open-model.ts";
import { openSafetensors } from "../../src/formats/safetensors/safetensors.ts";
import { saveModel } from "../../src/formats/save-model.ts";
import { temporaryFolder, tensorsOf, tinyConfig } from "./files.ts";

describe("a model larger than a shard", () => {
  const shardBytes = 2000;
  async function sharded(): Promise<string> {
    const folder = temporaryFolder();
    const tensors = tensorsOf(tinyConfig).map((tensor) => ({ ...tensor, data: async () => tensor.data }));
    await saveModel(folder, { config: tinyConfig, tensors, eosIds: [3], shardBytes });
    return folder;
  }

  test("is written as numbered files of at most its size, and an index that names each tensor's", async () => {
    const folder = await sharded();
    const names = readdirSync(folder)
      .filter((name) => name.endsWith(".safetensors"))
      .sort();
    expect(names.length).toBeGreaterThan(2);
    const count = String(names.length).padStart(5, "0");
    expect(names).toEqual(
      names.map((_, i) => `model-${String(i + 1).padStart(5, "0")}-of-${count}.safetensors`),
    );
    const index = JSON.parse(readFileSync(join(folder, "model.safetensors.index.json"), "utf8"));
    let total = 0;
    for (const name of names) {
      const file = await openSafetensors(join(folder, name));
      const bytes = [...file.tensors.values()].reduce((sum, { start, end }) => sum + end - start, 0);
      expect(bytes <= shardBytes || file.tensors.size === 1).toBe(true);
      for (const tensor of file.tensors.keys()) expect(index.weight_map[tensor]).toBe(name);
      total += bytes;
    }
    expect(index.metadata.total_size).toBe(total);
    expect(Object.keys(index.weight_map).sort()).toEqual(
      tensorsOf(tinyConfig)
        .map(({ name }) => name)
        .sort(),
    );
  });

  test("is the same model when it is opened", async () => {
    const model = await openModel(await sharded());
    for (const { name, data } of tensorsOf(tinyConfig)) expect(await model.read(name), name).toEqual(data);
  });

  test("is one file where it fits", async () => {
    const folder = temporaryFolder();
    await saveModel(folder, { config: tinyConfig, tensors: tensorsOf(tinyConfig), eosIds: [3] });
    expect(readdirSync(folder).filter((name) => name.includes("safetensors"))).toEqual(["model.safetensors"]);
  });
});
