/** Rewards between right and wrong: from a verifier's score to the gradient of GRPO's family. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { score } from "../../src/engine/embedded/score.ts";
import { gradientOf } from "../../src/engine/embedded/update.ts";
import type { Completion } from "../../src/engine/engine.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { withColumns } from "../../src/loop/groups/columns.ts";
import { differsInScore, isMixed, toGroup } from "../../src/loop/groups/group.ts";
import { makeObjective } from "../../src/loop/objectives/objectives.ts";
import { train } from "../../src/loop/train.ts";
import type { JudgedRollout, Verdict } from "../../src/loop/types.ts";
import type { RolloutRecord, StepRecord } from "../../src/run/records.ts";
import { smallNetwork, tokens } from "../engine/small.ts";
import { tinyRun } from "../loop/tiny.ts";
import { evaluator, type Row } from "../theory/tabular.ts";

const problem = { id: "p", prompt: "?", answer: "1" };
const scored = (score: number): JudgedRollout => {
  const completion: Completion = {
    tokens: Int32Array.of(1, 2),
    logps: Float32Array.of(-1, -1),
    entropies: Float32Array.of(1, 1),
    stop: "eos",
  };
  const verdict: Verdict = { kind: score >= 0.5 ? "right" : "wrong", because: "", score };
  return { rollout: { ...completion, problem, prompt: Int32Array.of(0), index: 0, text: "" }, verdict };
};

const scores = [
  [0, 0.25, 0.3, 0.9],
  [0.1, 0.2, 0.4, 0.45],
];
const old = [
  [[-1.1, -0.4], [-2.3], [-0.2, -0.9, -1.7], [-0.6]],
  [[-0.8], [-1.4, -0.3], [-2.1, -0.7], [-0.5, -1.2]],
];
// some ratios are within the clip range and some beyond it, on either side
const now = old.map((group) =>
  group.map((answer, i) => answer.map((logp, t) => logp + [0.05, -0.4, 0.5, -0.1][(i + t) % 4]!)),
);

/** The loss as the papers write it, over plain numbers. */
function straightforward(name: string, logps: readonly (readonly (readonly number[])[])[]): number {
  const high = name === "dapo" ? 0.28 : 0.2;
  let [sum, tokens, answers] = [0, 0, 0];
  logps.forEach((group, g) => {
    const rewards = scores[g]!;
    const mean = rewards.reduce((a, b) => a + b) / rewards.length;
    const variance = rewards.reduce((a, b) => a + (b - mean) ** 2, 0) / (rewards.length - 1);
    group.forEach((answer, i) => {
      const advantage = (rewards[i]! - mean) / (name === "dr_grpo" ? 1 : Math.sqrt(variance) + 1e-6);
      const losses = answer.map((logp, t) => {
        const ratio = Math.exp(logp - old[g]![i]![t]!);
        const clipped = Math.min(Math.max(ratio, 0.8), 1 + high);
        return -Math.min(ratio * advantage, clipped * advantage);
      });
      const own = losses.reduce((a, b) => a + b);
      sum += name === "grpo" ? own / (answer.length + 1e-8) : own;
      tokens += answer.length;
      answers++;
    });
  });
  return sum / { grpo: answers, dapo: tokens, dr_grpo: 1 }[name]!;
}

describe.each(["grpo", "dr_grpo", "dapo"])("%s", (name) => {
  test("has the loss of its scores, and the gradient of that loss by finite differences", async () => {
    const groups = scores.map((own) => toGroup(problem, own.map(scored)));
    const scaleRewards = name === "dr_grpo" ? "none" : "group";
    const columns = withColumns(groups, { scaleRewards, rewardStd: "sample" }).map((one) => one.columns);
    const rows: Row[] = now
      .flat()
      .map((logp, i) => ({ logp, logpOld: old.flat()[i]!, columns: { ...columns[i]! } }));
    const divisor = { grpo: 8, dapo: now.flat(2).length, dr_grpo: 1 }[name]!;
    const { loss, dlogp } = await (await evaluator(makeObjective(name)))(rows, divisor);
    expect(loss).toBeCloseTo(straightforward(name, now), 12);
    const step = 1e-6;
    now.forEach((group, g) =>
      group.forEach((answer, i) =>
        answer.forEach((_, t) => {
          const moved = (by: number) =>
            straightforward(
              name,
              now.map((one, a) =>
                one.map((each, b) => each.map((x, c) => (a === g && b === i && c === t ? x + by : x))),
              ),
            );
          const difference = (moved(step) - moved(-step)) / (2 * step);
          expect(dlogp[4 * g + i]![t]).toBeCloseTo(difference, 8);
        }),
      ),
    );
  });
});

test.each(["grpo", "dapo", "gspo"])(
  "%s has the gradient of its scores in the weights of a model, by finite differences",
  async (name) => {
    const network = await smallNetwork();
    const sequences = [3, 9, 1, 6, 4, 4].map((length, i) => ({
      prompt: tokens(5, 40 + (i % 2)),
      completion: tokens(length, i),
    }));
    const before = await score(network, sequences, 1, 1000);
    const groups = [
      [0, 0.25, 0.9],
      [0.1, 0.2, 0.2],
    ].map((own) => toGroup(problem, own.map(scored)));
    const compared = withColumns(groups, { scaleRewards: "group", rewardStd: "sample" });
    const examples = sequences.map((sequence, i) => ({
      ...sequence,
      // far from where the clip begins, which has no derivative
      logpsOld: before[i]!.logps.map((logp, t) => logp + [0.05, -0.4, 0.5, -0.1][(i + t) % 4]!),
      columns: { ...compared[i]!.columns },
    }));
    const objective = traceObjective(makeObjective(name, { epsilon: 0.2, epsilonHigh: 0.2 }));
    const options = { lossScale: 6, temperature: 1, budget: 1000, keep: true };
    const report = () => gradientOf(network, examples, objective, name, options);
    const first = (await report()).gradients.tensors;
    const gradient = new Map([...first].map(([tensor, values]) => [tensor, Float64Array.from(values)]));
    const { tensors } = network.parameters;
    const norm = Math.hypot(...[...gradient.values()].flatMap((values) => [...values]));
    expect(norm).toBeGreaterThan(1e-3);
    const start = new Map([...tensors].map(([tensor, values]) => [tensor, values.slice()]));
    const lossAt = async (step: number) => {
      for (const [tensor, values] of tensors)
        values.set(start.get(tensor)!.map((value, i) => value + (step * gradient.get(tensor)![i]!) / norm));
      return (await report()).loss;
    };
    const step = 0.003;
    const difference = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    expect(Math.abs(difference / norm - 1)).toBeLessThan(2e-3);
    await network.release();
  },
);

test("a group without a right answer teaches where its scores differ", () => {
  const group = toGroup(problem, [0.1, 0.3].map(scored));
  expect([isMixed(group), differsInScore(group)]).toEqual([false, true]);
  expect(differsInScore(toGroup(problem, [0.3, 0.3].map(scored)))).toBe(false);
});

describe("a run whose verifier gives scores alone", () => {
  // the share of the longest answer that is left: no answer is ever right
  const shortness = (_: unknown, answer: string) => 0.49 * (1 - answer.length / 48);

  test("learns from them with grpo, where no answer is right", async () => {
    const { folder, options } = await tinyRun();
    await train({ ...options, verifier: shortness, algorithm: "grpo", maxSteps: 2, evalOnStart: false });
    const lines = <T>(file: string): T[] =>
      readFileSync(join(options.outputDir!, file), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    const steps = lines<StepRecord>("steps.jsonl");
    expect(steps.every(({ skipped }) => skipped === undefined)).toBe(true);
    expect(steps[0]!.metrics["train/acc_all"]).toBe(0);
    expect(steps[0]!.metrics["critic/score/max"]).toBeGreaterThan(0);
    // nothing is solved in part, and yet groups teach
    expect(steps[0]!.metrics["groups/solved_some"]).toBe(0);
    expect(steps[0]!.metrics["groups/effective_ratio"]).toBeGreaterThan(0);
    const judged = lines<RolloutRecord>("rollouts.jsonl").filter(({ stop }) => stop === "eos");
    expect(judged.length).toBeGreaterThan(0);
    expect(judged.every(({ verdict, score }) => verdict === "wrong" && score! < 0.5)).toBe(true);
    rmSync(folder, { recursive: true });
  });

  test("learns nothing from them with nft, unless score_threshold makes some of them right", async () => {
    const { folder, options } = await tinyRun();
    const nft = { ...options, verifier: shortness, maxSteps: 1, filterGroupsMaxNumGenBatches: 1 };
    const skipped = async (given: object) => {
      await train({ ...nft, ...given });
      const { outputDir } = { ...nft, ...given };
      return (JSON.parse(readFileSync(join(outputDir!, "steps.jsonl"), "utf8")) as StepRecord).skipped;
    };
    expect(await skipped({})).toMatch(/solved by no answer/);
    expect(await skipped({ scoreThreshold: 0.1, outputDir: join(folder, "other") })).toBeUndefined();
    rmSync(folder, { recursive: true });
  });
});
