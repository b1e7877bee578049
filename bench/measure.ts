/**
 * One piece of work, measured in a process of its own so that its peak memory is its own; prints one line of JSON.
 *
 *   node --import tsx bench/measure.ts train|sample|step|gemm SHAPE [STEPS]
 *
 * Random weights and tokens, no end-of-sequence token: every answer has the length it is given.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedEngine } from "../src/engine/embedded/embedded-engine.ts";
import type { Completion, Engine, Example, Prompt, Step } from "../src/engine/engine.ts";
import { gemmSpeed } from "../src/engine/onnx/gemm-speed.ts";
import { uniform } from "../src/engine/random.ts";
import { saveModel } from "../src/formats/save-model.ts";
import { nft } from "../src/loop/objectives/nft.ts";
import { sft } from "../src/loop/objectives/sft.ts";
import { parseConfig } from "../src/models/config-json.ts";
import { tensorShapes } from "../src/models/tensor-shapes.ts";
import shapes from "./shapes.json" with { type: "json" };

const [work, name, steps = "4"] = process.argv.slice(2);
const shape = shapes[name as keyof typeof shapes];
const config = parseConfig(shape.config, `bench/shapes.json ${name}`);
const seconds = () => performance.now() / 1000;
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const tokens = (length: number, key: number) =>
  Int32Array.from({ length }, (_, i) => Math.floor(uniform(1, key, 0, 0, i) * config.vocabSize));
const report = (figures: object) =>
  console.log(
    JSON.stringify({ work, shape: name, ...figures, peakGb: process.resourceUsage().maxRSS / 2 ** 20 }),
  );

/** FLOPs of forward and backward over `count` rows of `length`: the products' alone, nothing computed twice. */
function trainFlops(count: number, length: number): number {
  let perToken = 0;
  for (const [tensor, dims] of tensorShapes(config))
    if (dims.length === 2 && (tensor !== "model.embed_tokens.weight" || config.tiedHead))
      perToken += 6 * dims[0] * dims[1];
  const attention = 12 * config.layers * config.heads * config.headDim * length;
  return count * length * (perToken + attention);
}

async function withEngine(run: (engine: Engine) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "errata-bench-"));
  try {
    const tensors = [...tensorShapes(config)].map(([tensor, dims], key) => ({
      name: tensor,
      shape: dims,
      data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) =>
        dims.length === 1 ? 1 : ((((i + key) * 2654435761) >>> 0) / 2 ** 32 - 0.5) * 0.07,
      ),
    }));
    await saveModel(folder, { config, tensors, eosIds: [] });
    const engine = await openEmbeddedEngine({ model: join(folder) });
    await run(engine);
    await engine.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const optimizer: Omit<Step, "number"> = {
  learningRate: 1e-5,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradNorm: 1,
  lossScale: 1000,
  temperature: 1,
};

async function train(engine: Engine) {
  const { batch, length } = shape.train;
  const times: number[] = [];
  const phases: Record<string, number[]> = {};
  for (let i = 0; i < Number(steps) + 1; i++) {
    const examples: Example[] = Array.from({ length: batch }, (_, b) => ({
      prompt: tokens(1, b),
      completion: tokens(length, batch * i + b),
      logpsOld: new Float32Array(length),
      columns: {},
    }));
    const begin = seconds();
    const update = await engine.update(examples, sft, { ...optimizer, number: engine.updates + 1 });
    if (i === 0) continue;
    times.push(seconds() - begin);
    for (const [phase, took] of Object.entries(update.seconds)) (phases[phase] ??= []).push(took);
  }
  const secondsPerStep = median(times);
  report({
    tokensPerSecond: (batch * length) / secondsPerStep,
    secondsPerStep,
    gflops: trainFlops(batch, length) / secondsPerStep / 1e9,
    phases: Object.fromEntries(Object.entries(phases).map(([phase, took]) => [phase, median(took)])),
  });
}

/** Answers to `prompts` prompts; the same random prompts in every call. */
async function answer(engine: Engine, prompts: number, answers: number, step: number) {
  const { promptTokens, newTokens } = shape.sample;
  const asked: Prompt[] = Array.from({ length: prompts }, (_, key) => ({
    tokens: tokens(promptTokens, key),
    key,
  }));
  const groups = await engine.sample(asked, {
    answers,
    maxTokens: newTokens,
    temperature: 1,
    topP: 1,
    topK: 0,
    seed: 1,
    step,
  });
  return { asked, groups };
}

async function sampling(engine: Engine) {
  const { answers, newTokens } = shape.sample;
  const times: number[] = [];
  for (let i = 0; i < Number(steps) + 1; i++) {
    const begin = seconds();
    await answer(engine, 8, answers / 8, i);
    if (i > 0) times.push(seconds() - begin);
  }
  report({ tokensPerSecond: (answers * newTokens) / median(times), secondsPerStep: median(times) });
}

/** Sample, score, one update: a whole NFT step on groups that are half right. */
async function step(engine: Engine) {
  const { prompts, answers, newTokens } = shape.step;
  const objective = nft();
  const times: number[] = [];
  for (let i = 0; i < Number(steps) + 1; i++) {
    const begin = seconds();
    const { asked, groups } = await answer(engine, prompts, answers, i);
    const sequences = groups.flatMap((group: Completion[], p) =>
      group.map((each) => ({ prompt: asked[p].tokens, completion: each.tokens })),
    );
    const old = await engine.score(sequences, 1);
    const examples = sequences.map((sequence, at) => ({
      ...sequence,
      logpsOld: old[at].logps,
      columns: { right: at % 2, solveRate: 0.5 },
    }));
    await engine.update(examples, objective, { ...optimizer, number: engine.updates + 1 });
    if (i > 0) times.push(seconds() - begin);
  }
  report({ tokensPerSecond: (prompts * answers * newTokens) / median(times), secondsPerStep: median(times) });
}

if (work === "gemm") report({ gflops: await gemmSpeed() });
else await withEngine({ train, sample: sampling, step }[work as "train" | "sample" | "step"]);
