/** A token may count or not: the mask, and what tokens bring of their own. */
import { describe, expect, test } from "vitest";
import { exp, mul, neg, sub, sum } from "../../src/autodiff/ops.ts";
import { score } from "../../src/engine/embedded/score.ts";
import { gradientOf } from "../../src/engine/embedded/update.ts";
import type { Example } from "../../src/engine/engine.ts";
import type { Objective } from "../../src/engine/objective.ts";
import { checkExamples } from "../../src/engine/objective-inputs.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { surrogate, surrogateOf } from "../../src/engine/surrogate.ts";
import { makeObjective, objectiveNames } from "../../src/loop/objectives/objectives.ts";
import { smallNetwork, tokens } from "./small.ts";

const lengths = [3, 12, 1, 7, 7, 20];
const prompts = [tokens(9, 50), tokens(4, 51)];
const isMasked = (i: number, t: number) => lengths[i] > 1 && (i + t) % 3 === 0;
const mask = (i: number) => Uint8Array.from({ length: lengths[i] }, (_, t) => (isMasked(i, t) ? 0 : 1));
const options = { lossScale: 10, temperature: 1, budget: 40, keep: true };

/** Importance weights and advantages, token by token. */
const weightedRatio: Objective = {
  name: "weighted-ratio",
  columns: [],
  tokenColumns: ["weight", "advantage"],
  loss: ({ logp, logpOld, columns: { weight, advantage } }) => ({
    loss: neg(mul(mul(exp(sub(logp, logpOld)), weight), advantage)),
  }),
};

/** Groups of one prompt; with log-probs somewhat off the policy, so that ratios are not 1. */
async function examples(objective: Objective, masked: boolean): Promise<Example[]> {
  const network = await smallNetwork();
  const sequences = lengths.map((length, i) => ({ prompt: prompts[i % 2], completion: tokens(length, i) }));
  const scores = await score(network, sequences, 1, 1000);
  await network.release();
  return sequences.map((sequence, i) => {
    const all: Record<string, number> = {
      ...{ right: i < 3 ? 1 : 0, solveRate: i % 2 === 0 ? 2 / 3 : 1 / 3, group: i % 2 },
      ...{ advantage: i < 3 ? 0.7 : -0.9, length: lengths[i] },
    };
    return {
      ...sequence,
      ...(masked && { mask: mask(i) }),
      logpsOld: scores[i].logps.map((logp, t) => logp + 0.2 * Math.sin(7 * i + t)),
      columns: Object.fromEntries(objective.columns.map((name) => [name, all[name]])),
      tokenColumns: Object.fromEntries(
        (objective.tokenColumns ?? []).map((name, c) => [
          name,
          Float32Array.from({ length: lengths[i] }, (_, t) => Math.sin(3 * i + t + c)),
        ]),
      ),
    };
  });
}

/** Copies: a network's own last until its next gradient. */
async function gradient(
  objective: Objective,
  batch: readonly Example[],
  change: Partial<typeof options> = {},
) {
  const network = await smallNetwork();
  const given = { ...options, ...change };
  const program = traceObjective(objective);
  const whole = objective.coupled
    ? await surrogateOf(batch, await score(network, batch, 1, 1000), program, given.lossScale, 1)
    : undefined;
  const report = whole
    ? await gradientOf(network, whole.examples, traceObjective(surrogate), "surrogate", {
        ...given,
        lossScale: 1,
      })
    : await gradientOf(network, batch, program, objective.name, given);
  const copies = new Map([...report.gradients.tensors].map(([name, values]) => [name, values.slice()]));
  await network.release();
  return { ...report, ...whole?.report, gradients: copies };
}

const bits = (gradients: ReadonlyMap<string, Float32Array>) =>
  [...gradients].map(([name, values]) => [name, Buffer.from(values.buffer).toString("base64")]);

/** With other log-probs and columns wherever the mask is 0. */
const spoilt = (batch: readonly Example[]): Example[] =>
  batch.map((example, i) => {
    const spoil = (values: Float32Array) => values.map((value, t) => (isMasked(i, t) ? 7e7 : value));
    return {
      ...example,
      logpsOld: spoil(example.logpsOld).map((value, t) => (isMasked(i, t) ? Number.NaN : value)),
      tokenColumns: Object.fromEntries(
        Object.entries(example.tokenColumns ?? {}).map(([name, values]) => [name, spoil(values)]),
      ),
    };
  });

describe("a token whose mask is 0", () => {
  test("gives the gradient of the same batch where its weight is 0, bit for bit", async () => {
    const batch = await examples(surrogate, true);
    const without = batch.map(({ mask, ...example }, i) => ({
      ...example,
      tokenColumns: { weight: example.tokenColumns!.weight.map((w, t) => (isMasked(i, t) ? 0 : w)) },
    }));
    const [masked, weightless] = [await gradient(surrogate, batch), await gradient(surrogate, without)];
    expect(masked.loss).toBe(weightless.loss);
    expect(bits(masked.gradients)).toEqual(bits(weightless.gradients));
  });

  test.each(objectiveNames)("is not read in any way by %s", async (name) => {
    const objective = makeObjective(name, { beta: 0.1 });
    const batch = await examples(objective, true);
    const [plain, other] = [await gradient(objective, batch), await gradient(objective, spoilt(batch))];
    expect(other.loss).toBe(plain.loss);
    expect(other.metrics).toEqual(plain.metrics);
    expect(bits(other.gradients)).toEqual(bits(plain.gradients));
    const all = await gradient(objective, await examples(objective, false));
    expect(all.loss).not.toBe(plain.loss);
  });

  test("does not reach an objective that sums whole answers without looking at the mask", async () => {
    const careless: Objective = {
      name: "careless",
      columns: [],
      loss: ({ logp }) => ({ loss: sum(logp, 1) }),
    };
    const careful: Objective = { name: "careful", columns: [], loss: ({ logp }) => ({ loss: logp }) };
    const batch = await examples(careless, true);
    const [whole, perToken] = [await gradient(careless, batch), await gradient(careful, batch)];
    expect(whole.loss).toBeCloseTo(perToken.loss, 10);
    expect(bits(whole.gradients)).toEqual(bits(perToken.gradients));
  });

  test("is not among the tokens that are counted, nor in their entropy", async () => {
    const batch = await examples(surrogate, true);
    const network = await smallNetwork();
    const scores = await score(network, batch, 1, 1000);
    await network.release();
    const learnt = scores.flatMap(({ entropies }, i) => [...entropies!].filter((_, t) => !isMasked(i, t)));
    const { tokens: count, entropy } = await gradient(surrogate, batch);
    expect(count).toBe(learnt.length);
    expect(count).toBeLessThan(lengths.reduce((a, b) => a + b));
    expect(entropy).toBeCloseTo(learnt.reduce((a, b) => a + b) / learnt.length, 5);
  });
});

describe("numbers of tokens' own", () => {
  test("reach the objective: the gradient is that of finite differences through the whole model", async () => {
    const batch = await examples(weightedRatio, true);
    const { gradients } = await gradient(weightedRatio, batch);
    const network = await smallNetwork();
    const program = traceObjective(weightedRatio);
    const direction = new Map(
      [...gradients].map(([name, values]) => [name, values.map((_, i) => Math.sin(i + name.length))]),
    );
    let along = 0;
    for (const [name, values] of gradients)
      values.forEach((value, i) => (along += value * direction.get(name)![i]));
    const lossAt = async (by: number) => {
      for (const [name, weights] of network.parameters.tensors)
        weights.forEach((value, i) => (weights[i] = value + by * direction.get(name)![i]));
      return (await gradientOf(network, batch, program, "weighted-ratio", options)).loss;
    };
    const h = 2e-4;
    const above = await lossAt(h);
    const below = await lossAt(-2 * h);
    await network.release();
    expect(Math.abs((above - below) / (2 * h) / along - 1)).toBeLessThan(5e-3);
  });

  test("go with their tokens however the batch is cut", async () => {
    const batch = await examples(weightedRatio, true);
    const [whole, parts] = [
      await gradient(weightedRatio, batch, { budget: 10_000 }),
      await gradient(weightedRatio, batch, { budget: 1 }),
    ];
    expect(parts.loss).toBeCloseTo(whole.loss, 6);
    for (const [name, values] of whole.gradients) {
      const off = Math.hypot(...parts.gradients.get(name)!.map((value, i) => value - values[i]));
      expect(off / Math.hypot(...values), name).toBeLessThan(1e-5);
    }
  });
});

describe("an update refuses", () => {
  const good: Example = {
    prompt: tokens(3, 1),
    completion: tokens(2, 2),
    logpsOld: Float32Array.of(-1, -2),
    columns: {},
    tokenColumns: { weight: Float32Array.of(1, 2), advantage: Float32Array.of(1, 2) },
  };
  test.each<[string, Partial<Example>, RegExp]>([
    ["a mask of another length", { mask: Uint8Array.of(1) }, /a mask of 2 values, each 0 or 1, got 1/],
    ["a mask of other values", { mask: Uint8Array.of(1, 2) }, /each 0 or 1, got 2: 1,2/],
    ["nothing to learn", { mask: Uint8Array.of(0, 0) }, /a token to learn from, got none/],
    ["old log-probs that lack one", { logpsOld: Float32Array.of(-1) }, /2 of them, one per token, got 1/],
    ["a log-prob that is none", { logpsOld: Float32Array.of(-1, Number.NaN) }, /log π_old .* got NaN/],
    ["a token column that is not there", { tokenColumns: {} }, /token column weight.*got none/],
    [
      "a token column with infinities",
      { tokenColumns: { ...good.tokenColumns, weight: Float32Array.of(0, Infinity) } },
      /column weight, finite, got Infinity/,
    ],
  ])("%s", (_, change, message) => {
    expect(() => checkExamples([good, { ...good, ...change }], weightedRatio)).toThrow(
      /example 1 of the update/,
    );
    expect(() => checkExamples([{ ...good, ...change }], weightedRatio)).toThrow(message);
  });

  test("an empty mini-batch, and a column that is not there", () => {
    expect(() => checkExamples([], weightedRatio)).toThrow(/at least one example/);
    const objective = makeObjective("nft", {});
    expect(() => checkExamples([good], objective)).toThrow(/a finite number in column right, got undefined/);
  });
});
