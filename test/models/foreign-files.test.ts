/** Files as other programs leave them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openModel } from "../../src/formats/open-model.ts";
import { saveModel } from "../../src/formats/save-model.ts";
import { refuses, temporaryFolder, tensorsOf, tinyConfig } from "./files.ts";

async function saved(): Promise<string> {
  const folder = temporaryFolder();
  await saveModel(folder, { config: tinyConfig, tensors: tensorsOf(tinyConfig), eosIds: [0] });
  return folder;
}

test.each(["model.safetensors", "config.json"])(
  "a pointer of Git LFS in place of %s is named",
  async (name) => {
    const folder = await saved();
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`;
    writeFileSync(join(folder, name), pointer);
    await refuses(openModel(folder), name, "Git LFS");
  },
);

test("an empty file is no pointer", async () => {
  const folder = await saved();
  writeFileSync(join(folder, "config.json"), "");
  await refuses(openModel(folder), "config.json", "expected JSON");
});

test("JSON may hold NaN and Infinity, as Python writes them, and texts of these words stay", async () => {
  const folder = await saved();
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  writeFileSync(join(folder, "config.json"), JSON.stringify({ odd: 7, ...config }).replace("7", "-Infinity"));
  writeFileSync(
    join(folder, "generation_config.json"),
    '{"temperature": NaN, "note": "NaN \\" Infinity", "eos_token_id": 0}',
  );
  const { generationJson } = await openModel(folder);
  expect(generationJson).toEqual({ temperature: null, note: 'NaN " Infinity', eos_token_id: 0 });
});
