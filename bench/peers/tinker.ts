/**
 * Errata's engine on a real Tinker server, held to golden numbers and to the engine on this machine:
 *
 *   npx tsx bench/peers/tinker.ts --url http://127.0.0.1:8000 --model FOLDER [--dialect hatchery] [--golden FOLDER] [--only forward,nft]
 *
 * `--model` is the folder that the server was started with, as it was given there, with a tokenizer; `--golden` one of
 * test/fixtures/golden/models, whose expected.json PyTorch computed. README.md says how to start one.
 * Prints a line for each check: what was held, how far off, its bound; exits 1 where one is not held.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Completion, Engine, Example, Score, Step } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { fetchAdapters } from "../../src/engine/remote/adapter-archive.ts";
import { type Channel, forwardDatum, gradientDatum } from "../../src/engine/remote/channel.ts";
import { tryChannel } from "../../src/engine/remote/channel-trial.ts";
import { tryByClipping } from "../../src/engine/remote/clipping-trial.ts";
import { Connection } from "../../src/engine/remote/connection.ts";
import { type Dialect, type DialectName, dialects } from "../../src/engine/remote/dialects.ts";
import { readRemoteHandle } from "../../src/engine/remote/handle.ts";
import { RemoteModel } from "../../src/engine/remote/remote-model.ts";
import { Session } from "../../src/engine/remote/session.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { makeObjective, objectiveNames } from "../../src/loop/objectives/objectives.ts";
import { serverAt } from "../../src/loop/session/open-policy.ts";
import { type LinearLayer, linearLayers } from "../../src/models/lora.ts";

const { values } = parseArgs({
  options: {
    dialect: { type: "string", default: "skyrl-jax" },
    url: { type: "string", default: "http://127.0.0.1:8000" },
    model: { type: "string" },
    golden: { type: "string" },
    rank: { type: "string", default: "4" },
    only: { type: "string", default: "" },
  },
});
const { url, model = "", golden } = values;
const rank = Number(values.rank);
const dialectName = values.dialect as DialectName;
const dialect: Dialect = dialects[dialectName];
const targets = Object.keys(linearLayers) as LinearLayer[];
const lora = { rank, alpha: dialect.alpha(rank), rankStabilized: false, targets, seed: 1 };
const scratch = mkdtempSync(join(tmpdir(), "errata-tinker-"));
const files = await openModel(model);

let failed = 0;
function find(what: string, difference: number, bound: number): void {
  const holds = difference <= bound;
  if (!holds) failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${what}: ${difference.toExponential(1)} (at most ${bound})`);
}

const server = (address = url) => ({ ...serverAt(address), model, dialect: dialectName, isTried: true });
const openThere = (address = url) => openEngine({ model: files, lora, server: server(address) });

/** The server's adapters of a checkpoint, in the engine on this machine. */
async function openHere(checkpoint: string): Promise<Engine> {
  const folder = mkdtempSync(join(scratch, "adapters-"));
  await fetchAdapters(await readRemoteHandle(checkpoint), serverAt(url), 2 ** 30, folder);
  return openEngine({ model: folder, threads: 1, lora });
}

function saved(name: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  return folder;
}

const largest = (numbers: readonly number[]): number =>
  numbers.reduce((most, each) => (each <= most ? most : each), 0);
const apart = (a: readonly Pick<Score, "logps">[], b: readonly Pick<Score, "logps">[]): number =>
  largest(a.flatMap(({ logps }, i) => [...logps].map((logp, t) => Math.abs(logp - b[i]!.logps[t]!))));

const prompts = [
  { tokens: Int32Array.of(99, 206, 239, 189), key: 0 },
  { tokens: Int32Array.of(10, 20, 30), key: 1 },
];
const drawing = { answers: 4, maxTokens: 6, temperature: 1, topP: 1, topK: 0, seed: 1 };
const optimizer: Omit<Step, "number"> = {
  ...{ learningRate: 1e-2, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ...{ maxGradNorm: 1e9, lossScale: 1, temperature: 1 },
};

/** Rewards made up: half of the answers to each prompt are right. */
function examplesOf(groups: readonly (readonly Completion[])[], scores: readonly Score[]): Example[] {
  return groups.flatMap((answers, group) =>
    answers.map(({ tokens }, i) => {
      const right = i % 2;
      return {
        prompt: prompts[group]!.tokens,
        completion: tokens,
        logpsOld: scores[group * drawing.answers + i]!.logps,
        columns: {
          right,
          solveRate: 0.5,
          reward: right,
          advantage: right - 0.5,
          group,
          length: tokens.length,
        },
      };
    }),
  );
}

const sequencesOf = (groups: readonly (readonly Completion[])[]) =>
  groups.flatMap((answers, p) =>
    answers.map(({ tokens }) => ({ prompt: prompts[p]!.tokens, completion: tokens })),
  );

const update = (engine: Engine, examples: readonly Example[], objective = makeObjective("nft")) =>
  engine.update(examples, objective, { ...optimizer, number: engine.updates + 1 });

async function newModel(work: (model: RemoteModel) => Promise<void>): Promise<void> {
  const session = await Session.open(new Connection(serverAt(url)));
  const own = await RemoteModel.create(session, dialect, { model, rank, seed: 1 });
  try {
    await work(own);
  } finally {
    await own.unload();
    await session.close();
  }
}

const checks: Record<string, () => Promise<void>> = {
  async forward() {
    if (golden === undefined) return console.log("     no --golden: log-probs are not held to PyTorch's");
    const { sequences } = JSON.parse(readFileSync(join(golden, "expected.json"), "utf8")) as {
      sequences: { tokens: number[]; logprobs: number[] }[];
    };
    const engine = await openThere();
    const scores = await engine.score(
      sequences.map(({ tokens }) => ({
        prompt: Int32Array.from(tokens.slice(0, 1)),
        completion: Int32Array.from(tokens.slice(1)),
      })),
      1,
    );
    await engine.close();
    const expected = sequences.map(({ logprobs }) => ({ logps: Float32Array.from(logprobs) }));
    find("log-probs of golden sequences against PyTorch's", apart(scores, expected), 1e-5);
  },

  async sampling() {
    const engine = await openThere();
    const groups = await engine.sample(prompts, { ...drawing, step: 0 });
    find(
      "log-probs sampled against scored",
      apart(groups.flat(), await engine.score(sequencesOf(groups), 1)),
      1e-5,
    );
    const again = await engine.sample(prompts, { ...drawing, step: 0 });
    const differ = again.flat().filter(({ tokens }, i) => `${tokens}` !== `${groups.flat()[i]!.tokens}`);
    find("answers that differ the second time, by the same seed", differ.length, 0);
    // a server that puts what it has into one batch may give other last bits
    const alone = [];
    for (const prompt of prompts) alone.push(...(await engine.sample([prompt], { ...drawing, step: 0 })));
    find(
      "log-probs sampled beside another prompt's answers and alone",
      apart(groups.flat(), alone.flat()),
      1e-5,
    );
    await engine.close();
  },

  async channel() {
    const attempt = dialect.gradNorm === undefined ? tryByClipping : tryChannel;
    await newModel(async (own) => {
      console.log(`     ${await attempt(own, dialect.channel, files.config.vocabSize)}`);
    });
    const wrong: readonly Channel[] = [
      { loss: "cross_entropy", scale: () => 1 },
      { ...dialect.channel, scale: (...size) => 1.2 * dialect.channel.scale(...size) },
      { ...dialect.channel, scale: (targets, datums) => targets * dialect.channel.scale(targets, datums) },
    ];
    for (const [i, channel] of wrong.entries())
      await newModel(async (own) => {
        const why = await attempt(own, channel, files.config.vocabSize).then(
          () => undefined,
          (error: Error) => error.message.split("\n")[0],
        );
        find(`inexact gradients taken for exact, ${i + 1} (${why})`, why === undefined ? 1 : 0, 0);
      });
  },

  /** Two rollout steps of two updates each, here and there, from the server's own first adapters. */
  async nft() {
    const there = await openThere();
    const first = saved("nft-first");
    await there.save(first);
    const here = await openHere(first);
    for (const step of [0, 1]) {
      const groups = await there.sample(prompts, { ...drawing, step });
      const old = await there.score(sequencesOf(groups), 1);
      const examples = examplesOf(groups, old);
      for (const half of [examples.filter((_, i) => i % 4 < 2), examples.filter((_, i) => i % 4 >= 2)]) {
        const number = there.updates + 1;
        find(
          `log-probs before update ${number}`,
          apart(await there.score(half, 1), await here.score(half, 1)),
          1e-5,
        );
        const [a, b] = [await update(there, half), await update(here, half)];
        find(`gradient norm of update ${number}, relative`, Math.abs(a.gradNorm! / b.gradNorm! - 1), 1e-5);
        find(`loss of update ${number}`, Math.abs(a.loss - b.loss), 1e-5);
      }
    }
    const last = saved("nft-last");
    await there.save(last);
    const fetched = await openHere(last);
    const probe = sequencesOf(await there.sample(prompts, { ...drawing, step: 2 }));
    const scores = await there.score(probe, 1);
    find("log-probs of the adapters fetched", apart(scores, await fetched.score(probe, 1)), 1e-5);
    find("log-probs after four updates", apart(scores, await here.score(probe, 1)), 1e-5);
    for (const engine of [there, here, fetched]) await engine.close();
  },

  /** One update by every objective from the same adapters and answers. */
  async objectives() {
    const there = await openThere();
    const first = saved("objectives");
    await there.save(first);
    const groups = await there.sample(prompts, { ...drawing, step: 0 });
    const onPolicy = examplesOf(groups, await there.score(sequencesOf(groups), 1));
    for (const name of objectiveNames) {
      await there.load(first);
      const here = await openHere(first);
      const objective = makeObjective(name);
      // off-policy, so that ratios matter; gspo's own is clipped 3e-4 from 1
      const off = name === "gspo" ? 1e-4 : 0.1;
      const examples = onPolicy.map((example, i) => ({
        ...example,
        logpsOld: example.logpsOld.map((logp, t) => logp + off * Math.sin(3 * i + t)),
      }));
      const [a, b] = [await update(there, examples, objective), await update(here, examples, objective)];
      find(`${name}: gradient norm, relative`, Math.abs(a.gradNorm! / b.gradNorm! - 1), 1e-5);
      const after = [await there.score(examples, 1), await here.score(examples, 1)] as const;
      find(`${name}: log-probs after the update`, apart(...after), 1e-4);
      await here.close();
    }
    await there.close();
  },

  /** One update in one request, and in three. */
  async requests() {
    const sequences = [3, 9, 5].map((length, i) => ({
      prompt: Int32Array.of(10 + i, 20, 30),
      completion: Int32Array.from({ length }, (_, t) => 40 + 7 * i + t),
    }));
    const norms: (number | undefined)[] = [];
    const after: Float32Array[][] = [];
    let start = "";
    await newModel(async (own) => {
      start = (await own.save(0)).training;
    });
    for (const size of [3, 1])
      await newModel(async (own) => {
        await own.load(start, true);
        const score = () =>
          own.pass(sequences.map(forwardDatum), { loss: "cross_entropy", forwardOnly: true });
        const logps = await score();
        const data = sequences.map((sequence, i) => {
          const weights = Float32Array.from(sequence.completion, (_, t) => Math.sin(5 * i + t));
          return gradientDatum(sequence, weights, logps[i]!, dialect.channel, sequences.length);
        });
        for (let at = 0; at < data.length; at += size)
          await own.pass(data.slice(at, at + size), { loss: dialect.channel.loss, forwardOnly: false });
        norms.push(await own.step(optimizer));
        after.push(await score());
      });
    if (dialect.gradNorm !== undefined)
      find("gradient norm in one request and in three, relative", Math.abs(norms[0]! / norms[1]! - 1), 1e-6);
    const [one, three] = after.map((each) => each.map((logps) => ({ logps })));
    find("log-probs after it", apart(one!, three!), 1e-5);
  },

  /** Each verb fails in passing, in each way: the adapters come out with the same bits. */
  async faults() {
    const work = async (address: string, name: string): Promise<Buffer> => {
      const engine = await openThere(address);
      for (const step of [0, 1]) {
        const groups = await engine.sample(prompts, { ...drawing, step });
        await update(engine, examplesOf(groups, await engine.score(sequencesOf(groups), 1)));
      }
      const place = saved(name);
      await engine.save(place);
      await engine.close();
      const folder = saved(`${name}-adapters`);
      await fetchAdapters(await readRemoteHandle(place), serverAt(url), 2 ** 30, folder);
      return readFileSync(join(folder, "adapter_model.safetensors"));
    };
    const undisturbed = await work(url, "undisturbed");
    const proxy = await faulty();
    const disturbed = await work(proxy.url, "disturbed");
    proxy.close();
    console.log(`     faults: ${[...proxy.made].sort().join(", ")}`);
    find("bytes of the adapters that differ", undisturbed.equals(disturbed) ? 0 : 1, 0);
  },

  /** What must not reach a server. */
  async refusals() {
    const engine = await openThere();
    const count = async (...attempts: Promise<unknown>[]) =>
      (await Promise.allSettled(attempts)).filter(({ status }) => status === "fulfilled").length;
    const prompt = Int32Array.of(1, 2);
    const nan = { prompt, completion: Int32Array.of(3), logpsOld: Float32Array.of(Number.NaN) };
    const outside = { prompt, completion: Int32Array.of(files.config.vocabSize) };
    const taken = await count(
      engine.score([outside], 1),
      engine.sample([{ tokens: outside.completion, key: 0 }], { ...drawing, step: 0 }),
      update(engine, []),
      update(engine, [{ ...nan, columns: { right: 0, solveRate: 0.5 } }]),
    );
    find("ids out of the vocabulary, empty batches and NaN taken", taken, 0);
    const groups = await engine.sample(prompts, { ...drawing, step: 0 });
    const { loss } = await update(engine, examplesOf(groups, await engine.score(sequencesOf(groups), 1)));
    const after = await engine.score(sequencesOf(groups), 1);
    const finite = [loss, ...after.flatMap(({ logps }) => [...logps])].every(Number.isFinite);
    find("updates after them without finite log-probs", finite ? 0 : 1, 0);
    await engine.close();
  },
};

/** Between the engine and the server: the first requests of each path fail, each in another way. */
async function faulty() {
  const ways = [429, "lost", 502, 408, 500] as const;
  const counts = new Map<string, number>();
  const made = new Set<string>();
  const proxy = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const path = request.url!.replace("/api/v1/", "");
    const nth = counts.get(path) ?? 0;
    counts.set(path, nth + 1);
    const way = /healthz|heartbeat|archive|download/.test(path) ? undefined : ways[nth];
    if (way !== undefined) made.add(`${path} ${way}`);
    if (typeof way === "number") return void response.writeHead(way).end('{"detail":"a fault"}');
    const answer = await fetch(url + request.url, {
      method: request.method!,
      headers: { "content-type": request.headers["content-type"] ?? "application/json" },
      ...(parts.length > 0 && { body: Buffer.concat(parts) }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (way === "lost") return void request.socket.destroy();
    const type = answer.headers.get("content-type") ?? "application/json";
    response.writeHead(answer.status, { "content-type": type }).end(bytes);
  });
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { url: address, made, close: () => proxy.close() };
}

/** What needs the server's own adapters, or a server that does nothing twice. */
const untold = dialect.remembers ? [] : ["nft", "objectives", "faults"];
const all = Object.keys(checks).filter((name) => !untold.includes(name));
const only = values.only === "" ? all : values.only.split(",");
for (const name of only) {
  const began = performance.now();
  console.log(name);
  await checks[name]!().catch((error: unknown) => {
    failed++;
    console.log(`FAIL ${error instanceof Error ? error.message : error}`);
  });
  console.log(`     ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
rmSync(scratch, { recursive: true });
process.exitCode = failed === 0 ? 0 : 1;
