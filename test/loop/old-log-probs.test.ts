import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gather } from "../../src/loop/collect-groups.ts";
import { type Learnt, learn } from "../../src/loop/policy-update.ts";
import { openTraining, type TrainSession } from "../../src/loop/session/train-session.ts";
import type { Group } from "../../src/loop/types.ts";
import { tinyRun } from "./tiny.ts";

/** One session whose updates do nothing to speak of, so that its policy stays the one that sampled. */
let session: TrainSession;
let groups: readonly Group[];
let folder: string;

beforeAll(async () => {
  const tiny = await tinyRun();
  folder = tiny.folder;
  session = await openTraining(
    { ...tiny.options, learningRate: 1e-9, weightDecay: 0, numGenerations: 8, temperature: 0.8, topK: 20 },
    {},
  );
  groups = (await gather(session, 1, 0))!.kept;
});
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});

/** What is learnt, and the work of scoring it took. */
async function learnt(
  recomputeLogprobs: boolean,
  from = groups,
): Promise<Learnt & { readonly work: number }> {
  const before = session.engine.flops!.score;
  const options = { ...session.options, recomputeLogprobs };
  const found = await learn({ ...session, options }, from, 1);
  return { ...found, work: session.engine.flops!.score - before };
}

describe("without recompute_logprobs", () => {
  test("one group is scored, and what is learnt is the same, at any temperature and top_k", async () => {
    const [scored, sampled] = [await learnt(true), await learnt(false)];
    expect(groups.length).toBe(4);
    expect(sampled.work).toBeGreaterThan(0);
    expect(sampled.work).toBeLessThan(0.5 * scored.work);
    expect(sampled.difference.max).toBeLessThan(1e-4);
    expect(sampled.answers).toBe(scored.answers);
    for (const [i, report] of scored.reports.entries()) {
      expect(sampled.reports[i].gradNorm! / report.gradNorm!).toBeCloseTo(1, 4);
      expect(sampled.reports[i].metrics["nft/ratio_right/mean"]).toBeCloseTo(1, 4);
    }
  });

  test("all are scored where the group says that sampling and scoring are apart", async () => {
    const apart = groups.map((group) => ({
      ...group,
      rollouts: group.rollouts.map((one) => ({
        ...one,
        rollout: { ...one.rollout, logps: one.rollout.logps.map((logp) => logp - 0.5) },
      })),
    }));
    const [scored, found] = [await learnt(true, apart), await learnt(false, apart)];
    expect(found.work).toBeGreaterThan(scored.work);
    expect(found.difference.mean).toBeCloseTo(0.5, 4);
    expect(found.reports[0].metrics["nft/ratio_right/mean"]).toBeCloseTo(1, 4);
  });
});
