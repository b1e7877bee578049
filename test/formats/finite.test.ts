import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Parameters } from "../../src/engine/embedded/parameters.ts";
import { openWeights } from "../../src/engine/embedded/weight-files.ts";
import type { EngineOptions } from "../../src/engine/engine.ts";
import { checkFits } from "../../src/formats/finite.ts";
import { saveAdapters } from "../../src/formats/peft/adapter-files.ts";
import { saveModel } from "../../src/formats/save-model.ts";
import { adapterShapes } from "../../src/models/lora.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { refuses, temporaryFolder, tensorsOf, tinyConfig } from "../models/files.ts";

const untied = { ...tinyConfig, tiedHead: false };
const names = [...tensorShapes(untied).keys()];

/** A folder whose tensor `name` holds `value` at its element `at`, counted from the end where negative. */
async function folderWith(name: string, value: number, at: number, dtype: "F32" | "F16" | "BF16" = "F32") {
  const folder = temporaryFolder();
  const tensors = tensorsOf(untied);
  const { data } = tensors.find((tensor) => tensor.name === name)!;
  data[at < 0 ? data.length + at : at] = value;
  await saveModel(folder, { config: untied, tensors, eosIds: [3], dtype });
  return folder;
}

const readWeights = async (options: EngineOptions) => {
  const { origin, read } = await openWeights(options);
  return Parameters.read(origin.config, read);
};

describe("a model that holds no numbers", () => {
  test.each(names)("in %s is refused when it is opened", async (name) => {
    for (const [value, at] of [
      [Number.NaN, 0],
      [Number.POSITIVE_INFINITY, -1],
    ] as const)
      await refuses(
        readWeights({ model: await folderWith(name, value, at) }),
        "model.safetensors",
        `finite numbers in ${name}`,
        `got ${value} at its element`,
      );
  });

  test.each(["F32", "F16", "BF16"] as const)("in %s is refused", async (dtype) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      await refuses(
        readWeights({ model: await folderWith("lm_head.weight", value, 7, dtype) }),
        `got ${value} at its element 7`,
      );
  });

  test("is refused where infinities of both signs lie beside one another", async () => {
    const folder = temporaryFolder();
    const tensors = tensorsOf(untied);
    tensors[1].data.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 2);
    await saveModel(folder, { config: untied, tensors, eosIds: [3] });
    await refuses(readWeights({ model: folder }), `${tensors[1].name}`, "got Infinity at its element 2");
  });

  test("is refused where its adapters are at fault", async () => {
    const [base, adapter] = [temporaryFolder(), join(temporaryFolder(), "adapter")];
    await saveModel(base, { config: tinyConfig, tensors: tensorsOf(tinyConfig), eosIds: [3] });
    const lora = { rank: 2, alpha: 4, rankStabilized: false, targets: ["q_proj" as const] };
    const tensors = [...adapterShapes(lora, tensorShapes(tinyConfig))].map(([name, shape]) => ({
      name,
      shape,
      data: new Float32Array(shape[0] * shape[1]),
    }));
    tensors[3].data[1] = Number.NaN;
    await saveAdapters(adapter, { lora, base, tensors });
    for (const asked of [undefined, { ...lora, seed: 1 }])
      await refuses(
        readWeights({ model: adapter, lora: asked }),
        tensors[3].name,
        "got NaN at its element 1",
      );
  });

  test("is not one of the largest numbers there are", async () => {
    const folder = temporaryFolder();
    const tensors = tensorsOf(untied).map((tensor) => ({ ...tensor, data: tensor.data.map(() => 3.4e38) }));
    await saveModel(folder, { config: untied, tensors, eosIds: [3] });
    const parameters = await readWeights({ model: folder });
    expect([...parameters.trained.values()][0][0]).toBe(Math.fround(3.4e38));
  });
});

describe("a weight too large for the type it is stored as", () => {
  const first = { F16: 65_520, Q8_0: 127 * 65_520, BF16: 3.3962e38 };

  test.each(Object.entries(first))("is refused in %s, by the tensor's name", (type, value) => {
    expect(() => checkFits("model.norm.weight", Float32Array.of(1, -value), type)).toThrow(
      new RegExp(`model\\.norm\\.weight: expected weights that ${type} holds[^]*--dtype`),
    );
    expect(() => checkFits("a", Float32Array.of(value * 0.99), type)).not.toThrow();
  });

  test("is none in F32", () => {
    expect(() => checkFits("a", Float32Array.of(3.4e38), "F32")).not.toThrow();
  });
});
