import { describe, expect, test } from "vitest";
import { advantages, reward, standardDeviation } from "../../src/loop/groups/advantages.ts";

const sample = { scaleRewards: "group", rewardStd: "sample" } as const;

describe("an advantage", () => {
  test("is the reward less the group's mean over its sample standard deviation and 1e-6, as in verl", () => {
    // torch.tensor([1., 0, 0, 0]).std() is 0.5
    const [[right, wrong]] = advantages([[1, 0, 0, 0]], sample);
    expect(right).toBeCloseTo(0.75 / (0.5 + 1e-6), 12);
    expect(wrong).toBeCloseTo(-0.25 / (0.5 + 1e-6), 12);
  });

  test("with the population's standard deviation is √((1 − r)/r) where right and −√(r/(1 − r)) where wrong", () => {
    for (let k = 1; k < 16; k++) {
      const r = k / 16;
      const rewards = Array.from({ length: 16 }, (_, i) => (i < k ? 1 : 0));
      const [own] = advantages([rewards], { scaleRewards: "group", rewardStd: "population" });
      expect(own[0]).toBeCloseTo(Math.sqrt((1 - r) / r), 13);
      expect(own[15]).toBeCloseTo(-Math.sqrt(r / (1 - r)), 13);
    }
  });

  test("is the difference alone where rewards are not scaled", () => {
    expect(advantages([[1, 0, 0, 0], [1]], { ...sample, scaleRewards: "none" })).toEqual([
      [0.75, -0.25, -0.25, -0.25],
      [0],
    ]);
  });

  test("is divided by the spread of all rewards of the step where they are scaled by the batch", () => {
    const rewards = [
      [1, 0],
      [0, 0],
    ];
    const [[first]] = advantages(rewards, { scaleRewards: "batch", rewardStd: "population" });
    expect(first).toBeCloseTo(0.5 / standardDeviation([1, 0, 0, 0], "population"), 14);
  });

  test("is 0 in a group that agrees, whatever it agrees on", () => {
    for (const rewardStd of ["sample", "population"] as const)
      for (const value of [0, 1, 0.3])
        for (const each of advantages([[value, value, value]], { scaleRewards: "group", rewardStd })[0])
          expect(Math.abs(each)).toBeLessThan(1e-9);
    expect(advantages([[], [1]], sample)).toEqual([[], [0]]);
  });
});

describe("overlong shaping", () => {
  const buffer = { maxLength: 100, length: 20, penaltyFactor: 1 };

  test("takes nothing before the buffer and half a right answer's worth at the longest", () => {
    expect([80, 81, 90, 100].map((tokens) => reward(1, tokens, buffer))).toEqual([1, 0.975, 0.75, 0.5]);
    expect(reward(0, 100, buffer)).toBe(-0.5);
    expect(reward(1, 100)).toBe(1);
  });
});
