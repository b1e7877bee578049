import { describe, expect, test } from "vitest";
import { cacheBytes, gpuMemory, gpuStepSeconds } from "../../src/commands/costs/gpu-step.ts";
import { readPriceList } from "../../src/commands/costs/price-list.ts";

const { hardware, models } = readPriceList();
const answers = {
  prompt: 132,
  forwards: 2,
  longest: 3960,
  adapters: undefined,
  sampled: 2048,
  trained: 2048,
};

describe("a step on GPUs", () => {
  // NeMo-RL v0.4's performance summary: seconds, and how far the model is from them
  test.each([
    ["Llama-3.1-8B", 16, { ...answers, answer: 1060, gpusPerCopy: 1 }, 97.7, 2],
    ["Qwen3-32B", 32, { ...answers, prompt: 110, answer: 3206, gpusPerCopy: 4 }, 393, -10],
    // experts in its layers (v0.6); one GPU to a copy is taken, the page does not say
    ["Qwen3-30B-A3B", 32, { ...answers, prompt: 110, answer: 3203, gpusPerCopy: 1 }, 192, -6],
    // one step off-policy: sampling goes on beside learning, which this arithmetic adds up
    ["Llama-3.1-8B", 16, { ...answers, answer: 1060, gpusPerCopy: 1 }, 74.6, 34],
    ["Qwen3-32B", 64, { ...answers, prompt: 110, answer: 3206, gpusPerCopy: 4 }, 215, -1],
  ] as const)(
    "of %s on %i H100 is as far from the published one as is stated",
    (name, gpus, rest, published, error) => {
      const { total } = gpuStepSeconds({ model: models[name]!, hardware: hardware.H100!, gpus, ...rest });
      const percent = 100 * (total / published - 1);
      console.log(
        `${name}, ${gpus} H100: ${total.toFixed(0)} s, published ${published} s, ${percent.toFixed(0)} %`,
      );
      expect(Math.round(percent)).toBe(error);
    },
  );

  // verl, docs/advance/one_step_off.md (16 GPUs) and fully_async.md: the update's seconds give the mean length, which predicts the old log-probs
  test.each([
    [16, 286, 88, 723, 8],
    [32, 269.8, 107.71, 1365, -17],
    [64, 133.41, 70.26, 1350, -37],
    [128, 113.81, 53.92, 2303, -30],
  ])(
    "on %i H20 has the published update's length, and its old log-probs so far off",
    (gpus, update, old, length, error) => {
      const at = (tokens: number) =>
        gpuStepSeconds({
          model: models["Qwen2.5-Math-7B"]!,
          hardware: hardware.H20!,
          gpus,
          gpusPerCopy: 1,
          sampled: 8192,
          trained: 8192,
          prompt: 0,
          answer: tokens,
          longest: tokens,
          forwards: 1,
          adapters: undefined,
        });
      const tokens = update / at(1).train;
      const percent = 100 * (at(tokens).forwards / old - 1);
      console.log(`verl 7B, ${gpus} H20: ${tokens.toFixed(0)} tokens; old log-probs ${percent.toFixed(0)} %`);
      expect(Math.round(tokens)).toBe(length);
      expect(Math.round(percent)).toBe(error);
    },
  );

  test("of adapters trains in two thirds of the time", () => {
    const step = {
      model: models["Qwen2.5-7B"]!,
      hardware: hardware.H100!,
      gpus: 8,
      gpusPerCopy: 1,
      ...answers,
      answer: 800,
    };
    expect(gpuStepSeconds({ ...step, adapters: 4e7 }).train).toBeCloseTo(
      (2 / 3) * gpuStepSeconds(step).train,
      9,
    );
  });

  test("takes memory for what learns: all weights, or adapters beside frozen ones", () => {
    const step = { model: models["Qwen2.5-7B"]!, hardware: hardware.H100!, gpus: 8, gpusPerCopy: 1 };
    const of = (adapters: number | undefined) =>
      gpuMemory({ ...step, ...answers, answer: 800, adapters }).training;
    expect(of(undefined)).toBeCloseTo((18 * 7.62e9) / 8, 0);
    expect(of(4e7)).toBeCloseTo((2 * 7.62e9 + 18 * 4e7) / 8, 0);
  });

  test("keeps the published bytes of keys and values of a token", () => {
    const bytes = ["Llama-3.1-8B", "Qwen2.5-7B", "Qwen2.5-32B"].map((name) => cacheBytes(models[name]!));
    expect(bytes).toEqual([131_072, 57_344, 262_144]);
  });
});
