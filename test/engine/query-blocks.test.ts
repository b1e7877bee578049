/** Attention in blocks of rows: the numbers of attention with a mask, in memory that grows with the length alone. */
import { describe, expect, test } from "vitest";
import { scoringMemory, updateMemory } from "../../src/engine/embedded/memory.ts";
import { cut, type MicroBatch } from "../../src/engine/embedded/micro-batch.ts";
import type { Network } from "../../src/engine/embedded/model-programs.ts";
import { prefill } from "../../src/engine/embedded/prefill.ts";
import type { Keep } from "../../src/engine/embedded/programs.ts";
import { answerBlocks, BLOCK, inWholeBlocks, promptBlocks } from "../../src/engine/embedded/query-blocks.ts";
import { score } from "../../src/engine/embedded/score.ts";
import { array } from "../../src/engine/onnx/run.ts";
import type { ModelConfig } from "../../src/models/config.ts";
import { smallConfig, smallNetwork, tokens } from "./small.ts";

const { rope } = smallConfig;
const config: ModelConfig = { ...smallConfig, layers: 1, contextLength: 4096 };
const configs: Record<string, ModelConfig> = {
  "heads that share keys": config,
  "a window shorter than a block": { ...config, sliding: { window: 9, layers: [true], rope } },
  "a window longer than a block": { ...config, sliding: { window: 300, layers: [true], rope } },
  "capped scores": { ...config, architecture: "gemma2", caps: { scores: 0.5 }, biases: [] },
};
/** Long answers and short ones to prompts long and short: blocks that end in padding, and prompts of no tokens. */
const lengths: readonly (readonly [prompt: number, answer: number])[] = [
  ...([
    [1, 530],
    [1, 20],
    [300, 270],
    [300, 3],
    [40, 400],
  ] as const),
];
const sequences = lengths.map(([prompt, answer], i) => ({
  prompt: tokens(prompt, prompt),
  completion: tokens(answer, i + 1),
}));
const [padded] = cut(sequences, 10_000);
const [square] = cut([sequences[0], { ...sequences[0], completion: tokens(530, 9) }], 10_000);

async function gradients(network: Network, batch: MicroBatch, keep: Keep) {
  const { width } = network.config;
  const x = array(network.embed(batch.tokens), batch.tokens.length, width);
  const [told] = network.batchInputs(batch);
  const [weights] = network.parameters.layers;
  const { y, ...kept } = await (await network.forward(keep, batch)).run({ x, ...told, ...weights });
  // nothing may come of what stands in padding
  const real = (i: number) => (batch.packed ? 1 : batch.real[Math.floor(i / width)]);
  const dy = array(
    Float32Array.from({ length: y.data.length }, (_, i) => real(i) * Math.cos(i)),
    ...y.dims,
  );
  const grads = await (await network.backward(keep, batch)).run({ x, dy, ...kept, ...told, ...weights });
  const own = (y.data as Float32Array).map((value, i) => real(i) * value);
  return { y: own, ...Object.fromEntries(Object.entries(grads).map(([name, { data }]) => [name, data])) };
}

/** |a − b| / |b|, over all numbers. */
function off(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, total] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    total += b[i] ** 2;
  }
  return Math.sqrt(difference / total);
}

describe.each(Object.entries(configs))("attention in blocks, with %s", (_, model) => {
  test.each<[string, MicroBatch, Keep]>([
    ["packed, computing again", padded, "attention"],
    ["packed, keeping all", padded, "all"],
    ["in rectangles, keeping nothing", square, "nothing"],
  ])("has the results and every gradient of a mask, to float32 rounding: %s", async (_, batch, keep) => {
    const network = await smallNetwork(model);
    const blocked = await gradients(network, batch, keep);
    const whole = await gradients(network, { ...batch, blocked: false }, "nothing");
    await network.release();
    expect(batch.blocked).toBe(true);
    expect(batch.packed).toBe(batch === padded);
    expect(Object.keys(blocked).length).toBeGreaterThan(10);
    for (const [name, values] of Object.entries(whole)) {
      // A bias of keys adds the same to all scores of a query where nothing bends them, so that its gradient is rounding.
      if (name === "d/self_attn.k_proj.bias") continue;
      expect(off(blocked[name as "y"], values as Float32Array), name).toBeLessThan(3e-6);
    }
  });
});

test("prefill in blocks has the keys that prefill with a mask has", async () => {
  const network = await smallNetwork({ ...config, layers: 2 });
  const long = tokens(700, 3);
  const whole = await prefill(network, [{ tokens: long, key: 0 }]);
  const short = await prefill(network, [{ tokens: long.subarray(0, 200), key: 0 }]);
  const { kvHeads, headDim } = network.config;
  expect(whole.lengths).toEqual([699]);
  for (let head = 0; head < kvHeads; head++) {
    const of = (cache: typeof whole) =>
      cache.k[1].subarray(head * cache.length * headDim, (head * cache.length + 199) * headDim);
    expect(off(of(whole), of(short))).toBeLessThan(3e-6);
  }
  await network.release();
});

test("a score does not depend on the cut into prompt and answer, nor on what stands beside", async () => {
  const network = await smallNetwork({ ...config, layers: 2 });
  const text = tokens(620, 4);
  const at = (cut: number) => ({ prompt: text.subarray(0, cut), completion: text.subarray(cut) });
  const other = { prompt: tokens(5, 6), completion: tokens(30, 7) };
  const cuts = [1, 250, 300, 610];
  const alone = await Promise.all(cuts.map((place) => score(network, [at(place)], 1, 10_000)));
  const together = await score(network, [...cuts.map(at), other], 1, 10_000);
  const [short] = await score(network, [other], 1, 10_000);
  await network.release();
  const last = ({ logps }: { logps: Float32Array }) => logps.subarray(-10);
  for (const [i] of cuts.entries()) {
    expect(off(last(alone[i][0]), last(alone[0][0]))).toBeLessThan(3e-6);
    expect(off(together[i].logps, alone[i][0].logps)).toBeLessThan(3e-6);
  }
  expect(off(together.at(-1)!.logps, short.logps)).toBeLessThan(3e-6);
});

describe("blocks", () => {
  const numbers = (values: { data: ArrayLike<number | bigint> }) => Array.from(values.data, Number);

  test("are as equal as can be, and none where a sequence is short", () => {
    expect([1, BLOCK, BLOCK + 1, 1000, 2048].map(inWholeBlocks)).toEqual([1, BLOCK, BLOCK + 2, 1000, 2048]);
    expect(cut(sequences.slice(1, 2), 1000)[0].blocked).toBe(false);
  });

  test("see keys to their end, from their window's start", () => {
    expect(numbers(promptBlocks(1, 768, undefined).promptBounds)).toEqual([
      ...[0, 256, 0, 256],
      ...[256, 512, 0, 512],
      ...[512, 768, 0, 768],
    ]);
    expect(numbers(promptBlocks(1, 512, 100).promptBounds)).toEqual([0, 256, 0, 256, 256, 512, 157, 512]);
    const answers = { promptLength: 300, answerLength: 512, before: Int32Array.of(300, 40) };
    // the first block reaches back into the shorter prompt, whose keys stand first
    expect(numbers(answerBlocks(answers, 30).answerBounds)).toEqual([0, 256, 11, 556, 256, 512, 527, 812]);
  });

  test("take memory that grows with the length, and a short batch takes what it took", () => {
    const layer = (length: number) => {
      const shape = { prompts: 1, promptLength: 1, answers: 1, answerLength: length };
      const [{ bytes: scored }] = scoringMemory(config, shape);
      const learnt = updateMemory(config, shape, true).find(({ what }) => what === "one layer, backward")!;
      return { scored: scored / length, learnt: learnt.bytes / length };
    };
    const [short, long, longer] = [256, 2048, 4096].map(layer);
    expect(long.learnt / short.learnt).toBeLessThan(1.5);
    expect(longer.learnt / long.learnt).toBeLessThan(1.5);
    expect(longer.scored / long.scored).toBeLessThan(1.5);
  });
});
