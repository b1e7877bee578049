import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CostLine } from "../../src/commands/costs/cost-line.ts";
import { adapterParameters, figuresOf } from "../../src/commands/costs/model-figures.ts";
import { type CostRequest, planCosts } from "../../src/commands/costs/plan-costs.ts";
import { readPriceList } from "../../src/commands/costs/price-list.ts";
import { parseConfig } from "../../src/models/config-json.ts";
import { adapterShapes } from "../../src/models/lora.ts";
import { elementCount } from "../../src/models/parameter-shapes.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { loraOf } from "../../src/options/choose-lora.ts";
import { presets } from "../../src/options/presets.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { golden } from "../shared.ts";

const linesOf = (words: readonly string[], request: CostRequest) =>
  planCosts(resolveOptions("train", { argv: words, incomplete: true }).options, request);
const plan = async (words: readonly string[], request: CostRequest) => {
  const lines = await linesOf(words, { answer: 800, gpus: 64, ...request });
  return (name: string) => lines.find((line) => line.name === name)?.values;
};
const preset = ["preset=nft-7b", "model=Qwen/Qwen2.5-Math-7B"];

describe("the cost of the paper's 7B run", () => {
  test("counts its tokens: 1,536 × 16 answers sampled, 512 × 16 learnt from in 16 updates", async () => {
    const of = await plan(preset, {});
    expect(of("sampled")).toEqual({ tokens: 24_576 * 800 });
    expect(of("trained")).toEqual({ tokens: 8192 * 950 });
    expect(of("forward")).toEqual({ tokens: 8192 * 950 });
    expect(of("prefilled")).toEqual({ tokens: 1536 * 150 });
  });

  test("is 80 to 106 s a step and 460 to 600 GPU-hours of 64 H100, for answers of 800 to 1,500 tokens", async () => {
    const [short, long] = await Promise.all(
      [800, 1500].map((answer) => plan(preset, { answer, hardware: "h100" })),
    );
    expect(short!("step")!.seconds).toBeCloseTo(80.3, 0);
    expect(long!("step")!.seconds).toBeCloseTo(105.9, 0);
    expect(short!("time")!.gpuHours).toBeCloseTo(457, -1);
    expect(long!("time")!.gpuHours).toBeCloseTo(602, -1);
    expect(short!("rent")).toMatchObject({ dollarsLow: expect.closeTo(2.4 * short!("time")!.gpuHours!, 6) });
  });

  test("by hosted prices is prompts, samples and training, old log-probs charged or not", async () => {
    const of = await plan(preset, { hosted: "Qwen3-8B" });
    const { dollarsLow, dollarsHigh } = of("hosted")!;
    const always = 19.6608 * 0.6 + 7.7824 * 0.44;
    expect(dollarsLow).toBeCloseTo(320 * (always + 0.2304 * 4 * 0.195), 6);
    expect(dollarsHigh).toBeCloseTo(320 * (always + 0.2304 * 16 * 0.195 + 7.7824 * 0.44), 6);
  });
});

describe("a plan", () => {
  test("reads a model's size from its folder", async () => {
    const bytes = await plan([`model=${golden("models/llama-tiny")}`, "max_completion_length=800"], {
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
    [
      "copies that do not share the GPUs out",
      { hardware: "H100", gpus: 6, gpusPerCopy: 4 },
      /divides --gpus, 6, got 4/,
    ],
  ])("refuses %s", async (_, request, message) => {
    await expect(plan(preset, request)).rejects.toThrow(message);
  });

  test("of a model that is not known lists those that are", async () => {
    const words = ["model=x/y", "max_completion_length=900"];
    await expect(plan(words, { hardware: "H100" })).rejects.toThrow(/Qwen2\.5-32B.*got y/);
  });

  test("of a folder whose config.json is not JSON says which file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "errata-"));
    writeFileSync(join(folder, "config.json"), "{");
    await expect(
      plan([`model=${folder}`, "max_completion_length=900"], { hardware: "H100" }),
    ).rejects.toThrow(/config\.json: expected JSON/);
  });

  test("by hosted prices says that all weights cannot be trained there", async () => {
    const lines = (words: readonly string[]) => linesOf([...preset, ...words], { hosted: "Qwen3-8B" });
    const said = (all: readonly CostLine[]) => all.filter(({ name }) => name === "adapters");
    expect(said(await lines([]))).toHaveLength(1);
    expect(said(await lines(["lora_rank=32"]))).toEqual([]);
  });

  test.each(presets.filter(({ command }) => command === "train").map(({ name }) => name))(
    "takes preset %s with nothing but the GPUs",
    async (name) => {
      const lines = await linesOf([`preset=${name}`], { hardware: "H100", gpus: 64, gpusPerCopy: 4 });
      const of = (one: string) => lines.find((line) => line.name === one)!;
      expect(of("answers").text).toContain("assumed");
      const { hours, steps } = { hours: of("time").values!.gpuHours!, steps: of("step").values!.seconds! };
      const taken = resolveOptions("train", { argv: [`preset=${name}`], incomplete: true }).options.maxSteps;
      expect(hours).toBeCloseTo((taken * steps * 64) / 3600, 6);
      expect(steps).toBeGreaterThan(20);
      expect(steps).toBeLessThan(10_000);
    },
  );
});

describe("a model's figures", () => {
  const list = readPriceList();

  test.each(Object.entries(list.models))("of %s give its parameters, embeddings apart", (_, figures) => {
    const { parameters, layers, width, ffnWidth, experts = 1, heads, kvHeads, headDim } = figures;
    const layer = 2 * width * headDim * (heads + kvHeads) + 3 * width * ffnWidth * experts;
    // two tables of a vocabulary between Llama's 128,256 and Qwen2.5's 152,064
    const vocabulary = (parameters - layers * layer) / (2 * width);
    expect(vocabulary).toBeGreaterThan(120_000);
    expect(vocabulary).toBeLessThan(160_000);
  });

  test("count adapters as their shapes do", async () => {
    const folder = golden("models/llama-tiny");
    const json = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    const shapes = tensorShapes(parseConfig(json, folder));
    for (const targets of ["all-linear", "q_proj,v_proj", "k_proj,o_proj,down_proj"]) {
      const argv = [`model=${folder}`, "lora_rank=4", `lora_target_modules=${targets}`];
      const { options } = resolveOptions("train", { argv, incomplete: true });
      const count = elementCount(adapterShapes(loraOf(options), shapes));
      expect(adapterParameters(await figuresOf(options, list), options)).toBe(count);
    }
  });
});
