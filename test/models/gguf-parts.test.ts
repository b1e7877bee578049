/** A GGUF model in several files, as llama-gguf-split cuts it. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type GgufValue, openGguf } from "../../src/formats/gguf/gguf.ts";
import { saveGguf } from "../../src/formats/gguf/save-gguf.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { refuses, temporaryFolder, tensorsOf, tinyConfig } from "./files.ts";
import { floats, ggufBytes, type Value } from "./gguf-bytes.ts";

const encodable = (value: GgufValue): Value => {
  if (typeof value === "string") return { text: value };
  if (typeof value === "boolean") return { bool: value };
  if (typeof value === "number") return Number.isInteger(value) ? { u32: value } : { f32: value };
  throw new Error("no such value in this model");
};

/** A model's parts in a folder: the first has the metadata and no tensor. @returns the path of each */
async function parts(tensorCount?: number): Promise<string[]> {
  const folder = temporaryFolder();
  const path = join(folder, "whole.gguf");
  const tensors = new Map(tensorsOf(tinyConfig).map(({ name, data }) => [name, data]));
  const read = async (name: string) => tensors.get(name)!;
  const model = { config: tinyConfig, read, eosIds: [], tokenizer: undefined };
  await saveGguf(path, { ...model, type: "F32", name: "tiny" });
  const whole = await openGguf(path);
  const names = [...whole.tensors.keys()];
  const shares = [[], names.slice(0, 5), names.slice(5)];
  return Promise.all(
    shares.map(async (share, no) => {
      const part = join(folder, `tiny-0000${no + 1}-of-00003.gguf`);
      const own = Object.fromEntries([...whole.metadata].map(([key, value]) => [key, encodable(value)]));
      const cut = {
        "split.no": { u32: no },
        "split.count": { u32: 3 },
        "split.tensors.count": { u32: tensorCount ?? names.length },
      };
      const held = share.map(async (name) => ({
        name,
        shape: whole.tensors.get(name)!.shape,
        data: floats(await whole.read(name)),
      }));
      writeFileSync(part, ggufBytes({ ...(no === 0 ? own : {}), ...cut }, await Promise.all(held)));
      return part;
    }),
  );
}

test("is the model of all its parts, by the name of the first", async () => {
  const model = await openModel((await parts())[0]!);
  expect(model.config).toEqual(tinyConfig);
  for (const { name, data } of tensorsOf(tinyConfig)) expect(await model.read(name), name).toEqual(data);
});

test("is refused where a part is missing, another one's, or not the first, and where tensors are missing", async () => {
  const [first, second, third] = (await parts()) as [string, string, string];
  await refuses(openModel(second), "the first part", "00002-of-00003");
  renameSync(third, `${third}.away`);
  await refuses(openModel(first), third, "no such file");
  renameSync(second, third);
  renameSync(`${third}.away`, second);
  await refuses(openModel(first), "part 2 of 3", "another model");
  rmSync(second);
  const other = join(dirname(first), "renamed.gguf");
  renameSync(first, other);
  await refuses(openModel(other), "the first part", "renamed.gguf");
  await refuses(openModel((await parts(99))[0]!), "99 tensors in all parts");
});
