/** The engine's contract, held through the wire: a server that keeps real weights answers. */
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
beforeAll(async () => {
  const folder = temporaryFolder();
  const tokenizer = characterTokenizer([]);
  model = join(folder, "model");
  const config = { ...tinyConfig, vocabSize: tokenizer.vocabulary, contextLength: 128 };
  await createModel(model, config, tokenizer, 1);
  server = await TinkerServer.start({ model, folder: join(folder, "server") });
});
afterAll(() => server.kill());

const targets = Object.keys(linearLayers) as LinearLayer[];
const lora = { rank: 16, alpha: 32, rankStabilized: false, targets, seed: 1 };
holdsToItsContract("the engine on a Tinker server", (cut) =>
  openEngine({ model, ...cut, lora, server: { url: server.url, isTried: true } }),
);

test("a closed engine leaves no model on the server", () => expect(server.models).toBe(0));
