import { describe, expect, test } from "vitest";
import { adamw, freshState } from "../../src/engine/embedded/adamw.ts";
import { cut } from "../../src/engine/embedded/micro-batch.ts";
import { score } from "../../src/engine/embedded/score.ts";
import { gradientOf } from "../../src/engine/embedded/update.ts";
import type { Example } from "../../src/engine/engine.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { surrogate, surrogateOf } from "../../src/engine/surrogate.ts";
import { nft } from "../../src/loop/objectives/nft.ts";
import { smallConfig, smallNetwork, tokens } from "./small.ts";

const lengths = [3, 12, 1, 7, 7, 20, 2, 5];
const prompts = [tokens(9, 50), tokens(1, 51), tokens(4, 52)];
/** Groups of one prompt, of different lengths; log-probs somewhat off the policy, so that ratios are not 1. */
const examples = async (): Promise<Example[]> => {
  const network = await smallNetwork();
  const sequences = lengths.map((length, i) => ({ prompt: prompts[i % 3], completion: tokens(length, i) }));
  const scores = await score(network, sequences, 1, 1000);
  await network.release();
  return sequences.map((sequence, i) => ({
    ...sequence,
    logpsOld: scores[i].logps.map((logp, t) => logp + 0.2 * Math.sin(7 * i + t)),
    columns: { right: i % 2, solveRate: 0.25 + 0.25 * (i % 3) },
  }));
};
const options = { lossScale: 10, temperature: 1, budget: 10_000, keep: true };

const relative = (a: Float32Array, b: Float32Array) => {
  let [difference, size] = [0, 0];
  a.forEach((value, i) => {
    difference += (value - b[i]) ** 2;
    size += b[i] ** 2;
  });
  return Math.sqrt(difference / size);
};

describe("the gradient of a mini-batch", () => {
  const objective = traceObjective(nft({ clampNegative: 0.5 }));
  const of = async (change: Partial<typeof options>, order = (all: Example[]) => all) => {
    const network = await smallNetwork();
    const report = await gradientOf(network, order(await examples()), objective, "nft", {
      ...options,
      ...change,
    });
    await network.release();
    return report;
  };

  test.each([
    ["one token at a time", { budget: 1 }],
    ["30 tokens at a time", { budget: 30 }],
    ["60 tokens at a time", { budget: 60 }],
    ["activations computed again", { keep: false }],
  ])("does not depend on the cut: %s", async (_, change) => {
    const whole = await of({});
    const parts = await of(change);
    expect(parts.loss).toBeCloseTo(whole.loss, 6);
    expect(parts.tokens).toBe(lengths.reduce((a, b) => a + b));
    expect(parts.entropy).toBeCloseTo(whole.entropy!, 5);
    for (const [name, value] of Object.entries(whole.metrics))
      expect(parts.metrics[name], name).toBeCloseTo(value, 5);
    for (const [name, values] of whole.gradients.tensors)
      expect(relative(parts.gradients.tensors.get(name)!, values), name).toBeLessThan(1e-5);
  });

  test("does not depend on the order of the examples", async () => {
    const [forth, back] = [await of({ budget: 60 }), await of({ budget: 60 }, (all) => all.reverse())];
    for (const [name, values] of forth.gradients.tensors)
      expect(relative(back.gradients.tensors.get(name)!, values), name).toBeLessThan(1e-5);
  });

  test("is the same bits each time", async () => {
    const [first, second] = [await of({ budget: 60 }), await of({ budget: 60 })];
    for (const [name, values] of first.gradients.tensors)
      expect(
        Buffer.from(second.gradients.tensors.get(name)!.buffer).equals(Buffer.from(values.buffer)),
        name,
      ).toBe(true);
  });

  test("is that of finite differences through the whole model", async () => {
    const network = await smallNetwork();
    const batch = await examples();
    const { gradients } = await gradientOf(network, batch, objective, "nft", options);
    const loss = async () => (await gradientOf(network, batch, objective, "nft", options)).loss;
    const direction = new Map(
      [...gradients.tensors].map(([name, values]) => [name, values.map((_, i) => Math.sin(i + name.length))]),
    );
    let along = 0;
    for (const [name, values] of gradients.tensors)
      values.forEach((value, i) => (along += value * direction.get(name)![i]));
    const move = (by: number) => {
      for (const [name, weights] of network.parameters.tensors)
        weights.forEach((value, i) => (weights[i] = value + by * direction.get(name)![i]));
    };
    const h = 2e-4;
    move(h);
    const above = await loss();
    move(-2 * h);
    const below = await loss();
    await network.release();
    expect(Math.abs((above - below) / (2 * h) / along - 1)).toBeLessThan(5e-3);
  });

  test("is the same where an objective is scored whole first, as those that couple answers are", async () => {
    const network = await smallNetwork();
    const batch = await examples();
    const direct = await gradientOf(network, batch, objective, "nft", options);
    const whole = await surrogateOf(
      batch,
      await score(network, batch, 1, 60),
      objective,
      options.lossScale,
      2,
    );
    const through = await gradientOf(network, whole.examples, traceObjective(surrogate), surrogate.name, {
      ...options,
      lossScale: 1,
    });
    await network.release();
    expect(whole.report.loss).toBeCloseTo(direct.loss, 6);
    for (const [name, values] of direct.gradients.tensors)
      expect(relative(through.gradients.tensors.get(name)!, values), name).toBeLessThan(1e-5);
  });
});

describe("cut", () => {
  const sequences = lengths.map((length, i) => ({ prompt: prompts[i % 3], completion: tokens(length, i) }));

  test.each([1, 25, 60, 1000])(
    "puts every sequence in one micro-batch of at most %i tokens, or alone",
    (budget) => {
      const batches = cut(sequences, budget);
      expect(batches.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(
        sequences.map((_, i) => i),
      );
      for (const batch of batches)
        if (batch.members.length > 1) expect(batch.tokens.length).toBeLessThanOrEqual(budget);
    },
  );

  test("packs rows where much of the rectangles is padding, and there alone", () => {
    const [ragged] = cut(sequences, 1000);
    expect(ragged.packed).toBe(true);
    // 8 and 3 tokens of prompt, as the last of each leads its answers, and those of the answers
    expect(ragged.tokens.length).toBe(8 + 0 + 3 + lengths.reduce((a, b) => a + b));
    const even = [0, 1].map((i) => ({ prompt: tokens(9, 50), completion: tokens(12, i) }));
    expect(cut(even, 1000).map(({ packed }) => packed)).toEqual([false]);
  });

  test("cuts evenly: as few as the budget allows, none of them a remainder", () => {
    const texts = Array.from({ length: 8 }, (_, i) => ({ prompt: tokens(1, i), completion: tokens(256, i) }));
    const sizes = (budget: number) => cut(texts, budget).map(({ members }) => members.length);
    expect(sizes(1280)).toEqual([4, 4]);
    expect(sizes(1800)).toEqual([4, 4]);
    expect(sizes(900)).toEqual([3, 3, 2]);
    expect(sizes(2048)).toEqual([8]);
    expect(sizes(100)).toEqual(Array(8).fill(1));
  });

  test("computes a shared prompt once", () => {
    const [batch, ...rest] = cut(sequences, 1000);
    expect(rest).toEqual([]);
    expect(batch.prompts).toBe(3);
  });

  test("refuses a prompt without a token", () => {
    expect(() => cut([{ prompt: new Int32Array(0), completion: tokens(1, 0) }], 10)).toThrow(
      /at least one token/,
    );
  });
});

describe("AdamW", () => {
  test("follows its formula by hand, weight decay apart from the gradient", () => {
    const weights = new Map([["w", Float32Array.of(2)]]);
    const state = freshState(weights);
    const step = {
      learningRate: 0.1,
      weightDecay: 0.5,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 0,
      maxGradNorm: 1,
      lossScale: 1,
      temperature: 1,
    };
    // The first step is the sign of the gradient, whatever its clipped size; decay takes 0.1 · 0.5 of the weight.
    const { updateNorm: moved } = adamw(weights, new Map([["w", Float32Array.of(-8)]]), 8, state, step);
    expect(weights.get("w")![0]).toBeCloseTo(2 - 0.1 * 0.5 * 2 + 0.1, 6);
    expect(moved).toBeCloseTo(0, 6);
    expect(state.mean.get("w")![0]).toBeCloseTo(-0.1, 6);
    expect(state.square.get("w")![0]).toBeCloseTo(0.01, 6);
  });
});

test("the vocabulary of the test's model is not a multiple of a power of two", () => {
  expect(smallConfig.vocabSize % 8).not.toBe(0);
});
