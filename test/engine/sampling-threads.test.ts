/** Sampling by several threads, one of them the engine's own. */
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmbeddedEngine } from "../../src/engine/embedded/embedded-engine.ts";
import { type Asked, askedFor, sharesOf } from "../../src/engine/embedded/shares.ts";
import type { Completion, Engine, Example, Prompt, Sampling, Step } from "../../src/engine/engine.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { sft } from "../../src/loop/objectives/sft.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";
import { smallConfig, tokens } from "./small.ts";

const tokenizer = characterTokenizer([]);
/** Of one length, as those that stand together are padded to the longest. */
const prompts: Prompt[] = ["12+7=?\n", "1+112?\n", "x = 1?\n", "9*9=?!\n", "1-1=?!\n"].map((text, key) => ({
  tokens: tokenizer.encode(text),
  key,
}));
/** 50 answers: shares of two and of three threads cut through the groups. */
const sampling: Sampling = {
  ...{ answers: 10, maxTokens: 82, temperature: 1, topP: 1, topK: 0, seed: 1, step: 0 },
};
const large: Sampling = { ...sampling, maxTokens: 4000 };
const step: Omit<Step, "number"> = {
  ...{ learningRate: 1e-2, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, maxGradNorm: 1 },
  ...{ lossScale: 1, temperature: 1 },
};

const engines: Engine[] = [];
/** Threads of this process as they are started: the engine's own first, then those beside it. */
const started: Worker[] = [];
const hear = (worker: Worker) => void started.push(worker);
let model: string;
beforeAll(async () => {
  process.on("worker", hear);
  model = join(temporaryFolder(), "model");
  await createModel(
    model,
    { ...tinyConfig, vocabSize: tokenizer.vocabulary, contextLength: 4096 },
    tokenizer,
    1,
  );
  for (const threads of [1, 2, 3]) engines.push(await openEmbeddedEngine({ model, threads }));
});
afterAll(async () => {
  process.off("worker", hear);
  for (const engine of engines) await engine.close();
});

/** The tokens alike, the rest nearly: rows of products may depend in their last bits on what stands beside them. */
function expectSame(answers: readonly Completion[][], expected: readonly Completion[][]): void {
  const ids = (of: readonly Completion[][]) => of.map((group) => group.map((answer) => answer.tokens.join()));
  expect(ids(answers)).toEqual(ids(expected));
  const near = expected.flat();
  for (const what of ["logps", "entropies"] as const)
    for (const [i, answer] of answers.flat().entries()) {
      const apart = answer[what]!.map((value, t) => Math.abs(value - near[i][what]![t]));
      expect(Math.max(...apart)).toBeLessThan(1e-5);
    }
}

test("one, two and three threads give the same answers, two the same bits each time, after an update those of new weights", async () => {
  const checkpoint = join(temporaryFolder(), "checkpoint");
  const [one, two, three] = engines;
  const before = await two.sample(prompts, sampling);
  expectSame(before, await one.sample(prompts, sampling));
  expectSame(before, await three.sample(prompts, sampling));
  expect(new Set(before.flat().map((answer) => answer.tokens.join())).size).toBeGreaterThan(40);

  const int8: Sampling = { ...sampling, precision: "int8" };
  const coarse = await two.sample(prompts, int8);

  await two.save(checkpoint);
  const completion = tokenizer.encode("19");
  const examples: Example[] = [
    { prompt: prompts[0].tokens, completion, logpsOld: new Float32Array(2), columns: {} },
  ];
  for (const engine of [one, two]) await engine.update(examples, sft, { ...step, number: 1 });
  const learnt = await two.sample(prompts, sampling);
  expectSame(learnt, await one.sample(prompts, sampling));
  // the last group is another thread's than the first
  for (const group of [0, 4]) expect(learnt[group][0].logps).not.toEqual(before[group][0].logps);
  // a number halfway between two steps may be rounded to either, where others stand beside it
  const [learntCoarse, single] = [await two.sample(prompts, int8), (await one.sample(prompts, int8)).flat()];
  const same = learntCoarse.flat().filter(({ tokens }, i) => tokens.join() === single[i].tokens.join());
  expect(same.length).toBeGreaterThan(45);
  for (const group of [0, 4]) expect(learntCoarse[group][0].logps).not.toEqual(coarse[group][0].logps);

  await two.load(checkpoint);
  expect(await two.sample(prompts, sampling)).toEqual(before);
  expect(await two.sample(prompts, int8)).toEqual(coarse);
});

test("tokens, groups and progress are heard as from one thread", async () => {
  const groups = new Map<number, readonly Completion[]>();
  const heard = new Map<string, number[]>();
  const progress: number[] = [];
  const answers = await engines[2].sample(
    prompts,
    { ...sampling, firstAnswer: 5 },
    {
      onGroup: (prompt, group) => {
        expect(groups.has(prompt)).toBe(false);
        groups.set(prompt, group);
      },
      onTokens: (all) => {
        for (const { prompt, answer, token } of all) {
          const key = `${prompt} ${answer - 5}`;
          heard.set(key, [...(heard.get(key) ?? []), token]);
        }
      },
      onProgress: (done, total) => {
        expect(total).toBe(50);
        progress.push(done);
      },
    },
  );
  answers.forEach((group, prompt) => {
    expect(groups.get(prompt)).toEqual(group);
    group.forEach((answer, i) => {
      expect(heard.get(`${prompt} ${i}`)).toEqual([...answer.tokens]);
    });
  });
  expect(progress.at(-1)).toBe(50);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
});

test("an abort ends all threads' sampling with the signal's reason, and the engine goes on", async () => {
  const before = await engines[1].sample(prompts, sampling);
  const abort = new AbortController();
  const reason = new Error("enough");
  let heard = 0;
  const ended = engines[1].sample(prompts, large, {
    signal: abort.signal,
    onTokens: (all) => {
      heard += all.length;
      abort.abort(reason);
    },
  });
  await expect(ended).rejects.toBe(reason);
  expect(heard).toBeLessThan(50 * 4000);
  expect(await engines[1].sample(prompts, sampling)).toEqual(before);
});

test("what fails in whoever watches ends the request with that error", async () => {
  const failing = engines[1].sample(prompts, sampling, {
    onGroup: () => {
      throw new RangeError("of the watcher");
    },
  });
  await expect(failing).rejects.toThrow("of the watcher");
  expect((await engines[1].sample(prompts, sampling)).length).toBe(prompts.length);
});

test("a thread that dies ends its request with an error, and another takes its place", async () => {
  const [, engine] = engines;
  const from = started.length;
  const before = await engine.sample(prompts, sampling);
  expect(started.length).toBe(from);
  // three of the engines' own, and the first that was started beside them
  const beside = started[3];
  const exited = new Promise((resolve) => beside.once("exit", resolve));
  let isTold = false;
  const dead = engine.sample(prompts, large, {
    onTokens: () => {
      // what no request is: the thread throws where nothing catches it
      if (!isTold) beside.postMessage(undefined);
      isTold = true;
    },
  });
  await expect(dead).rejects.toThrow(/engine: expected its thread to be running/);
  await exited;
  expect(await engine.sample(prompts, sampling)).toEqual(before);
  expect(started.length).toBe(from + 1);
});

test("an engine that is closed while threads start leaves none of them", async () => {
  const from = started.length;
  const engine = await openEmbeddedEngine({ model, threads: 2 });
  const sampled = engine.sample(prompts, sampling);
  const closed = new Promise((resolve) => setTimeout(resolve, 20)).then(() => engine.close());
  await expect(sampled).rejects.toThrow(/engine/);
  await closed;
  const exits = started.slice(from).map((worker) => worker.threadId);
  expect(exits.every((id) => id === -1)).toBe(true);
});

test("an engine that is closed while all its threads sample ends the request, not the process", async () => {
  const engine = await openEmbeddedEngine({ model, threads: 2 });
  let closed: Promise<void> | undefined;
  const sampled = engine.sample(prompts, large, {
    onTokens: () => {
      closed ??= engine.close();
    },
  });
  await expect(sampled).rejects.toThrow(/the engine is closed/);
  await closed;
  await expect(engine.sample(prompts, sampling)).rejects.toThrow(/the engine is closed/);
});

const numbersOf = (share: readonly Asked[]) =>
  share.flatMap(({ place, first, count }) => Array.from({ length: count }, (_, i) => [place, first + i]));

test("shares are as even as they can be, in order, and none for few answers, few tokens or a large model", () => {
  const asked = askedFor(
    [3, 4, 5].map((key) => ({ tokens: tokens(4, key), key })),
    { ...sampling, answers: 30, firstAnswer: 7 },
  );
  for (const threads of [1, 2, 3, 4, 5, 64]) {
    const shares = sharesOf(smallConfig, asked, 100, threads);
    expect(shares.length).toBe(Math.min(threads, 5));
    const counts = shares.map((share) => share.reduce((sum, { count }) => sum + count, 0));
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(shares.flatMap(numbersOf)).toEqual(numbersOf(asked));
  }
  expect(sharesOf(smallConfig, asked, 40, 2).length).toBe(1);
  expect(sharesOf({ ...smallConfig, vocabSize: 50_000, width: 512 }, asked, 100, 2).length).toBe(1);
  expect(sharesOf(smallConfig, [{ ...asked[0], count: 31 }], 1000, 2).length).toBe(1);
});
