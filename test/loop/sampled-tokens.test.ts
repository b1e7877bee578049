import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Engine, Example, Sequence } from "../../src/engine/engine.ts";
import { gather } from "../../src/loop/collect-groups.ts";
import { learn } from "../../src/loop/policy-update.ts";
import { openTraining } from "../../src/loop/session/train-session.ts";
import { tinyRun, verifier } from "./tiny.ts";

/** Turns the letters' tokens into pairs of digits: a digit after a digit, sampled as two tokens, is one in text. */
function mergeDigits(model: string): void {
  const path = join(model, "tokenizer.json");
  const file = JSON.parse(readFileSync(path, "utf8"));
  const pairs = [..."0123456789"].flatMap((one) => [..."01234"].map((other) => [one, other]));
  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"];
  for (const [i, pair] of pairs.entries()) {
    file.model.vocab[pair.join("")] = file.model.vocab[letters[i]!];
    delete file.model.vocab[letters[i]!];
    file.model.merges.push(pair);
  }
  writeFileSync(path, JSON.stringify(file));
}

test("a run scores and learns the very tokens it sampled, where their text would be others", async () => {
  const { options } = await tinyRun();
  mergeDigits(options.model!);
  const given = { ...options, evalOnStart: false, maxCompletionLength: 40, recomputeLogprobs: true };
  const session = await openTraining({ ...given, verifier: verifier("even") }, {});
  try {
    const { engine, tokenizer } = session;
    const scored: Sequence[] = [];
    const learnt: Example[] = [];
    // the engine itself, listened to
    const heard: Engine = {
      facts: engine.facts,
      flops: engine.flops,
      get updates() {
        return engine.updates;
      },
      sample: (...given) => engine.sample(...given),
      score(sequences, ...rest) {
        scored.push(...sequences);
        return engine.score(sequences, ...rest);
      },
      update(batch, ...rest) {
        learnt.push(...batch);
        return engine.update(batch, ...rest);
      },
      save: (folder) => engine.save(folder),
      load: (folder) => engine.load(folder),
      close: () => engine.close(),
    };
    const { kept } = (await gather(session, 1, 0))!;
    const { difference } = await learn({ ...session, engine: heard }, kept, 1);

    const sampled = kept.flatMap(({ rollouts }) => rollouts.map(({ rollout }) => rollout));
    const others = sampled.filter(({ text, tokens }) => `${tokenizer.encode(text)}` !== `${tokens}`);
    expect(others.length).toBeGreaterThan(3);
    const texts = (all: readonly { completion: ArrayLike<number> }[]) =>
      all.map(({ completion }) => Array.from(completion).join()).sort();
    const own = sampled.map(({ tokens }) => tokens.join()).sort();
    expect(texts(scored)).toEqual(own);
    expect(texts(learnt)).toEqual(own);
    expect(difference.max).toBeLessThan(1e-4);
  } finally {
    await session.close();
  }
});
