/** What stands between a model and a server, said before anything is trained. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEngine } from "../../../src/engine/open-engine.ts";
import { openRemoteCheckpoint, readRemoteHandle } from "../../../src/engine/remote/handle.ts";
import type { ServerOptions } from "../../../src/engine/remote/open-remote.ts";
import { EngineError, ModelError } from "../../../src/errors.ts";
import { createModel } from "../../../src/formats/create-model.ts";
import { characterTokenizer } from "../../../src/formats/tokenizer/character-tokenizer.ts";
import { nft } from "../../../src/loop/objectives/nft.ts";
import { train } from "../../../src/loop/train.ts";
import { type LinearLayer, linearLayers } from "../../../src/models/lora.ts";
import { type TinyOptions, tinyRun } from "../../loop/tiny.ts";
import { temporaryFolder, tinyConfig } from "../../models/files.ts";
import { brisk } from "./limits.ts";
import { TinkerServer } from "./tinker-server.ts";

const tokenizer = characterTokenizer([]);
const targets = Object.keys(linearLayers) as LinearLayer[];
const lora = { rank: 4, alpha: 32, rankStabilized: false, targets, seed: 1 };
let folder: string;
let model: string;
let server: TinkerServer;

beforeAll(async () => {
  folder = temporaryFolder();
  model = join(folder, "base-1B");
  await createModel(model, { ...tinyConfig, vocabSize: tokenizer.vocabulary }, tokenizer, 1);
  server = await TinkerServer.start({
    ...{ model, folder: join(folder, "server"), name: "owner/base-1B" },
    ...{ apiKey: "tml-key", maxRank: 8, maxModels: 2 },
  });
});
afterAll(() => server.kill());

const at = (url: string, given: Partial<ServerOptions> = {}, adapters: Partial<typeof lora> = {}) =>
  openEngine({
    model,
    lora: { ...lora, ...adapters },
    server: { url, apiKey: "tml-key", limits: brisk, isTried: true, ...given },
  });

/** The error of what cannot be opened: its message, which says what to do next. */
async function refused(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => expect.fail("opened"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(EngineError);
  return (error as Error).message;
}

describe("a server is refused", () => {
  test("that is not there", async () => {
    expect(await refused(at("http://127.0.0.1:1"))).toMatch(
      /expected a Tinker server, got .*\n.*Start the server/,
    );
  });

  test.each([
    ["with another page", 200, "<html>hello</html>", /got status 200 of \/api\/v1\/healthz, <html>/],
    ["that does not know the API", 404, "Not Found", /got status 404 of .*base path/s],
  ])("%s", async (_, status, text, why) => {
    const other: Server = createServer((_, response) => response.writeHead(status).end(text));
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    expect(await refused(at(`http://127.0.0.1:${(other.address() as AddressInfo).port}`))).toMatch(why);
    other.close();
  });

  test("that does not take the key", async () => {
    expect(await refused(at(server.url, { apiKey: "other" }))).toMatch(
      /401 Invalid API key.*TINKER_API_KEY/s,
    );
    expect(await refused(at(server.url, { apiKey: undefined }))).toMatch(/401/);
  });
});

describe("a model is refused", () => {
  test("that the server does not offer, by its name", async () => {
    expect(await refused(at(server.url, { model: "owner/base-70B" }))).toMatch(
      /engine_model: expected a model that the server offers, got owner\/base-70B; it offers owner\/base-1B/,
    );
  });

  test("that is called otherwise here than there, where no name is given", async () => {
    const larger = join(folder, "base-7B");
    await createModel(larger, { ...tinyConfig, width: 16, vocabSize: tokenizer.vocabulary }, tokenizer, 1);
    const opening = openEngine({ model: larger, lora, server: { url: server.url, apiKey: "tml-key" } });
    expect(await refused(opening)).toMatch(
      /expected one model that is called as .*base-7B is, got owner\/base-1B/,
    );
  });

  test("with adapters that the server does not train", async () => {
    expect(await refused(at(server.url, {}, { alpha: 8 }))).toMatch(
      /lora_rank: expected adapters of alpha 32/,
    );
    expect(await refused(at(server.url, {}, { targets: ["q_proj"] }))).toMatch(/all linear layers/);
    expect(await refused(at(server.url, {}, { rank: 9 }))).toMatch(/between 1 and 8, got 9.*Set lora_rank/s);
  });

  test("where the server is full", async () => {
    const engines = [await at(server.url), await at(server.url)];
    expect(await refused(at(server.url))).toMatch(/Maximum number of LoRA adapters.*end other runs/s);
    for (const engine of engines) await engine.close();
    await (await at(server.url)).close();
  });
});

describe("a checkpoint on a server", () => {
  test("opens there as a model, and its weights are nowhere else", async () => {
    const engine = await at(server.url);
    const place = join(folder, "checkpoint");
    mkdirSync(place);
    const sequence = { prompt: Int32Array.of(5, 6), completion: Int32Array.of(7) };
    const before = await engine.score([sequence], 1);
    await engine.save(place);
    await engine.close();
    const files = await openRemoteCheckpoint(place);
    expect(files.tokenizer).toBeDefined();
    await expect(files.read("lm_head.weight")).rejects.toThrow(ModelError);
    const asked = await openEngine({ model: files, server: { url: server.url, apiKey: "tml-key" } });
    expect(await asked.score([sequence], 1)).toEqual(before);
    const step = { number: 1, learningRate: 1, weightDecay: 0, beta1: 0.9, beta2: 0.9, epsilon: 1 };
    await expect(
      asked.update([], nft(), { ...step, maxGradNorm: 1e9, lossScale: 1, temperature: 1 }),
    ).rejects.toThrow(/lora_rank/);
    await asked.close();
  });
});

test("a checkpoint of a model that was opened from another stands without that one", async () => {
  const places = ["first", "second"].map((name) => join(folder, name)) as [string, string];
  for (const place of places) mkdirSync(place);
  const begun = await at(server.url);
  await begun.save(places[0]);
  await begun.close();
  const own = { lora, server: { url: server.url, apiKey: "tml-key", isTried: true } };
  const resumed = await openEngine({ model: await openRemoteCheckpoint(places[0]), ...own });
  rmSync(places[0], { recursive: true });
  await resumed.save(places[1]);
  await resumed.close();
  expect((await readRemoteHandle(places[1])).base).toBe(model);
  expect((await openRemoteCheckpoint(places[1])).tokenizer).toBeDefined();
});

describe("a run on a server", () => {
  let options: TinyOptions;
  let own: TinkerServer;
  beforeAll(async () => {
    const tiny = await tinyRun();
    options = {
      ...tiny.options,
      ...{ loraRank: 4, maxSteps: 1, engine: "" },
    };
    own = await TinkerServer.start({ model: options.model, folder: join(tiny.folder, "server") });
    options = { ...options, engine: own.url };
    await train(options);
  });
  afterAll(() => own.kill());

  test("that lost its checkpoints is not gone on with, and the run's folder stays as it was", async () => {
    await own.kill();
    const kept = readdirSync(join(options.outputDir!, "checkpoints"));
    rmSync(join(options.outputDir!, "..", "server"), { recursive: true });
    own = await TinkerServer.start({
      ...{
        model: options.model,
        folder: join(options.outputDir!, "..", "server"),
        port: Number(new URL(options.engine!).port),
      },
    });
    const resumed = train({ resumeFromCheckpoint: options.outputDir!, maxSteps: 2 });
    expect(await refused(resumed)).toMatch(
      /step-0001: expected its checkpoint on the server, got 40\d .*not found.*\n.*database and the folder/i,
    );
    expect(readdirSync(join(options.outputDir!, "checkpoints"))).toEqual(kept);
  });
});
