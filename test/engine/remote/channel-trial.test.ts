/** A server's gradient, tried on servers that divide differently, and by norms or without: the exact channel passes alone. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEngine } from "../../../src/engine/open-engine.ts";
import type { Channel } from "../../../src/engine/remote/channel.ts";
import { tryChannel } from "../../../src/engine/remote/channel-trial.ts";
import { tryByClipping } from "../../../src/engine/remote/clipping-trial.ts";
import { Connection } from "../../../src/engine/remote/connection.ts";
import { type DialectName, dialects } from "../../../src/engine/remote/dialects.ts";
import { openRemoteCheckpoint } from "../../../src/engine/remote/handle.ts";
import { RemoteModel } from "../../../src/engine/remote/remote-model.ts";
import { Session } from "../../../src/engine/remote/session.ts";
import { EngineError } from "../../../src/errors.ts";
import { createModel } from "../../../src/formats/create-model.ts";
import { characterTokenizer } from "../../../src/formats/tokenizer/character-tokenizer.ts";
import { nft } from "../../../src/loop/objectives/nft.ts";
import { type LinearLayer, linearLayers } from "../../../src/models/lora.ts";
import { temporaryFolder, tinyConfig } from "../../models/files.ts";
import { brisk } from "./limits.ts";
import type { Reduction } from "./tinker-model.ts";
import { TinkerServer } from "./tinker-server.ts";

const tokenizer = characterTokenizer([]);
const vocabulary = tokenizer.vocabulary;
let model: string;
const servers = new Map<Reduction, TinkerServer>();
/** Tell no norms. */
const silent = new Map<Reduction, TinkerServer>();

beforeAll(async () => {
  const folder = temporaryFolder();
  model = join(folder, "model");
  await createModel(model, { ...tinyConfig, vocabSize: vocabulary }, tokenizer, 1);
  for (const reduction of ["normalising", "summing"] as const)
    servers.set(reduction, await TinkerServer.start({ model, folder: join(folder, reduction), reduction }));
  for (const reduction of ["normalising", "weighing"] as const) {
    const own = { folder: join(folder, `silent-${reduction}`), hatchery: true };
    silent.set(reduction, await TinkerServer.start({ model, reduction, ...own }));
  }
});
afterAll(async () => {
  for (const server of [...servers.values(), ...silent.values()]) await server.kill();
});

const normalised = (targets: number, datums: number) => targets * datums;
const plain = () => 1;

async function tryOn(
  reduction: Reduction,
  channel: Channel,
  name: DialectName = "skyrl-jax",
): Promise<string> {
  const { url } = (name === "hatchery" ? silent : servers).get(reduction)!;
  const session = await Session.open(new Connection({ url }, brisk));
  const request = { model, rank: 4, seed: 1 };
  const own = await RemoteModel.create(session, dialects[name], request);
  try {
    return await (name === "hatchery" ? tryByClipping : tryChannel)(own, channel, vocabulary);
  } finally {
    await own.unload();
    await session.close();
  }
}

describe("a channel is exact", () => {
  test.each<[Reduction, Channel]>([
    ["normalising", { loss: "importance_sampling", scale: normalised }],
    ["summing", { loss: "importance_sampling", scale: plain }],
    ["summing", { loss: "cross_entropy", scale: plain }],
  ])("on a %s server: %j", async (reduction, channel) => {
    expect(await tryOn(reduction, channel)).toMatch(/exact to [0-9]e-[4-9]/);
  });
});

describe("without norms, by steps that the server clips, a channel", () => {
  test.each<[Reduction, Channel]>([
    ["weighing", dialects.hatchery.channel],
    ["normalising", { loss: "importance_sampling", scale: normalised }],
  ])("is exact on a %s server: %j", async (reduction, channel) => {
    expect(await tryOn(reduction, channel, "hatchery")).toMatch(/exact to [0-9]e-[2-9]/);
  });

  test.each<[Reduction, Channel]>([
    ["weighing", { loss: "cross_entropy", scale: plain }],
    ["weighing", { loss: "importance_sampling", scale: plain }],
    ["normalising", { loss: "importance_sampling", scale: (_, datums) => datums }],
    ["normalising", { loss: "importance_sampling", scale: (targets, datums) => 1.2 * targets * datums }],
  ])("is refused on a %s server: %j, %#", async (reduction, channel) => {
    await expect(tryOn(reduction, channel, "hatchery")).rejects.toThrow(/the server's gradient/);
  });
});

describe("a channel is refused", () => {
  test.each<[Reduction, Channel]>([
    ["normalising", { loss: "cross_entropy", scale: plain }],
    ["normalising", { loss: "cross_entropy", scale: normalised }],
    ["normalising", { loss: "importance_sampling", scale: plain }],
    ["normalising", { loss: "importance_sampling", scale: (_, datums) => datums }],
    ["normalising", { loss: "importance_sampling", scale: (targets, datums) => 2 * targets * datums }],
    ["summing", { loss: "importance_sampling", scale: normalised }],
    ["summing", { loss: "cross_entropy", scale: () => 1.2 }],
  ])("on a %s server: %j, %#", async (reduction, channel) => {
    await expect(tryOn(reduction, channel)).rejects.toThrow(EngineError);
  });
});

test("an engine that is to train is not opened on a server of another kind, and one that is asked alone is", async () => {
  const server = servers.get("summing")!;
  const targets = Object.keys(linearLayers) as LinearLayer[];
  const lora = { rank: 4, alpha: 32, rankStabilized: false, targets, seed: 1 };
  const opening = openEngine({ model, lora, server: { url: server.url } });
  await expect(opening).rejects.toThrow(/importance_sampling.*engine_dialect/s);
  expect(server.models).toBe(0);
  await (await openEngine({ model, server: { url: server.url } })).close();
  const right = await openEngine({ model, lora, server: { url: servers.get("normalising")!.url } });
  const isTried = expect.stringMatching(/tried on a model thrown away: exact to/);
  expect(right.facts.remarks).toContainEqual(isTried);
  const place = join(temporaryFolder(), "checkpoint");
  mkdirSync(place);
  const example = {
    ...{ prompt: Int32Array.of(5, 6), completion: Int32Array.of(7) },
    ...{ logpsOld: Float32Array.of(-3), columns: { right: 1, solveRate: 0.5 } },
  };
  await right.update([example], nft(), {
    ...{ number: 1, learningRate: 1e-3, weightDecay: 0, beta1: 0.9, beta2: 0.9, epsilon: 1e-8 },
    ...{ maxGradNorm: 1e9, lossScale: 1, temperature: 1 },
  });
  await right.save(place);
  await right.close();
  // what was learnt through this server's gradient is gone on with as it is; through another's, it is tried
  const { url } = servers.get("normalising")!;
  const again = await openEngine({ model: await openRemoteCheckpoint(place), lora, server: { url } });
  expect(again.facts.remarks).not.toContainEqual(isTried);
  await again.close();
  const other = { url: url.replace("127.0.0.1", "localhost") };
  const elsewhere = await openEngine({ model: await openRemoteCheckpoint(place), lora, server: other });
  expect(elsewhere.facts.remarks).toContainEqual(isTried);
  await elsewhere.close();
});
