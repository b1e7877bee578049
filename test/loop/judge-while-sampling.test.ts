import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { gather } from "../../src/loop/collect-groups.ts";
import { rolloutLines } from "../../src/loop/rollout-lines.ts";
import { openTraining } from "../../src/loop/session/train-session.ts";
import type { Problem } from "../../src/loop/types.ts";
import { tinyRun } from "./tiny.ts";

/** A step's answers, with so many sampled at a time, and how many of them were judged before sampling was through. */
async function step(maxAnswersInFlight: number) {
  const { folder, options } = await tinyRun();
  const heard = { isSampling: false, early: 0, judged: 0, sideBySide: 0, most: 0 };
  const verifier = async (_: Problem, answer: string) => {
    heard.judged++;
    if (heard.isSampling) heard.early++;
    heard.most = Math.max(heard.most, ++heard.sideBySide);
    await new Promise((resolve) => setTimeout(resolve, 5));
    heard.sideBySide--;
    return answer.length % 2 === 0;
  };
  const given = { ...options, evalOnStart: false, maxAnswersInFlight, verifierWorkers: 3, verifier };
  const session = await openTraining(given, {});
  const { engine } = session;
  const sample: Engine["sample"] = async (...asked) => {
    heard.isSampling = true;
    const groups = await engine.sample(...asked);
    heard.isSampling = false;
    return groups;
  };
  heard.judged = 0;
  try {
    const gathered = await gather({ ...session, engine: { ...engine, updates: 0, sample } }, 1, 0);
    return { ...heard, lines: [...rolloutLines(1, gathered!)] };
  } finally {
    await session.close();
    rmSync(folder, { recursive: true });
  }
}

test("answers are judged while others are sampled, and kept in the order drawn", async () => {
  const [byGroup, together] = [await step(4), await step(512)];
  expect(byGroup.early).toBeGreaterThan(0);
  expect(byGroup.judged).toBe(byGroup.lines.filter(({ stop }) => stop === "eos").length);
  // a log-prob's last digit may depend on how many were sampled side by side
  const withoutLogps = ({ lines }: typeof byGroup) => lines.map(({ logps, ...line }) => line);
  expect(withoutLogps(byGroup)).toEqual(withoutLogps(together));
  expect(byGroup.lines.map(({ draw, index }) => `${draw} ${index}`)).toEqual(
    [...byGroup.lines]
      .sort((a, b) => a.draw - b.draw || a.index - b.index)
      .map(({ draw, index }) => `${draw} ${index}`),
  );
});

test("no more answers are judged side by side than verifier_workers", async () => {
  expect((await step(4)).most).toBeLessThanOrEqual(3);
});

test("a run that is to stop samples no further, and draws the same step again", async () => {
  const { folder, options } = await tinyRun();
  const stop = new AbortController();
  const session = await openTraining({ ...options, evalOnStart: false }, { signal: stop.signal });
  try {
    const { engine } = session;
    const sample: Engine["sample"] = (prompts, sampling, watch) => {
      const sampled = engine.sample(prompts, sampling, watch);
      stop.abort();
      return sampled;
    };
    const stopped = { ...session, engine: { ...engine, updates: 0, sample } };
    expect(await gather(stopped, 1, 0)).toBeUndefined();
    const again = await gather({ ...session, signal: undefined, stopped: () => false }, 1, 0);
    expect(again?.all.length).toBeGreaterThan(0);
  } finally {
    await session.close();
    rmSync(folder, { recursive: true });
  }
});
