/** What a run would do, beside what the run's own session finds. */
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  const [first] = session.order.choose(1, 0, 1).map(({ index }) => index);
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

test("what the run would refuse of a user's own code is refused, and what it would warn of is told", async () => {
  const { folder, options } = await tinyRun();
  const own = (name: string, source: string) => {
    writeFileSync(join(folder, name), source);
    return join(folder, name);
  };
  const planned = (given: GivenOptions) => plan("train", optionsOf("train", { ...options, ...given }));
  const throwing = own("throws.mjs", "export default () => { throw new Error('on purpose'); };");
  await expect(planned({ verifier: throwing })).rejects.toThrow(/0 of 12.*on purpose/);
  await expect(planned({ verifier: own("broken.mjs", "export default (;") })).rejects.toThrow(/broken/);
  await expect(planned({ objective: own("one.mjs", "export default 1;") })).rejects.toThrow(
    /objective .*one/,
  );
  const label = own(
    "label.mjs",
    "export default (problem, answer) => answer.endsWith('Label: ' + problem.answer);",
  );
  writeFileSync(options.dataset, '{"problem":"1+1=?","answer":"2"}\n{"problem":"Say a word."}\n');
  const { problems } = await planned({ verifier: label });
  expect(problems[0]).toMatchObject({
    count: 2,
    notices: [expect.stringMatching(/^0 of 1 reference answers of problems pass .*label\.mjs/)],
  });
  rmSync(folder, { recursive: true });
});
