import { describe, expect, test, vi } from "vitest";
import { print } from "../../src/autodiff/print.ts";
import { adamw, freshState } from "../../src/engine/embedded/adamw.ts";
import { freshAdapter } from "../../src/engine/embedded/fresh-adapters.ts";
import { Network } from "../../src/engine/embedded/model-programs.ts";
import { Parameters } from "../../src/engine/embedded/parameters.ts";
import { backward, headTrain } from "../../src/engine/embedded/programs.ts";
import { score } from "../../src/engine/embedded/score.ts";
import { gradientOf } from "../../src/engine/embedded/update.ts";
import type { Example } from "../../src/engine/engine.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { uniform } from "../../src/engine/random.ts";
import { surrogate } from "../../src/engine/surrogate.ts";
import { openModel } from "../../src/formats/open-model.ts";
import type { ModelConfig } from "../../src/models/config.ts";
import {
  adapterNames,
  adapterShapes,
  type LinearLayer,
  type Lora,
  linearLayers,
  loraScale,
  merge,
} from "../../src/models/lora.ts";
import { parameterShapes } from "../../src/models/parameter-shapes.ts";
import { linearLayersOf, tensorShapes } from "../../src/models/tensor-shapes.ts";
import { golden, goldenModels } from "../shared.ts";
import { sample, smallConfig, smallNetwork, tokens } from "./small.ts";

vi.setConfig({ testTimeout: 120_000 });

const everywhere = Object.keys(linearLayers) as LinearLayer[];
const lora: Lora = { rank: 3, alpha: 5, rankStabilized: false, targets: everywhere };
const adapted: ModelConfig = { ...smallConfig, lora };
const options = { lossScale: 1, temperature: 1, budget: 10_000, keep: true };
const step = {
  ...{ learningRate: 1e-2, weightDecay: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ...{ maxGradNorm: 1, lossScale: 1, temperature: 1 },
};

const weighted = traceObjective(surrogate);
/** Learnt as Σ weight · log-prob, with weights of either sign. */
const examples = (vocabulary: number): Example[] =>
  [7, 3, 12, 1].map((length, i) => ({
    prompt: tokens(i % 2 === 0 ? 5 : 2, 40 + (i % 2), vocabulary),
    completion: tokens(length, i, vocabulary),
    logpsOld: new Float32Array(length),
    columns: {},
    tokenColumns: { weight: Float32Array.from({ length }, (_, t) => Math.sin(3 * i + t)) },
  }));

/** Copies: a network's own last until its next gradient. */
const gradients = async (network: Network, given = options) => {
  const sequences = examples(network.config.vocabSize);
  const report = await gradientOf(network, sequences, weighted, "weighted", given);
  return new Map([...report.gradients.tensors].map(([name, values]) => [name, values.slice()]));
};

/** The same base, and adapters of which neither is zero. */
async function withAdapters(base: Parameters, adapters: Lora): Promise<Network> {
  let made = 0;
  const config = { ...base.config, lora: adapters };
  const shapes = parameterShapes(config);
  const parameters = await Parameters.read(config, async (name) => {
    const [rows, columns] = shapes.get(name)!;
    const tensor = made++;
    return (
      base.tensors.get(name)?.slice() ??
      Float32Array.from({ length: rows * columns }, (_, i) => 0.4 * (uniform(3, tensor, 0, 0, i) - 0.5))
    );
  });
  return new Network(parameters, 2);
}

/** One model of both. */
async function mergedNetwork({ parameters }: Network): Promise<Network> {
  const { lora, ...config } = parameters.config;
  return new Network(
    await Parameters.read(config, async (name) => {
      const weight = parameters.tensors.get(name)!.slice();
      const [a, b] = adapterNames(name).map((adapter) => parameters.tensors.get(adapter));
      if (a && b) merge(weight, a, b, lora!);
      return weight;
    }),
    2,
  );
}

const relative = (a: Float32Array, b: ArrayLike<number>) => {
  let [difference, size] = [0, 0];
  a.forEach((value, i) => {
    difference += (value - b[i]) ** 2;
    size += b[i] ** 2;
  });
  return Math.sqrt(difference / size);
};

const bits = (values: Float32Array) => Buffer.from(values.slice().buffer).toString("hex");

/** a [n, k] · b [k, m] by plain loops, either one given transposed. */
function product(n: number, k: number, m: number, a: (i: number, j: number) => number, b: typeof a) {
  return Float64Array.from({ length: n * m }, (_, at) => {
    let total = 0;
    for (let j = 0; j < k; j++) total += a(Math.floor(at / m), j) * b(j, at % m);
    return total;
  });
}

/** dB = s · dW Aᵀ and dA = s · Bᵀ dW, with dW the gradient of the merged model's whole matrix. */
async function checkRelation(base: Parameters, adapters: Lora): Promise<number> {
  const network = await withAdapters(base, adapters);
  const whole = await mergedNetwork(network);
  const full = await gradients(whole);
  const got = await gradients(network);
  const scale = loraScale(adapters);
  const { tensors, config } = network.parameters;
  let checked = 0;
  for (const [name, [out, into]] of tensorShapes(config)) {
    const [nameA, nameB] = adapterNames(name);
    if (!tensors.has(nameA)) continue;
    const [dW, a, b] = [full.get(name)!, tensors.get(nameA)!, tensors.get(nameB)!];
    const { rank } = adapters;
    const dB = product(
      out,
      into,
      rank,
      (o, i) => scale * dW[o * into + i],
      (i, k) => a[k * into + i],
    );
    const dA = product(
      rank,
      out,
      into,
      (k, o) => scale * b[o * rank + k],
      (o, i) => dW[o * into + i],
    );
    expect(relative(got.get(nameB)!, dB), nameB).toBeLessThan(1e-4);
    expect(relative(got.get(nameA)!, dA), nameA).toBeLessThan(1e-4);
    checked += 2;
  }
  expect([...got.keys()].sort()).toEqual([...network.parameters.trained.keys()].sort());
  await network.release();
  await whole.release();
  return checked;
}

describe("the gradient of adapters", () => {
  test.each([true, false])("is that of finite differences through the whole model, keep %s", async (keep) => {
    const network = await smallNetwork(adapted);
    const { trained } = network.parameters;
    const got = await gradients(network, { ...options, keep });
    expect([...got.keys()].sort()).toEqual([...trained.keys()].sort());
    const loss = async () =>
      (await gradientOf(network, examples(smallConfig.vocabSize), weighted, "weighted", options)).loss;
    for (const kind of ["lora_A", "lora_B"]) {
      const direction = (name: string, i: number) => (name.includes(kind) ? Math.sin(i + name.length) : 0);
      let along = 0;
      for (const [name, values] of got) values.forEach((value, i) => (along += value * direction(name, i)));
      const move = (by: number) => {
        for (const [name, values] of trained)
          values.forEach((value, i) => (values[i] = value + by * direction(name, i)));
      };
      const h = 1e-3;
      move(h);
      const above = await loss();
      move(-2 * h);
      const below = await loss();
      move(h);
      expect(Math.abs((above - below) / (2 * h) / along - 1), kind).toBeLessThan(5e-3);
    }
    await network.release();
  });

  test("is the whole matrix's, seen through the other adapter", async () => {
    const base = await smallNetwork();
    expect(await checkRelation(base.parameters, lora)).toBe(2 * 2 * 7);
    const some: Lora = { rank: 2, alpha: 3, rankStabilized: true, targets: ["v_proj", "down_proj"] };
    expect(await checkRelation(base.parameters, some)).toBe(2 * 2 * 2);
  });

  test("takes the products of a backward pass for no frozen matrix", () => {
    const products = (config: ModelConfig) => print(backward(config, "all")).match(/MatMul\(/g)!.length;
    // 7 fewer for the matrices' own gradients; for each adapted one x·Aᵀ again, its two gradients and two on the way to dx.
    expect(products(adapted) - products(smallConfig)).toBe(7 * 5 - 7);
    expect(Object.keys(headTrain(adapted, weighted).outputs)).not.toContain("dembedding");
    expect(Object.keys(headTrain(smallConfig, weighted).outputs)).toContain("dembedding");
  });
});

describe("the adapters of tiny models", () => {
  test.each(goldenModels)("%s: have the whole matrix's gradient", async (name) => {
    const files = await openModel(golden(`models/${name}`));
    const base = await Parameters.read(files.config, (tensor) => files.read(tensor));
    expect(await checkRelation(base, { ...lora, rank: 4 })).toBe(
      files.config.layers * 2 * linearLayersOf(files.config).length,
    );
  });
});

describe("a model with adapters", () => {
  test("gives, merged, the log-probs that it gives with them applied", async () => {
    const network = await smallNetwork(adapted);
    const [whole, bare] = [await mergedNetwork(network), await smallNetwork()];
    const sequences = examples(smallConfig.vocabSize);
    const [applied, merged, base] = await Promise.all(
      [network, whole, bare].map((each) => score(each, sequences, 1, 1000)),
    );
    let moved = 0;
    applied.forEach(({ logps }, i) =>
      logps.forEach((logp, t) => {
        expect(Math.abs(logp - merged[i].logps[t])).toBeLessThan(1e-4);
        moved = Math.max(moved, Math.abs(logp - base[i].logps[t]));
      }),
    );
    expect(moved).toBeGreaterThan(0.05);
    for (const each of [network, whole, bare]) await each.release();
  });

  test("samples by them: each token's log-prob is what scoring finds", async () => {
    const network = await smallNetwork(adapted);
    const prompts = [5, 9].map((length, key) => ({ tokens: tokens(length, key), key }));
    const sampling = { answers: 3, maxTokens: 12, temperature: 1, topP: 1, topK: 0, seed: 4, step: 0 };
    const answers = await sample(network, prompts, sampling, 64, []);
    const sequences = answers.flatMap((group, i) =>
      group.map((answer) => ({ prompt: prompts[i].tokens, completion: answer.tokens })),
    );
    const scores = await score(network, sequences, 1, 1000);
    answers.flat().forEach((answer, i) => expect(relative(answer.logps, scores[i].logps)).toBeLessThan(1e-5));
    await network.release();
  });

  test("is, while they are new, the base model to the last bit", async () => {
    const base = await smallNetwork();
    const shapes = adapterShapes(lora, tensorShapes(smallConfig));
    let made = 0;
    const parameters = await Parameters.read(
      adapted,
      async (name) => base.parameters.tensors.get(name) ?? freshAdapter(name, shapes.get(name)!, made++, 42),
    );
    const network = new Network(parameters, 2);
    const sequences = examples(smallConfig.vocabSize);
    const [before, after] = [await score(base, sequences, 1, 1000), await score(network, sequences, 1, 1000)];
    after.forEach(({ logps }, i) => expect(bits(logps)).toBe(bits(before[i].logps)));
    await base.release();
    await network.release();
  });

  test("keeps every weight of the base to the last bit while it learns, so the base is the reference", async () => {
    const network = await smallNetwork(adapted);
    const sequences = examples(smallConfig.vocabSize);
    const base = await smallNetwork();
    const reference = await score(base, sequences, 1, 1000);
    const { trained, tensors } = network.parameters;
    const first = new Map([...trained].map(([name, values]) => [name, bits(values)]));
    const state = freshState(trained);
    for (let i = 0; i < 3; i++) adamw(trained, await gradients(network), 1, state, step);
    for (const [name, values] of tensors)
      if (trained.has(name)) expect(bits(values), name).not.toBe(first.get(name));
      else expect(bits(values), name).toBe(bits(base.parameters.tensors.get(name)!));
    const off = new Network(await Parameters.read(smallConfig, async (name) => tensors.get(name)!), 2);
    const now = await score(off, sequences, 1, 1000);
    now.forEach(({ logps }, i) => expect(bits(logps)).toBe(bits(reference[i].logps)));
    for (const each of [network, base, off]) await each.release();
  });
});

describe("new adapters", () => {
  test("are uniform in ±1/√in and zero, by the seed alone", () => {
    const name = "model.layers.0.mlp.up_proj.lora_A.weight";
    const a = freshAdapter(name, [64, 100], 3, 7);
    const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(0.1);
    expect(largest).toBeGreaterThan(0.0999);
    const variance = a.reduce((sum, value) => sum + value ** 2, 0) / a.length;
    expect(variance / (0.01 / 3)).toBeCloseTo(1, 1);
    expect(freshAdapter(name, [64, 100], 3, 7)).toEqual(a);
    expect(freshAdapter(name, [64, 100], 4, 7)).not.toEqual(a);
    expect(freshAdapter(name, [64, 100], 3, 8)).not.toEqual(a);
    expect(new Set(freshAdapter(name.replace("_A", "_B"), [100, 64], 3, 7))).toEqual(new Set([0]));
  });
});
