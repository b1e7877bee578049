/** T4, T5, T8: gradients of NFT beside those of GRPO and Dr. GRPO, on-policy equal to float precision. */
import { describe, expect, test } from "vitest";
import { type ColumnOptions, withColumns } from "../../src/loop/groups/columns.ts";
import { toGroup } from "../../src/loop/groups/group.ts";
import type { LossAgg } from "../../src/loop/objectives/aggregation.ts";
import { makeObjective, type ObjectiveOptions } from "../../src/loop/objectives/objectives.ts";
import type { Group, JudgedRollout } from "../../src/loop/types.ts";
import { type Evaluate, evaluator, generator, largest, type Row, sum } from "./tabular.ts";

/** A group of `size` answers of 1 to 4 tokens, the first `right` of them right, as the loop makes it. */
function groupOf(size: number, right: number): Group {
  const problem = { id: "q", prompt: "q", answer: "a" };
  const rollouts = Array.from({ length: size }, (_, index): JudgedRollout => {
    const length = 1 + ((index * 7 + right) % 4);
    const zeros = new Float32Array(length);
    const rollout = {
      problem,
      prompt: Int32Array.of(1),
      index,
      text: "",
      tokens: new Int32Array(length),
      logps: zeros,
      entropies: zeros,
      stop: "eos" as const,
    };
    return { rollout, verdict: index < right ? { kind: "right" } : { kind: "wrong", because: "it is" } };
  });
  return toGroup(problem, rollouts);
}

const population: ColumnOptions = { scaleRewards: "group", rewardStd: "population" };
const differences: ColumnOptions = { scaleRewards: "none", rewardStd: "population" };

/** Rows with the columns of the loop, at log-ratios that `ratioAt` gives. */
function rowsOf(group: Group, options: ColumnOptions, logRatio: () => number): Row[] {
  return withColumns([group], options).map(({ rollout: { tokens }, columns }, i) => {
    const logpOld = Array.from(tokens, (_, t) => -0.3 - 0.41 * ((i + t) % 5));
    return { logpOld, logp: logpOld.map((each) => each + logRatio()), columns };
  });
}

const compiled = new Map<string, Promise<Evaluate>>();
function of(name: string, options: Partial<ObjectiveOptions> = {}, agg: LossAgg = "token-sum") {
  const key = JSON.stringify([name, options, agg]);
  if (!compiled.has(key)) compiled.set(key, evaluator(makeObjective(name, options, agg)));
  return compiled.get(key)!;
}

/** The largest relative difference of the gradients of two objectives on the same rows. */
async function apart(a: Evaluate, b: Evaluate, rows: readonly Row[], factor = 1): Promise<number> {
  const [left, right] = [(await a(rows)).dlogp.flat(), (await b(rows)).dlogp.flat()];
  return largest(left.map((each, i) => (each - factor * right[i]) / Math.abs(each)));
}

const on = () => 0;
const sizes = [4, 8, 16];
const rates = sizes.flatMap((size) => Array.from({ length: size - 1 }, (_, i) => [size, i + 1] as const));

describe("T5, on-policy", () => {
  const aggs: LossAgg[] = ["token-sum", "seq-mean-token-mean"];

  test.each(aggs)(
    "NFT weighted by √((1 − r)/r) is GRPO for every r, in %s (fails without the square root, or without the group mean)",
    async (agg) => {
      const [nft, grpo] = [await of("nft", { normalize: "grpo" }, agg), await of("grpo", {}, agg)];
      for (const [size, right] of rates)
        expect(await apart(nft, grpo, rowsOf(groupOf(size, right), population, on))).toBeLessThan(2e-14);
    },
  );

  test.each(aggs)(
    "NFT weighted by 1 − r is Dr. GRPO for every r, in %s (fails without the group mean)",
    async (agg) => {
      const [nft, drGrpo] = [await of("nft", { normalize: "dr_grpo" }, agg), await of("dr_grpo", {}, agg)];
      for (const [size, right] of rates)
        expect(await apart(nft, drGrpo, rowsOf(groupOf(size, right), differences, on))).toBeLessThan(2e-14);
    },
  );

  test("any floor up to 1 leaves that so; a floor of 4 divides what wrong answers weigh by 4", async () => {
    const rows = rowsOf(groupOf(8, 4), population, on);
    const grpo = await of("grpo");
    for (const clampNegative of [1e-6, 0.1, 1])
      expect(await apart(await of("nft", { normalize: "grpo", clampNegative }), grpo, rows)).toBeLessThan(
        1e-14,
      );
    const high = await (await of("nft", { normalize: "none", clampNegative: 4 }))(rows);
    expect(high.dlogp.at(-1)![0]).toBeCloseTo(0.25, 15);
  });

  test("GRPO as verl has it, with the sample's spread, is √((K − 1)/K) of it", async () => {
    const [nft, grpo] = [await of("nft", { normalize: "grpo" }), await of("grpo")];
    for (let right = 1; right < 16; right++) {
      const rows = rowsOf(groupOf(16, right), { scaleRewards: "group", rewardStd: "sample" }, on);
      // verl's 1e-6 beside the spread is all that is left
      expect(await apart(nft, grpo, rows, Math.sqrt(16 / 15))).toBeLessThan(1e-5);
    }
  });

  test("the objectives that clip otherwise, DAPO and CISPO, have GRPO's gradient", async () => {
    for (const [size, right] of rates) {
      const rows = rowsOf(groupOf(size, right), population, on);
      for (const name of ["dapo", "cispo"])
        expect(await apart(await of(name), await of("grpo"), rows)).toBeLessThan(1e-14);
    }
  });
});

describe("T4, off-policy", () => {
  const random = generator(3);
  const off = () => 1.6 * (random() - 0.5);

  test("NFT weighs ∇R by w/R where right and by −w·(r/(1 − r))/max(x, ε) where wrong (fails without the straight-through clip)", async () => {
    let [floored, negative] = [0, 0];
    for (const normalize of ["none", "dr_grpo", "grpo"] as const)
      for (const clampNegative of [0.01, 0.5, 1])
        for (let right = 1; right < 8; right++) {
          const r = right / 8;
          const weight = { none: 1, dr_grpo: 1 - r, grpo: Math.sqrt((1 - r) / r) }[normalize];
          const rows = rowsOf(groupOf(8, right), population, off);
          const { dlogp } = await (await of("nft", { normalize, clampNegative }))(rows);
          rows.forEach(({ logp, logpOld, columns }, i) =>
            logp.forEach((each, t) => {
              const ratio = Math.exp(each - logpOld[t]);
              const x = (1 - r * ratio) / (1 - r);
              if (columns.right === 0 && x < clampNegative) floored++;
              if (columns.right === 0 && x < 0) negative++;
              const coefficient =
                columns.right === 1 ? weight / ratio : (-weight * (r / (1 - r))) / Math.max(x, clampNegative);
              // the loss falls where a right token's ratio rises
              expect(dlogp[i][t] / (-coefficient * ratio)).toBeCloseTo(1, 11);
            }),
          );
        }
    expect(floored).toBeGreaterThan(100);
    expect(negative).toBeGreaterThan(20);
  });

  test("GRPO weighs ∇R by A inside the clip range and by 0 where it left it on the side that was asked for", async () => {
    for (let right = 1; right < 8; right++) {
      const rows = rowsOf(groupOf(8, right), population, off);
      const { dlogp } = await (await of("grpo", { epsilon: 0.2, epsilonHigh: 0.28 }))(rows);
      rows.forEach(({ logp, logpOld, columns: { advantage } }, i) =>
        logp.forEach((each, t) => {
          const ratio = Math.exp(each - logpOld[t]);
          const pushes = advantage > 0 ? ratio < 1.28 : ratio > 0.8;
          expect(dlogp[i][t]).toBeCloseTo(pushes ? -advantage * ratio : 0, 13);
        }),
      );
    }
  });

  test("NFT's gradient is what finite differences of its value give, where the floor is not reached", async () => {
    const evaluate = await of("nft", { normalize: "grpo", clampNegative: 1e-9 });
    const random = generator(9);
    const rows = rowsOf(groupOf(4, 1), population, () => 0.5 * (random() - 0.5));
    const { dlogp } = await evaluate(rows);
    const step = 1e-6;
    for (const [i, row] of rows.entries())
      for (const t of row.logp.keys()) {
        const moved = (by: number) =>
          evaluate(
            rows.map((each, j) => (j === i ? { ...each, logp: row.logp.with(t, row.logp[t] + by) } : each)),
          );
        const slope = ((await moved(step)).loss - (await moved(-step)).loss) / (2 * step);
        expect(dlogp[i][t]).toBeCloseTo(slope, 8);
      }
  });

  test("and gives the reference's values at its tabulated points (fails without the straight-through clip)", async () => {
    // right, r, log-ratio, floor, weight, loss, d loss / d log-prob
    const points = [
      [1, 0.25, 0.2, 1, "dr_grpo", -0.15, -0.75],
      [1, 0.25, 0.2, 1, "grpo", -0.34641, -1.732051],
      [1, 0.25, -0.7, 1, "none", 0.7, -1],
      [0, 0.25, 0, 1, "dr_grpo", 0, 0.25],
      [0, 0.25, 0, 1, "grpo", 0, 0.57735],
      [0, 0.25, 0.2, 1, "dr_grpo", 0, 0.305351],
      [0, 0.25, 0.2, 0.1, "dr_grpo", 0.0575, 0.329681],
      [0, 0.25, -0.7, 1, "dr_grpo", -0.116344, 0.106307],
      [0, 0.75, 0.2, 1, "dr_grpo", 0, 0.916052],
      [0, 0.75, 0.2, 0.1, "dr_grpo", 0.272816, 2.728036],
      [0, 0.75, 0.5, 0.1, "dr_grpo", 0.575646, 12.36541],
      [0, 0.75, 0.5, 1, "grpo", 0, 2.855669],
      [0, 0.75, -0.7, 1, "none", -0.92038, 0.593471],
      [0, 0.9375, 0.1, 1, "dr_grpo", 0, 1.036098],
      [0, 0.5, 0, 4, "none", -1.386294, 0.25],
    ] as const;
    for (const [right, solveRate, change, clampNegative, normalize, loss, slope] of points) {
      const evaluate = await of("nft", { normalize, clampNegative });
      const found = await evaluate([{ logp: [change - 1], logpOld: [-1], columns: { right, solveRate } }]);
      expect(found.loss).toBeCloseTo(loss, 5);
      expect(found.dlogp[0][0]).toBeCloseTo(slope, 5);
    }
  });
});

describe("T8, a group on-policy", () => {
  test("pushes up as much as it pushes down, whatever the weight (fails without the group mean)", async () => {
    for (const [size, right] of rates) {
      // of one token each, for answers of different lengths push differently often
      const single = { ...groupOf(size, right) };
      const rows = rowsOf(single, population, on).map((row) => ({
        ...row,
        logp: row.logp.slice(0, 1),
        logpOld: row.logpOld.slice(0, 1),
      }));
      for (const normalize of ["none", "dr_grpo", "grpo"] as const) {
        const { dlogp } = await (await of("nft", { normalize }))(rows);
        expect(Math.abs(sum(dlogp.flat()))).toBeLessThan(1e-12);
      }
      for (const name of ["grpo", "cispo", "gspo"]) {
        const { dlogp } = await (await of(name))(rows);
        expect(Math.abs(sum(dlogp.flat()))).toBeLessThan(1e-12);
      }
    }
  });

  test("does not where wrong answers weigh less than the theory has it", async () => {
    const rows = rowsOf(groupOf(4, 2), population, on).map((row) => ({ ...row, logp: [-1], logpOld: [-1] }));
    const { dlogp } = await (await of("nft", { negWeight: 0.5 }))(rows);
    expect(sum(dlogp.flat())).toBeCloseTo(-0.5, 12);
  });
});
