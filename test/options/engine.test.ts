/** What a run on a server may ask for: said before a server is asked. */
import { expect, test } from "vitest";
import { dialects } from "../../src/engine/remote/dialects.ts";
import { optionTable } from "../../src/options/options.ts";
import { isKept, printOptions } from "../../src/options/print-options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

const server = "engine=http://127.0.0.1:8000";
const train = (...argv: string[]) =>
  resolveOptions("train", { argv: ["model=m", "dataset=d.jsonl", ...argv] }).options;
const chat = (...argv: string[]) => resolveOptions("chat", { argv: ["model=m", ...argv] }).options;

test("a server trains adapters, at temperature 1, and is measured at 1 or greedily", () => {
  expect(() => train(server)).toThrow(/lora_rank: expected a rank, as engine is a server, got none/);
  expect(() => train(server, "lora_rank=4", "temperature=0.7")).toThrow(/temperature.*: expected 1/);
  expect(() => train(server, "lora_rank=4", "eval_temperature=0.6")).toThrow(/eval_temperature.*1 or 0/);
  expect(train(server, "lora_rank=4", "eval_temperature=0").engine).toBe("http://127.0.0.1:8000");
});

test("a gradient is not clipped by default where the server cannot", () => {
  expect(train("lora_rank=4").maxGradNorm).toBe(1);
  expect(train(server, "lora_rank=4").maxGradNorm).toBe(1e9);
  expect(train(server, "lora_rank=4", "max_grad_norm=1").maxGradNorm).toBe(1);
});

test("adapters have the alpha that the server gives them", () => {
  expect(train(server, "lora_rank=4").loraAlpha).toBe(32);
  expect(train(server, "lora_rank=4", "engine_dialect=hatchery").loraAlpha).toBe(8);
  expect(train(server, "lora_rank=4", "engine_dialect=hatchery").maxGradNorm).toBe(1);
  expect(train("lora_rank=4").loraAlpha).toBe(32);
});

test("chat asks a server at temperature 1, and this machine at 0.7", () => {
  expect(chat().temperature).toBe(0.7);
  expect(chat(server).temperature).toBe(1);
  expect(() => chat(server, "temperature=0.7")).toThrow(/temperature.*1 or 0/);
});

test("the kinds of server to choose from are those that were measured", () => {
  const row = optionTable.find(({ key }) => key === "engine_dialect")!;
  expect("choices" in row && row.choices).toEqual(Object.keys(dialects));
});

test("supervised fine-tuning runs on this machine alone", () => {
  expect(() => resolveOptions("sft", { argv: ["model=m", "dataset=d", server] })).toThrow(/engine/);
});

test("no key is among a run's options", () => {
  process.env.TINKER_API_KEY = "tml-secret";
  const printed = printOptions("train", train(server, "lora_rank=4"), isKept);
  delete process.env.TINKER_API_KEY;
  expect(printed).toContain("engine: http://127.0.0.1:8000");
  expect(printed).not.toContain("tml-secret");
});
