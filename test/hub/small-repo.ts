/** A repository of a small model on a hub of our own, and an empty cache for each test. */
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { hubModel } from "../../src/hub/hub-model.ts";
import type { HubContext } from "../../src/hub/snapshot.ts";
import { temporaryFolder } from "../models/files.ts";
import { type Hub, startHub } from "./hub-server.ts";

export const repo = "maker/small-model";
export const commit = "0123456789abcdef0123456789abcdef01234567";
export const weights = randomBytes(300_000);
export const files = {
  "README.md": Buffer.from("# A model"),
  "config.json": Buffer.from('{"model_type":"llama"}'),
  "generation_config.json": Buffer.from("{}"),
  "model.safetensors": weights,
  "original/consolidated.safetensors": randomBytes(2000),
  "pytorch_model.bin": randomBytes(2000),
  "small-Q8_0.gguf": randomBytes(5000),
  "tokenizer.json": Buffer.from(JSON.stringify({ words: "é".repeat(900) })),
  "tokenizer_config.json": Buffer.from("{}"),
};
export const id = { repo, revision: "main", file: undefined };

export let hub: Hub;
export let home: string;
const before = { ...process.env };
beforeAll(async () => {
  hub = await startHub();
});
beforeEach(() => {
  home = temporaryFolder();
  for (const name of ["HF_TOKEN", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN_PATH"])
    delete process.env[name];
  Object.assign(process.env, {
    HF_HOME: home,
    HF_ENDPOINT: `${hub.endpoint}/`,
    HF_HUB_DOWNLOAD_TIMEOUT: "20",
  });
  for (const name of Object.keys(hub.faults)) delete hub.faults[name as keyof typeof hub.faults];
  hub.asked.length = 0;
  hub.serve({ repo, commit, files });
});
afterAll(async () => {
  process.env = before;
  await hub.close();
});

export const cacheOf = () => join(home, "hub", "models--maker--small-model");
export const blobs = () => readdirSync(join(cacheOf(), "blobs"));
export const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
export const fetched = (context?: HubContext) => hubModel(id, context);
