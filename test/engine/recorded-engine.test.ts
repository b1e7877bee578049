/** An engine whose answers differ each time it is asked, and what a record makes of it. */
import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Completion, Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { RecordedEngine } from "../../src/engine/recorded-engine.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { Replay } from "../../src/run/replay.ts";
import { temporaryFolder, tinyConfig } from "../models/files.ts";
import { holdsToItsContract } from "./conformance.ts";

let model: string;
let inner: Engine;
/** Prompts that the engine itself was asked to continue, and sequences to score. */
let [sampled, scored] = [0, 0];
const opened: Replay[] = [];

beforeAll(async () => {
  const tokenizer = characterTokenizer([]);
  model = join(temporaryFolder(), "model");
  await createModel(
    model,
    { ...tinyConfig, vocabSize: tokenizer.vocabulary, contextLength: 128 },
    tokenizer,
    1,
  );
  inner = await openEngine({ model, threads: 1 });
});
afterAll(async () => {
  await end();
  await inner.close();
});

/** Draws with another seed each time. */
function moody(engine: Engine): Engine {
  return {
    facts: { ...engine.facts, deterministic: false },
    get updates() {
      return engine.updates;
    },
    sample(prompts, sampling, watch) {
      sampled += prompts.length;
      return engine.sample(prompts, { ...sampling, seed: sampled }, watch);
    },
    score(sequences, ...rest) {
      scored += sequences.length;
      return engine.score(sequences, ...rest);
    },
    update: (...given) => engine.update(...given),
    save: (...given) => engine.save(...given),
    load: (...given) => engine.load(...given),
    close: () => engine.close(),
  };
}

const prompts = [3, 9, 6].map((length, key) => ({ tokens: new Int32Array(length).fill(5 + key), key }));
const sampling = { answers: 2, maxTokens: 12, temperature: 1, topP: 1, topK: 0, seed: 1, step: 1 };
const sequencesOf = (groups: readonly (readonly Completion[])[]) =>
  groups.flatMap((answers, p) =>
    answers.map(({ tokens }) => ({ prompt: prompts[p]!.tokens, completion: tokens })),
  );

/** As a process opens it that goes on from the checkpoint of a step. */
function goOn(run: string, step = 0): RecordedEngine {
  const replay = new Replay(run, step);
  opened.push(replay);
  return new RecordedEngine(moody(inner), replay);
}
async function end(): Promise<void> {
  for (const each of opened.splice(0)) await each.close();
}

describe("what was answered since the last checkpoint", () => {
  test("is answered again to the bit, call by call, without asking", async () => {
    const run = temporaryFolder();
    const engine = goOn(run);
    const first = await engine.sample(prompts, sampling);
    const again = await engine.sample(prompts, sampling);
    const scores = await engine.score(sequencesOf(first), 1);
    expect(again).not.toEqual(first);
    await end();
    const before = [sampled, scored];
    const later = goOn(run);
    expect(await later.sample(prompts, sampling)).toEqual(first);
    expect(await later.sample(prompts, sampling)).toEqual(again);
    expect(await later.score(sequencesOf(first), 1)).toEqual(scores);
    expect([sampled, scored]).toEqual(before);
    expect(await later.sample(prompts, sampling)).not.toEqual(first);
    await end();
  });

  test("is heard as it was: tokens in order, then each group once", async () => {
    const run = temporaryFolder();
    const first = await goOn(run).sample(prompts, sampling);
    await end();
    const heard: string[] = [];
    const progress: number[] = [];
    await goOn(run).sample(prompts, sampling, {
      onTokens: (tokens) => heard.push(`tokens of ${tokens[0]!.prompt}: ${tokens.map(({ token }) => token)}`),
      onGroup: (prompt, answers) => heard.push(`group ${prompt} of ${answers.length}`),
      onProgress: (done, total) => progress.push(done / total),
    });
    await end();
    expect(heard).toEqual(
      first.flatMap((answers, p) => [
        `tokens of ${p}: ${answers.flatMap(({ tokens }) => [...tokens])}`,
        `group ${p} of ${answers.length}`,
      ]),
    );
    expect(progress).toEqual([1]);
  });

  test("where it breaks off in the midst of a line, is taken up to there, and the rest is asked for", async () => {
    const run = temporaryFolder();
    const first = await goOn(run).sample(prompts, sampling);
    await end();
    const path = join(run, "replay", "step-0000.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    const places = lines.slice(0, 3).map((line) => JSON.parse(line).place as number);
    truncateSync(path, lines[0]!.length + lines[1]!.length + 30);
    const before = sampled;
    const progress: number[] = [];
    const onProgress = (done: number, total: number) => progress.push(done / total);
    const second = await goOn(run).sample(prompts, sampling, { onProgress });
    await end();
    expect(sampled - before).toBe(1);
    for (const place of places.slice(0, 2)) expect(second[place]).toEqual(first[place]);
    expect(second[places[2]!]).not.toEqual(first[places[2]!]);
    expect(progress[0]).toBeCloseTo(2 / 3);
    expect(progress.at(-1)).toBe(1);
    expect(await goOn(run).sample(prompts, sampling)).toEqual(second);
    await end();
  });

  test("is not what was answered before it, by other weights, or to other questions", async () => {
    const run = temporaryFolder();
    const replay = new Replay(run, 0);
    const engine = new RecordedEngine(moody(inner), replay);
    const first = await engine.sample(prompts, sampling);
    expect(await engine.sample(prompts, { ...sampling, step: 2 })).not.toEqual(first);
    await replay.begin(1);
    expect(existsSync(join(run, "replay"))).toBe(false);
    const since = await engine.sample(prompts, sampling);
    await replay.close();
    expect(readdirSync(join(run, "replay"))).toEqual(["step-0001.jsonl"]);
    expect(await goOn(run, 1).sample(prompts, sampling)).toEqual(since);
    await end();
    // the checkpoint of step 1 was taken away: what was said after it is of no use
    expect(await goOn(run).sample(prompts, sampling)).not.toEqual(since);
    await end();
    expect(readdirSync(join(run, "replay"))).toEqual(["step-0000.jsonl"]);
  });

  test("is cut off where a line is no record", async () => {
    const run = temporaryFolder();
    const first = await goOn(run).sample(prompts, sampling);
    await end();
    appendFileSync(join(run, "replay", "step-0000.jsonl"), "{\n{}\n");
    expect(await goOn(run).sample(prompts, sampling)).toEqual(first);
    await end();
  });
});

holdsToItsContract("an engine with a record", async (cut) => {
  const replay = new Replay(temporaryFolder(), 0);
  opened.push(replay);
  return new RecordedEngine(moody(await openEngine({ model, threads: 1, ...cut })), replay);
});
