/**
 * What a step of LoRA costs in memory and time, on random weights in the shape of Qwen2.5-0.5B:
 *
 *   npx tsx bench/lora.ts [--rank 16] [--prompts 2] [--answers 8] [--tokens 128]
 *
 * Samples, scores and updates once, in a process of its own, so that its peak memory is its own. Prints the estimate
 * that `--dry-run` would give beside it. `--rank 0` trains the weights themselves.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openEmbeddedEngine } from "../src/engine/embedded/embedded-engine.ts";
import { limitsFor } from "../src/engine/embedded/limits.ts";
import { standingMemory, updateMemory } from "../src/engine/embedded/memory.ts";
import { uniform } from "../src/engine/random.ts";
import { saveModel } from "../src/formats/save-model.ts";
import { nft } from "../src/loop/objectives/nft.ts";
import { parseConfig } from "../src/models/config-json.ts";
import { type LinearLayer, linearLayers } from "../src/models/lora.ts";
import { tensorShapes } from "../src/models/tensor-shapes.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rank: { type: "string", default: "16" },
    prompts: { type: "string", default: "2" },
    answers: { type: "string", default: "8" },
    tokens: { type: "string", default: "128" },
  },
});
const [rank, prompts, answers, length] = [values.rank, values.prompts, values.answers, values.tokens].map(
  Number,
);
const promptLength = 64;
const config = parseConfig(
  {
    ...{ model_type: "qwen2", vocab_size: 151_936, hidden_size: 896, intermediate_size: 4864 },
    ...{ num_hidden_layers: 24, num_attention_heads: 14, num_key_value_heads: 2, tie_word_embeddings: true },
    ...{ max_position_embeddings: 32_768, rope_theta: 1_000_000, rms_norm_eps: 1e-6 },
  },
  "Qwen2.5-0.5B",
);
const targets = Object.keys(linearLayers) as LinearLayer[];
const lora = rank === 0 ? undefined : { rank, alpha: 32, rankStabilized: false, targets };

async function make(folder: string) {
  const tensors = [...tensorShapes(config)].map(([name, shape], key) => ({
    name,
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
      name.includes("norm") ? 1 : ((((i + key) * 2654435761) >>> 0) / 2 ** 32 - 0.5) * 0.07,
    ),
  }));
  await saveModel(folder, { config, tensors, eosIds: [], dtype: "BF16" });
}

async function step(folder: string) {
  const engine = await openEmbeddedEngine({ model: folder, lora: lora && { ...lora, seed: 1 } });
  const begin = performance.now();
  const asked = Array.from({ length: prompts }, (_, key) => ({
    key,
    tokens: Int32Array.from({ length: promptLength }, (_, i) =>
      Math.floor(uniform(1, key, 0, 0, i) * config.vocabSize),
    ),
  }));
  const sampling = { answers, maxTokens: length, temperature: 1, topP: 1, topK: 0, seed: 1, step: 0 };
  const sequences = (await engine.sample(asked, sampling)).flatMap((group, p) =>
    group.map((answer) => ({ prompt: asked[p].tokens, completion: answer.tokens })),
  );
  const sampled = performance.now();
  const old = await engine.score(sequences, 1);
  const scored = performance.now();
  const report = await engine.update(
    sequences.map((sequence, i) => ({
      ...sequence,
      logpsOld: old[i].logps,
      columns: { right: i % 2, solveRate: 0.5 },
    })),
    nft(),
    {
      number: 1,
      ...{ learningRate: 1e-5, weightDecay: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      ...{ maxGradNorm: 1, lossScale: 1000, temperature: 1 },
    },
  );
  const end = performance.now();
  await engine.close();
  const took = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
  console.log(
    `${report.tokens} tokens in ${report.microBatches} micro-batch(es): sampled ${took(begin, sampled)}, scored ${took(sampled, scored)}, updated ${took(scored, end)}`,
  );
  console.log(`peak memory ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GiB`);
}

const [work, folder] = positionals;
if (work === "make") await make(folder);
else if (work === "step") await step(folder);
else {
  const made = mkdtempSync(join(tmpdir(), "errata-bench-"));
  const run = (what: string) =>
    execFileSync(
      process.execPath,
      ["--import", "tsx", fileURLToPath(import.meta.url), what, made, ...process.argv.slice(2)],
      { stdio: "inherit" },
    );
  try {
    run("make");
    run("step");
  } finally {
    rmSync(made, { recursive: true });
  }
  const trained = { ...config, lora };
  const { keep } = limitsFor(config, {});
  const batch = { prompts, promptLength, answers: prompts * answers, answerLength: length };
  const parts = [...standingMemory(trained, true), ...updateMemory(trained, batch, keep)];
  for (const { what, bytes } of parts)
    console.log(`${(bytes / 2 ** 30).toFixed(2).padStart(6)} GiB  ${what}`);
  console.log(`estimated ${(parts.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 30).toFixed(2)} GiB`);
}
