/** T6, T7 and the trajectories: how NFT and GRPO part once the policy has moved, and what the floor bounds. */
import { beforeAll, describe, expect, test } from "vitest";
import { advantages } from "../../src/loop/groups/advantages.js";
import { makeObjective } from "../../src/loop/objectives/objectives.js";
import { evaluator, generator, gradientOfTable, largest, minus, softmax } from "./tabular.js";
let nft;
let grpo;
beforeAll(async () => {
    nft = await evaluator(makeObjective("nft", { normalize: "grpo" }));
    grpo = await evaluator(makeObjective("grpo", {}, "token-sum"));
});
/** −d loss / d log-prob of one token: how strongly it is pushed up. */
async function push(evaluate, right, r, ratio) {
    const advantage = right === 1 ? Math.sqrt((1 - r) / r) : -Math.sqrt(r / (1 - r));
    const columns = { right, solveRate: r, advantage };
    return -(await evaluate([{ logp: [Math.log(ratio) - 1], logpOld: [-1], columns }])).dlogp[0][0];
}
describe("T6, away from the old policy", () => {
    const r = 0.25;
    const [up, down] = [Math.sqrt((1 - r) / r), -Math.sqrt(r / (1 - r))];
    test("right tokens are pushed the same by NFT however far they went, by GRPO in proportion and then not at all", async () => {
        for (const ratio of [0.5, 1, 1.1, 3]) {
            expect(await push(nft, 1, r, ratio)).toBeCloseTo(up, 12);
            expect(await push(grpo, 1, r, ratio)).toBeCloseTo(ratio < 1.2 ? up * ratio : 0, 12);
        }
    });
    test("wrong tokens that rose are pushed down the same by both", async () => {
        for (const ratio of [1, 1.3, 3, 5]) {
            expect(await push(nft, 0, r, ratio)).toBeCloseTo(down * ratio, 12);
            expect(await push(grpo, 0, r, ratio)).toBeCloseTo(down * ratio, 12);
        }
    });
    test("wrong tokens that fell are pushed ever less by NFT, and by GRPO not at all below the clip", async () => {
        let before = Number.POSITIVE_INFINITY;
        for (const ratio of [0.95, 0.7, 0.3, 0.01]) {
            const soft = await push(nft, 0, r, ratio);
            expect(soft).toBeCloseTo((down * ratio * (1 - r)) / (1 - r * ratio), 12);
            expect(Math.abs(soft)).toBeLessThan(before);
            expect(await push(grpo, 0, r, ratio)).toBeCloseTo(ratio > 0.8 ? down * ratio : 0, 12);
            before = Math.abs(soft);
        }
    });
});
describe("T7, the floor", () => {
    test("bounds how hard a rising wrong token is pushed down: r/(1 − r)/ε for each unit of its ratio", async () => {
        for (const clampNegative of [1e-6, 0.1, 1]) {
            const evaluate = await evaluator(makeObjective("nft", { normalize: "none", clampNegative }));
            for (const r of [0.0625, 0.25, 0.5, 0.9375])
                for (const ratio of [1.001, 1.1, 1.5, 4, 30]) {
                    const coefficient = Math.abs(await push(evaluate, 0, r, ratio)) / ratio;
                    expect(coefficient).toBeLessThanOrEqual((r / (1 - r) / clampNegative) * (1 + 1e-8));
                    // and reaches it where the log's argument fell to the floor (fails without the straight-through clip)
                    if ((1 - r * ratio) / (1 - r) <= clampNegative)
                        expect(coefficient / (r / (1 - r) / clampNegative)).toBeCloseTo(1, 9);
                }
        }
    });
    test("and the loss with it: a wrong token costs from log(1 − r) to −log ε, and no less", async () => {
        for (const clampNegative of [0.01, 1]) {
            const evaluate = await evaluator(makeObjective("nft", { normalize: "none", clampNegative }));
            for (const solveRate of [0.1, 0.5, 0.9])
                for (const logRatio of [-50, -3, -0.1, 0, 0.1, 3, 9]) {
                    const row = { logp: [logRatio - 60], logpOld: [-60], columns: { right: 0, solveRate } };
                    const { loss } = await evaluate([row]);
                    expect(loss).toBeGreaterThanOrEqual(Math.log(1 - solveRate) - 1e-8);
                    expect(loss).toBeLessThanOrEqual(-Math.log(clampNegative) + 1e-8);
                }
        }
    });
    test("is what the naive contrast lacks: its wrong tokens cost less without end", async () => {
        const evaluate = await evaluator(makeObjective("naive"));
        const at = async (logp) => (await evaluate([{ logp: [logp], logpOld: [-1], columns: { right: 0, solveRate: 0.5 } }])).loss;
        expect(await at(-1)).toBe(0);
        expect(await at(-1001)).toBeCloseTo(-1000, 9);
        expect(await push(evaluate, 0, 0.5, 1e-9)).toBeCloseTo(-1, 12);
    });
});
describe("the parameters, over steps of sampling and learning", () => {
    const rights = [1, 0, 0, 1, 0, 0];
    const problems = 4;
    const answers = 8;
    /** The parameters after each update, answers drawn by the same numbers whatever the objective. */
    async function trajectory(evaluate, steps, updates) {
        const random = generator(17);
        let logits = [0.2, 0.6, -0.4, -0.1, 0.5, 0];
        const path = [];
        for (let step = 0; step < steps; step++) {
            const old = softmax(logits);
            const draw = () => {
                let left = random();
                return Math.max(0, old.findIndex((p) => (left -= p) < 0));
            };
            const groups = Array.from({ length: problems }, () => Array.from({ length: answers }, draw));
            const draws = groups.flatMap((group) => {
                const rewards = group.map((answer) => rights[answer]);
                const solveRate = rewards.reduce((a, b) => a + b, 0) / answers;
                if (solveRate === 0 || solveRate === 1)
                    return [];
                const [own] = advantages([rewards], { scaleRewards: "group", rewardStd: "population" });
                return group.map((answer, i) => ({
                    answer,
                    weight: 1 / problems / answers,
                    columns: { right: rewards[i], solveRate, advantage: own[i] },
                }));
            });
            for (let update = 0; update < updates; update++) {
                const gradient = await gradientOfTable(evaluate, logits, old, draws);
                logits = logits.map((logit, j) => logit - 0.5 * gradient[j]);
                path.push(logits);
            }
        }
        return path;
    }
    test("coincide for NFT and GRPO with one update a step (fails without the square root, or without the group mean)", async () => {
        const [a, b] = [await trajectory(nft, 25, 1), await trajectory(grpo, 25, 1)];
        expect(largest(minus(a.at(-1), a[0]))).toBeGreaterThan(0.5);
        for (const [i, own] of a.entries())
            expect(largest(minus(own, b[i]))).toBeLessThan(1e-12);
    });
    test("part at the second update with two of them", async () => {
        const [a, b] = [await trajectory(nft, 3, 2), await trajectory(grpo, 3, 2)];
        expect(largest(minus(a[0], b[0]))).toBeLessThan(1e-14);
        expect(largest(minus(a[1], b[1]))).toBeGreaterThan(1e-4);
    });
});
