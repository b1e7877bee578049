import { describe, expect, test } from "vitest";
import { cacheBytes, gpuStepSeconds } from "../../src/commands/costs/gpu-step.ts";
import { readPriceList } from "../../src/commands/costs/price-list.ts";

const { hardware, models } = readPriceList();
const answers = { prompt: 132, forwards: 2, longest: 3960, lora: false, sampled: 2048, trained: 2048 };

describe("a step on GPUs", () => {
  // NeMo-RL v0.4's performance summary: seconds, and how far the model is from them
  test.each([
    ["Llama-3.1-8B", 16, { ...answers, answer: 1060, gpusPerCopy: 1 }, 97.7, 2],
    ["Qwen3-32B", 32, { ...answers, prompt: 110, answer: 3206, gpusPerCopy: 4 }, 393, -10],
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

  // verl, docs/advance/fully_async.md: the update's seconds give the mean length, which predicts the old log-probs
  test.each([
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
          lora: false,
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
    expect(gpuStepSeconds({ ...step, lora: true }).train).toBeCloseTo(
      (2 / 3) * gpuStepSeconds(step).train,
      9,
    );
  });

  test("keeps the published bytes of keys and values of a token", () => {
    const bytes = ["Llama-3.1-8B", "Qwen2.5-7B", "Qwen2.5-32B"].map((name) => cacheBytes(models[name]!));
    expect(bytes).toEqual([131_072, 57_344, 262_144]);
  });
});
