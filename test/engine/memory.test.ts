import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { samplingMemory, standingMemory, updateMemory } from "../../src/engine/embedded/memory.ts";
import { parseConfig } from "../../src/models/config-json.ts";
import { parameterCount } from "../../src/models/parameter-shapes.ts";

const shapes = JSON.parse(readFileSync(new URL("../../bench/shapes.json", import.meta.url), "utf8"));
const config = (name: string) => parseConfig(shapes[name].config, name);
const batch = { prompts: 2, promptLength: 32, answers: 16, answerLength: 64 };
const total = (parts: readonly { bytes: number }[]) => parts.reduce((sum, { bytes }) => sum + bytes, 0);

test.each(["135M", "2.5M"])("the bench's %s shape has the parameters it says", (name) => {
  expect(parameterCount(config(name))).toBe(shapes[name].parameters);
});

test("weights and AdamW's moments are three numbers of four bytes for each parameter", () => {
  expect(total(standingMemory(config("2.5M"), true))).toBe(12 * shapes["2.5M"].parameters);
  expect(total(standingMemory(config("2.5M"), false))).toBe(4 * shapes["2.5M"].parameters);
});

test("keeping activations holds more in all layers and less is worked out in one", () => {
  const [kept, again] = [true, false].map((keep) => updateMemory(config("135M"), batch, keep));
  expect(kept![1]!.bytes).toBeGreaterThan(4 * again![1]!.bytes);
  expect(kept![2]!.bytes).toBeLessThan(again![2]!.bytes);
});

test("a prompt's keys and values are held once for all its answers", () => {
  const [cache] = samplingMemory(config("135M"), batch);
  // two numbers of four bytes for each layer, key-value head, head width and position
  expect(cache!.bytes).toBe(2 * 4 * 30 * 3 * 64 * (2 * 32 + 16 * 64));
});
