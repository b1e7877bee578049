/** Requests that fail in passing, of every verb and in every way: the weights come out as if none had. */
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngine } from "../../../src/engine/open-engine.ts";
import { readRemoteHandle } from "../../../src/engine/remote/handle.ts";
import { createModel } from "../../../src/formats/create-model.ts";
import { characterTokenizer } from "../../../src/formats/tokenizer/character-tokenizer.ts";
import { nft } from "../../../src/loop/objectives/nft.ts";
import { type LinearLayer, linearLayers } from "../../../src/models/lora.ts";
import { temporaryFolder, tinyConfig } from "../../models/files.ts";
import { brisk } from "./limits.ts";
import { type Fault, TinkerServer } from "./tinker-server.ts";

let folder: string;
let model: string;
let server: TinkerServer;
/** What befalls the nth request of a path since the work began. */
let faults: readonly (Fault | undefined)[] = [];
const counts = new Map<string, number>();

beforeAll(async () => {
  folder = temporaryFolder();
  model = join(folder, "model");
  const tokenizer = characterTokenizer([]);
  await createModel(
    model,
    { ...tinyConfig, vocabSize: tokenizer.vocabulary, contextLength: 128 },
    tokenizer,
    1,
  );
  server = await TinkerServer.start({
    ...{ model, folder: join(folder, "server"), maxModels: 100 },
    fault: (path) => {
      // comes when its time has come
      if (path === "session_heartbeat") return undefined;
      const nth = counts.get(path) ?? 0;
      counts.set(path, nth + 1);
      // the health is asked once: what is not there then is said at once
      return path === "healthz" ? undefined : faults[nth];
    },
  });
});
afterAll(() => server.kill());

const targets = Object.keys(linearLayers) as LinearLayer[];
const prompts = [3, 7].map((length, key) => ({ tokens: new Int32Array(length).fill(5 + key), key }));
const optimizer = { learningRate: 1e-2, weightDecay: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };

/** Two updates, a checkpoint, taken up again by another engine, and a third: the adapters' bytes, and all that was told. */
async function work(name: string) {
  counts.clear();
  const open = () =>
    openEngine({
      ...{ model, server: { url: server.url, limits: brisk, isTried: true } },
      lora: { rank: 4, alpha: 32, rankStabilized: false, targets, seed: 1 },
    });
  const learn = async (engine: Awaited<ReturnType<typeof open>>, step: number) => {
    const sampling = { answers: 3, maxTokens: 8, temperature: 1, topP: 1, topK: 0, seed: 1, step };
    const answers = (await engine.sample(prompts, sampling)).flatMap((group, p) =>
      group.map(({ tokens }) => ({ prompt: prompts[p]!.tokens, completion: tokens })),
    );
    const scores = await engine.score(answers, 1);
    const examples = answers.map((answer, i) => ({
      ...answer,
      logpsOld: scores[i]!.logps,
      columns: { right: i % 2, solveRate: 1 / 2 },
    }));
    const { loss, gradNorm } = await engine.update(examples, nft(), {
      ...{ ...optimizer, number: engine.updates + 1, maxGradNorm: 1e9, lossScale: 1, temperature: 1 },
    });
    return { answers, scores, loss, gradNorm };
  };
  const places = [join(folder, name, "1"), join(folder, name, "2")] as const;
  for (const place of places) await mkdir(place, { recursive: true });
  const engine = await open();
  const heard = [await learn(engine, 1), await learn(engine, 2)];
  await engine.save(places[0]);
  await engine.close();
  const other = await open();
  await other.load(places[0]);
  heard.push(await learn(other, 3));
  await other.save(places[1]);
  await other.close();
  const adapters = await Promise.all(
    places.map(async (place) => {
      const { sampler } = await readRemoteHandle(place);
      const saved = join(folder, "server", sampler.slice("tinker://".length));
      return readFileSync(join(saved, "adapter_model.safetensors"), "base64");
    }),
  );
  return { heard, adapters, paths: [...counts.keys()] };
}

test("each verb, each fault: the adapters are the same to the bit", { timeout: 300_000 }, async () => {
  const undisturbed = await work("undisturbed");
  for (const path of ["create_model", "asample", "forward_backward", "optim_step", "save_weights"])
    expect(undisturbed.paths).toContain(path);
  const kinds: readonly (readonly Fault[])[] = [
    [{ status: 429, text: '{"detail":"slow down"}' }, { status: 502, text: "bad gateway" }, "lost"],
    [
      { status: 500, text: "Internal Server Error" },
      { status: 408, text: '{"detail":"Timeout"}' },
    ],
    ["lost", "lost", { status: 503, text: "" }, "lost"],
  ];
  for (const [i, kind] of kinds.entries()) {
    faults = kind;
    expect(await work(`faults-${i}`), JSON.stringify(kind)).toEqual(undisturbed);
  }
  faults = [];
});
