import { describe, expect, test } from "vitest";
import { type CostRequest, planCosts } from "../../src/commands/costs/plan-costs.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { golden } from "../shared.ts";

const plan = (words: readonly string[], request: Partial<CostRequest>) => {
  const { options } = resolveOptions("train", { argv: words, incomplete: true });
  const lines = planCosts(options, {
    ...{ answer: 800, prompt: 150, rounds: 1, gpus: 64, gpusPerCopy: 1 },
    ...request,
  });
  return (name: string) => lines.find((line) => line.name === name)?.values;
};
const preset = ["preset=nft-7b", "model=Qwen/Qwen2.5-Math-7B"];

describe("the cost of the paper's 7B run", () => {
  test("counts its tokens: 1,536 × 16 answers sampled, 512 × 16 learnt from in 16 updates", () => {
    const of = plan(preset, {});
    expect(of("sampled")).toEqual({ tokens: 24_576 * 800 });
    expect(of("trained")).toEqual({ tokens: 8192 * 950 });
    expect(of("forward")).toEqual({ tokens: 8192 * 950 });
    expect(of("prefilled")).toEqual({ tokens: 1536 * 150 });
  });

  test("is 80 to 106 s a step and 460 to 600 GPU-hours of 64 H100, for answers of 800 to 1,500 tokens", () => {
    const [short, long] = [800, 1500].map((answer) => plan(preset, { answer, hardware: "h100" }));
    expect(short!("step")!.seconds).toBeCloseTo(80.3, 0);
    expect(long!("step")!.seconds).toBeCloseTo(105.9, 0);
    expect(short!("time")!.gpuHours).toBeCloseTo(457, -1);
    expect(long!("time")!.gpuHours).toBeCloseTo(602, -1);
    expect(short!("rent")).toMatchObject({ dollarsLow: expect.closeTo(2.4 * short!("time")!.gpuHours!, 6) });
  });

  test("by hosted prices is prompts, samples and training, old log-probs charged or not", () => {
    const { dollarsLow, dollarsHigh } = plan(preset, { hosted: "Qwen3-8B" })("hosted")!;
    const always = 19.6608 * 0.6 + 7.7824 * 0.44;
    expect(dollarsLow).toBeCloseTo(320 * (always + 0.2304 * 4 * 0.195), 6);
    expect(dollarsHigh).toBeCloseTo(320 * (always + 0.2304 * 16 * 0.195 + 7.7824 * 0.44), 6);
  });
});

describe("a plan", () => {
  test("reads a model's size from its folder", () => {
    const bytes = plan([`model=${golden("models/llama-tiny")}`, "max_completion_length=800"], {
      hardware: "A100",
    });
    expect(bytes("each GPU")!.samplingBytes).toBeLessThan(1e7);
  });

  test.each([
    [
      "a mean longer than the longest answer",
      { answer: 4000 },
      /at most max_completion_length, 3584, got 4000/,
    ],
    ["GPUs that are not known", { hardware: "B9" }, /one of A100, H100, H200, H20, got B9/],
    ["a hosted model that is not known", { hosted: "x" }, /one of Qwen3-8B.*got x/],
    ["copies that do not share the GPUs out", { gpus: 6, gpusPerCopy: 4 }, /divides --gpus, 6, got 4/],
  ])("refuses %s", (_, request, message) => {
    expect(() => plan(preset, request)).toThrow(message);
  });

  test("of a model that is not known lists those that are", () => {
    expect(() => plan(["model=x/y", "max_completion_length=900"], { hardware: "H100" })).toThrow(
      /Qwen2\.5-32B.*got y/,
    );
  });
});
