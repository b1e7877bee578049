import { cpSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { weightsName } from "../../src/commands/evaluation/weights-hash.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { saveAdapters } from "../../src/formats/peft/adapter-files.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { adapterShapes, type Lora } from "../../src/models/lora.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { tinyRun } from "../loop/tiny.ts";

const lora: Lora = { rank: 2, alpha: 4, rankStabilized: false, targets: ["q_proj", "down_proj"] };

const sizes = (folder: string) => readdirSync(folder).map((name) => statSync(join(folder, name)).size);

describe("the name of weights", () => {
  test("is that of adapters and of the model under them: another base of the same path is another model", async () => {
    const { folder } = await tinyRun();
    const [base, adapters, other] = ["model", "adapters", "other"].map((name) => join(folder, name));
    const { config } = await openModel(base!);
    const tensors = [...adapterShapes(lora, tensorShapes(config))].map(([name, shape]) => ({
      name,
      shape,
      data: new Float32Array(shape[0] * shape[1]).fill(0.5),
    }));
    await saveAdapters(adapters!, { lora, base: base!, tensors });
    const named = async () => weightsName(await openModel(adapters!));
    const name = await named();
    expect(await named()).toBe(name);
    expect(name).toMatch(/^[0-9a-f]{16}$/);

    await createModel(other!, config, characterTokenizer([]), 2);
    expect(sizes(other!)).toEqual(sizes(base!));
    cpSync(other!, base!, { recursive: true });
    expect(await named()).not.toBe(name);

    rmSync(base!, { recursive: true });
    await expect(named()).rejects.toThrow(/base_model_name_or_path of a model on this machine/);
    rmSync(folder, { recursive: true });
  });
});
