/** The recorded run that ships with the package: small, of no machine, and of one piece. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { problemHistories } from "../../src/commands/watch/flips.ts";
import { sinceStart } from "../../src/commands/watch/progress.ts";
import { pushUnder } from "../../src/commands/watch/pushes.ts";
import type { LoggedEvent } from "../../src/run/events.ts";
import { phasesOf } from "../../src/run/phases.ts";
import { readRun } from "../../src/run/read-run.ts";
import { isSolveEval, type TokenRecord } from "../../src/run/records.ts";

const demo = fileURLToPath(new URL("../../data/demo-run", import.meta.url));
const run = readRun(demo);
const all = async <T>(lines: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const line of lines) found.push(line);
  return found;
};

test("the demo takes at most 2 MB and names no place of the machine that made it", () => {
  const files = readdirSync(demo);
  expect(files.reduce((sum, file) => sum + statSync(join(demo, file)).size, 0)).toBeLessThan(2_000_000);
  for (const file of files)
    expect(readFileSync(join(demo, file), "utf8")).not.toMatch(/\/tmp|\/home|\/work|[A-Z]:\\/);
});

test("the demo's lines are of one run: each step has its answers, its token record and its phases", async () => {
  const steps = await run.steps();
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  const rollouts = await all(run.rollouts());
  for (const { step, metrics } of steps) {
    const own = rollouts.filter((one) => one.step === step);
    expect(own.filter(({ verdict }) => verdict === "right").length / own.length).toBeCloseTo(
      metrics["train/acc_all"]!,
      6,
    );
  }
  const tokens = await all(run.tokens());
  for (const { step, problem, draw, answers } of tokens)
    for (const { index, verdict, pieces } of answers)
      expect(rollouts.find((one) => one.draw === draw && one.index === index)).toMatchObject({
        ...{ step, problem, verdict, text: pieces.join("") },
      });
  expect(new Set(tokens.map(({ step }) => step)).size).toBe(30);
  const events = readFileSync(join(demo, "events.jsonl"), "utf8").trim().split("\n");
  const spans = phasesOf(events.map((line) => JSON.parse(line) as LoggedEvent));
  expect(spans.filter(({ phase }) => phase === "update_actor")).toHaveLength(30);
  expect(spans.some(({ phase }) => phase === "paused")).toBe(true);
});

test("the demo has what the page is for: a gain beyond noise, problems forgotten, and its own push again", async () => {
  const evals = (await run.evals()).filter(isSolveEval);
  expect(sinceStart(evals).at(-1)!.word).toBe("better");
  const fates = problemHistories(evals).map(({ fate }) => fate);
  for (const fate of ["always", "never", "learnt", "forgotten"] as const) expect(fates).toContain(fate);
  const answers = await all(run.answers(30));
  expect(answers.map(({ answers: [one] }) => (one!.verdict === "right" ? 1 : 0))).toEqual(
    evals.at(-1)!.right,
  );
  const [record] = (await all(run.tokens(1))) as [TokenRecord];
  const { nft } = await pushUnder(record, ["nft"]);
  record.answers.forEach(({ updates }, i) =>
    updates![0]!.push.forEach((push, t) => expect(nft![i]![t]! / push).toBeCloseTo(1, 3)),
  );
});
