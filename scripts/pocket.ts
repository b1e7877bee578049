/**
 * Makes models/pocket, the small model of the first example:
 *
 *   npx tsx scripts/pocket.ts          about ten minutes on 2 cores
 *
 * A cold start from random weights on sums worked by a careless hand: it learns how sums are worked, and that
 * they are often worked wrong. Stored as float16. `--from RUN` stores the last checkpoint of an earlier run.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openModel } from "../src/formats/open-model.ts";
import { saveModel } from "../src/formats/save-model.ts";
import { sft } from "../src/index.ts";
import { tensorShapes } from "../src/models/tensor-shapes.ts";
import { modelPath } from "../src/run/run-folder.ts";
import { carelessSums } from "./careless-sums.ts";

const { values } = parseArgs({ options: { from: { type: "string" } } });
const made = values.from ?? mkdtempSync(join(tmpdir(), "errata-pocket-"));
if (values.from === undefined)
  await sft(
    {
      model: "new",
      dataset: carelessSums({ count: 54_400, seed: 42, split: "train" }),
      miniBatchSize: 64,
      learningRate: 2e-3,
      evalDataset: "pocket",
      evalSteps: 250,
      outputDir: join(made, "run"),
    },
    {
      onEvent: (event) => {
        if (event.kind === "eval" || (event.kind === "step" && event.step % 25 === 0))
          console.log(event.kind, event.step, JSON.stringify(event.record));
      },
    },
  );

const files = await openModel(await modelPath(values.from ?? join(made, "run")));
const tensors = [];
for (const [name, shape] of tensorShapes(files.config))
  tensors.push({ name, shape, data: await files.read(name) });
const folder = fileURLToPath(new URL("../models/pocket", import.meta.url));
await saveModel(folder, {
  config: files.config,
  tensors,
  eosIds: files.eosIds,
  tokenizer: files.tokenizer,
  dtype: "F16",
});
if (values.from === undefined) rmSync(made, { recursive: true });
console.log(`models/pocket: ${tensors.reduce((sum, { data }) => sum + data.length, 0)} parameters`);
