import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";
import { clauses, holdsToItsContract, type Open } from "./conformance.ts";

const tokenizer = characterTokenizer([]);
let model: string;
beforeAll(async () => {
  model = join(temporaryFolder(), "model");
  const config = { ...tinyConfig, vocabSize: tokenizer.vocabulary, contextLength: 128 };
  await createModel(model, config, tokenizer, 1);
});
const open: Open = (cut) => openEngine({ model, threads: 1, ...cut });

holdsToItsContract("the embedded engine", open);
holdsToItsContract("the embedded engine with adapters", (cut) =>
  openEngine({
    ...{ model, threads: 1, ...cut },
    lora: { rank: 2, alpha: 4, rankStabilized: false, targets: ["q_proj", "down_proj"], seed: 1 },
  }),
);

/** Three faults: scores one token late, a step for each time it is asked, a checkpoint without its optimizer. */
const openWrong: Open = async (cut) => {
  const engine = await open(cut);
  const wrong: Engine = {
    facts: engine.facts,
    flops: engine.flops,
    get updates() {
      return engine.updates;
    },
    sample: (...given) => engine.sample(...given),
    async score(...given) {
      const scores = await engine.score(...given);
      return scores.map((score) => ({
        ...score,
        logps: score.logps.map((_, t, all) => all[Math.max(0, t - 1)]),
      }));
    },
    async update(examples, objective, step, watch) {
      if (step.number !== engine.updates) return engine.update(examples, objective, step, watch);
      return engine.update(examples, objective, { ...step, number: engine.updates + 1 }, watch);
    },
    save: (...given) => engine.save(...given),
    async load(folder, watch) {
      rmSync(join(folder, "optimizer.safetensors"), { force: true });
      await engine.load(folder, watch);
    },
    close: () => engine.close(),
  };
  return wrong;
};

test("an engine with three faults fails in three places", { timeout: 300_000 }, async () => {
  const failed: string[] = [];
  for (const { name, holds } of clauses) await holds(openWrong).catch(() => failed.push(name));
  expect(failed).toEqual([
    "scoring finds the log-probs and entropies that sampling drew with",
    "an update is made once: asked again it gives its report, and any number but the next is refused",
    "a checkpoint brings back the weights, and the optimizer with its moments and its count",
  ]);
});
