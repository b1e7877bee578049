/** A run on a server, exported: its adapters fetched, opened here, and held to the server's own log-probs. */
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { exportModel } from "../../src/commands/export/export.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { openRemoteCheckpoint } from "../../src/engine/remote/handle.ts";
import { EngineError, ModelError } from "../../src/errors.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { train } from "../../src/loop/train.ts";
import { TinkerServer } from "../engine/remote/tinker-server.ts";
import { type TinyOptions, tinyRun } from "../loop/tiny.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
let options: TinyOptions;
let server: TinkerServer;
const run = () => options.outputDir!;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  ({ folder, options } = await tinyRun());
  cpSync(options.model, at("served"), { recursive: true });
  server = await TinkerServer.start({ model: at("served"), folder: at("server"), name: "owner/model" });
  options = { ...options, engine: server.url, loraRank: 4, learningRate: 1e-2, maxSteps: 1, threads: 1 };
  await train(options);
});
afterAll(async () => {
  await server.kill();
  rmSync(folder, { recursive: true });
});

const sequence = { prompt: Int32Array.of(5, 6, 7), completion: Int32Array.of(9, 11, 3) };

test("as PEFT's folder or merged it is what the server has", async () => {
  const checkpoint = join(run(), "checkpoints", "step-0001");
  const files = await openRemoteCheckpoint(checkpoint);
  const there = await openEngine({ model: files, server: { url: server.url } });
  const [asked] = await there.score([sequence], 1);
  await there.close();
  const base = await openEngine({ model: options.model, threads: 1 });
  const [before] = await base.score([sequence], 1);
  await base.close();
  expect([...before!.logps]).not.toEqual([...asked!.logps]);
  for (const adapter of [true, false]) {
    const { model, proof } = await exportModel({ model: run(), outputDir: at(`export-${adapter}`), adapter });
    expect(proof.max).toBe(0);
    const here = await openEngine({ model: await openModel(model), threads: 1 });
    const [score] = await here.score([sequence], 1);
    for (const [t, logp] of score!.logps.entries())
      expect(Math.abs(logp - asked!.logps[t]!)).toBeLessThan(1e-5);
    await here.close();
  }
  const config = JSON.parse(readFileSync(join(at("export-true"), "adapter_config.json"), "utf8"));
  expect(config).toMatchObject({ r: 4, lora_alpha: 32, base_model_name_or_path: options.model });
  expect(config.target_modules).toHaveLength(7);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a base model that is another than the server's is told apart by its log-probs", async () => {
  const kept = readFileSync(join(options.model, "model.safetensors"));
  const other = at("other");
  await createModel(other, (await openModel(options.model)).config, characterTokenizer([]), 9);
  copyFileSync(join(other, "model.safetensors"), join(options.model, "model.safetensors"));
  const exporting = exportModel({ model: run(), outputDir: at("export-other") });
  await expect(exporting).rejects.toThrow(ModelError);
  await expect(exporting).rejects.toThrow(/the server's log-probs/);
  writeFileSync(join(options.model, "model.safetensors"), kept);
  expect(existsSync(at("export-other"))).toBe(false);
});

test("a server that has gone is named, with the option that says where it is now", async () => {
  const gone = exportModel({ model: run(), outputDir: at("export-gone"), engine: "http://127.0.0.1:1" });
  await expect(gone).rejects.toThrow(EngineError);
  await expect(gone).rejects.toThrow(/--engine URL/);
});
