/** A server that speaks JSON, forgets what it was asked and draws from the likeliest tokens: what is done about it. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import { openEngine } from "../../../src/engine/open-engine.ts";
import { ModelLostError } from "../../../src/engine/remote/server-errors.ts";
import { EngineError } from "../../../src/errors.ts";
import { createModel } from "../../../src/formats/create-model.ts";
import { characterTokenizer } from "../../../src/formats/tokenizer/character-tokenizer.ts";
import { nft } from "../../../src/loop/objectives/nft.ts";
import { type LinearLayer, linearLayers } from "../../../src/models/lora.ts";
import { temporaryFolder, tinyConfig } from "../../models/files.ts";
import { brisk } from "./limits.ts";
import { TinkerServer } from "./tinker-server.ts";

const tokenizer = characterTokenizer([]);
const targets = Object.keys(linearLayers) as LinearLayer[];
const lora = { rank: 4, alpha: 8, rankStabilized: false, targets, seed: 1 };
let folder: string;
let server: TinkerServer;
/** The path whose next answer is lost. */
let lost: string | undefined;

async function made(name: string, vocabSize: number): Promise<string> {
  const model = join(folder, name);
  await createModel(model, { ...tinyConfig, vocabSize }, tokenizer, 1);
  return model;
}

beforeAll(async () => {
  folder = temporaryFolder();
  server = await TinkerServer.start({
    ...{ model: await made("model", tokenizer.vocabulary), folder: join(folder, "server"), hatchery: true },
    fault: (path) => {
      if (path !== lost) return undefined;
      lost = undefined;
      return "lost";
    },
  });
});
afterAll(() => server.kill());

const open = (model = join(folder, "model"), name: string | undefined = model) =>
  openEngine({
    ...{ model, lora },
    server: { url: server.url, dialect: "hatchery", model: name, limits: brisk, isTried: true },
  });

const example = {
  ...{ prompt: Int32Array.of(5, 6), completion: Int32Array.of(7, 8, 9) },
  ...{ logpsOld: Float32Array.of(-3, -3, -3), columns: { right: 1, solveRate: 0.5 } },
};
const update = (engine: Engine, maxGradNorm = 1) =>
  engine.update([example], nft(), {
    ...{ number: engine.updates + 1, learningRate: 1e-2, weightDecay: 0, beta1: 0.9, beta2: 0.99 },
    ...{ epsilon: 1, maxGradNorm, lossScale: 1, temperature: 1 },
  });

test.each(["forward_backward", "optim_step"])(
  "a lost answer to %s loses the model: asked again it would be done twice",
  async (path) => {
    const engine = await open();
    lost = path;
    await expect(update(engine)).rejects.toThrow(ModelLostError);
    await expect(update(engine)).rejects.toThrow(/Resume the run/);
    await engine.close();
  },
);

test("what changes nothing is asked again where its answer is lost", async () => {
  const engine = await open();
  const before = await engine.score([example], 1);
  for (const path of ["forward", "create_model", "save_weights", "retrieve_future"]) {
    lost = path;
    await engine.save(folder);
    await engine.load(folder);
    expect(await engine.score([example], 1)).toEqual(before);
  }
  await engine.close();
});

test("it clips gradients, which is asked of it", async () => {
  const rise = async (maxGradNorm: number) => {
    const engine = await open();
    const [before] = await engine.score([example], 1);
    await update(engine, maxGradNorm);
    const [after] = await engine.score([example], 1);
    await engine.close();
    return after!.logps.reduce((sum, logp, t) => sum + logp - before!.logps[t]!, 0);
  };
  expect((await rise(1e-3)) / (await rise(2e-3))).toBeCloseTo(0.5, 1);
});

test("answers that it would not draw from all tokens are not asked for", async () => {
  const drawing = { maxTokens: 2, topP: 1, topK: 0, seed: 1, step: 0, temperature: 1 };
  const prompt = { tokens: Int32Array.of(5), key: 0 };
  const small = await open();
  await expect(small.sample([prompt], { ...drawing, answers: 1 })).rejects.toThrow(/two answers or more/);
  await small.close();
  const large = await open(await made("large", 1200), join(folder, "model"));
  await expect(large.sample([prompt], { ...drawing, answers: 4 })).rejects.toThrow(/from 1200 tokens/);
  await large.close();
});

test("the name of its model has to be said, as it does not tell it", async () => {
  const opening = openEngine({
    model: join(folder, "model"),
    lora,
    server: { url: server.url, dialect: "hatchery" },
  });
  const error = await opening.catch((error) => error);
  expect(error).toBeInstanceOf(EngineError);
  expect(error.message).toMatch(/engine_model.*does not tell.*Set engine_model/s);
});
