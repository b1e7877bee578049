/** What a run would do, beside what the run's own session finds. */
import { appendFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { plan } from "../../src/commands/doctor/plan.ts";
import { openSft } from "../../src/loop/session/sft-session.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { tinyRun } from "../loop/tiny.ts";

const optionsOf = (command: "train" | "sft", given: GivenOptions) =>
  resolveOptions(command, { given }).options;

test("worked examples that are too long with their solution are counted as sft counts them", async () => {
  const { folder, options } = await tinyRun();
  const long = { problem: "1+1=?", answer: "2", solution: "I count and count. ".repeat(4) };
  appendFileSync(options.dataset!, `${JSON.stringify(long)}\n`);
  const given = {
    ...{ model: options.model!, dataset: options.dataset!, outputDir: options.outputDir! },
    ...{ threads: 1, miniBatchSize: 5 },
  };

  const planned = await plan("sft", optionsOf("sft", given));
  const session = await openSft(given, {});
  expect(planned.problems[0]).toMatchObject({
    count: 12,
    notices: [expect.stringMatching(/1 of 13 examples left out/)],
  });
  expect(session.examples).toHaveLength(12);
  expect(session.steps).toBe(3);
  expect(planned.batches[0]).toContain("3 steps pass over 12 examples 1.25 times");
  const [first] = session.order.range(0, 1);
  expect(planned.prompt.tokens).toBe(session.examples[first].prompt.length);
  await session.close();
  rmSync(folder, { recursive: true });
});

test("without dynamic sampling there is one round, of the problems that are learnt from", async () => {
  const { folder, options } = await tinyRun();
  const sampling = { ...options, genBatchSize: 8, filterGroupsMaxNumGenBatches: 3 };
  const off = await plan("train", optionsOf("train", { ...sampling, filterGroupsEnable: false }));
  expect(off.batches[1]).toBe("a round samples 4 problems × 4 answers = 16; 1 round");
  const on = await plan("train", optionsOf("train", sampling));
  expect(on.batches[1]).toBe(
    "a round samples 8 problems × 4 answers = 32; up to 3 rounds, until 4 groups are mixed",
  );
  rmSync(folder, { recursive: true });
});
