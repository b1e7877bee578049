/** The engine's contract, held through both wires: servers that keep real weights answer. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngine } from "../../../src/engine/open-engine.ts";
import { createModel } from "../../../src/formats/create-model.ts";
import { characterTokenizer } from "../../../src/formats/tokenizer/character-tokenizer.ts";
import { type LinearLayer, linearLayers } from "../../../src/models/lora.ts";
import { temporaryFolder, tinyConfig } from "../../models/files.ts";
import { holdsToItsContract } from "../conformance.ts";
import { TinkerServer } from "./tinker-server.ts";

let model: string;
let server: TinkerServer;
let hatchery: TinkerServer;
beforeAll(async () => {
  const folder = temporaryFolder();
  const tokenizer = characterTokenizer([]);
  model = join(folder, "model");
  const config = { ...tinyConfig, vocabSize: tokenizer.vocabulary, contextLength: 128 };
  await createModel(model, config, tokenizer, 1);
  server = await TinkerServer.start({ model, folder: join(folder, "server") });
  hatchery = await TinkerServer.start({ model, folder: join(folder, "hatchery"), hatchery: true });
});
afterAll(async () => {
  await server.kill();
  await hatchery.kill();
});

const targets = Object.keys(linearLayers) as LinearLayer[];
const lora = { rank: 16, alpha: 32, rankStabilized: false, targets, seed: 1 };
holdsToItsContract("the engine on a Tinker server", (cut) =>
  openEngine({ model, ...cut, lora, server: { url: server.url, isTried: true } }),
);
holdsToItsContract("the engine on a server that speaks JSON", (cut) =>
  openEngine({
    ...{ model, ...cut, lora },
    server: { url: hatchery.url, dialect: "hatchery", model: "that which it runs", isTried: true },
  }),
);

test("a closed engine leaves no model on the server", () =>
  expect([server.models, hatchery.models]).toEqual([0, 0]));
