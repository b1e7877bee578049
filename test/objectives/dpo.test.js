import { beforeAll, describe, expect, test } from "vitest";
import { dpo } from "../../src/loop/objectives/dpo.js";
import { evaluator, softmax, sum } from "../theory/tabular.js";
const beta = 0.3;
let evaluate;
beforeAll(async () => {
    evaluate = await evaluator(dpo({ beta }));
});
const row = (group, right, logp, logpOld) => ({
    logp,
    logpOld,
    columns: { group, right },
});
const rho = ({ logp, logpOld }) => sum(logp) - sum(logpOld);
describe("iterative DPO", () => {
    test("with two answers is DPO: −log σ(β(ρ_right − ρ_wrong))", async () => {
        const [chosen, rejected] = [row(0, 1, [-1, -0.5], [-1.4, -0.7]), row(0, 0, [-2], [-1.1])];
        const margin = beta * (rho(chosen) - rho(rejected));
        const { loss, dlogp } = await evaluate([rejected, chosen]);
        expect(loss).toBeCloseTo(Math.log(1 + Math.exp(-margin)), 14);
        const pull = beta / (1 + Math.exp(margin));
        expect(dlogp[1][0]).toBeCloseTo(-pull, 14);
        expect(dlogp[1][1]).toBeCloseTo(-pull, 14);
        expect(dlogp[0][0]).toBeCloseTo(pull, 14);
    });
    test("pulls each answer by what it should have of its group less what it has", async () => {
        const rows = [
            row(7, 1, [-1, -1.2], [-0.9, -1]),
            row(7, 0, [-2], [-2.5]),
            row(7, 1, [-0.1], [-0.6]),
            row(7, 0, [-3, -0.2, -1], [-3, -0.1, -2]),
        ];
        const has = softmax(rows.map((each) => beta * rho(each)));
        const { loss, dlogp } = await evaluate(rows);
        expect(loss).toBeCloseTo(-0.5 * (Math.log(has[0]) + Math.log(has[2])), 14);
        rows.forEach((each, i) => {
            const should = each.columns.right / 2;
            for (const got of dlogp[i])
                expect(got).toBeCloseTo(-beta * (should - has[i]), 14);
        });
    });
    test("keeps the groups of a mini-batch apart, in whatever order their answers come", async () => {
        const first = [row(0, 1, [-1], [-1.3]), row(0, 0, [-2, -1], [-2, -0.4])];
        const second = [row(4, 0, [-0.5], [-0.9]), row(4, 1, [-3], [-2]), row(4, 0, [-1], [-1])];
        const [a, b] = [await evaluate(first), await evaluate(second)];
        const mixed = await evaluate([second[2], first[0], second[0], first[1], second[1]]);
        expect(mixed.loss).toBeCloseTo(a.loss + b.loss, 14);
        expect(mixed.dlogp[1][0]).toBeCloseTo(a.dlogp[0][0], 14);
        expect(mixed.dlogp[4][0]).toBeCloseTo(b.dlogp[1][0], 14);
    });
    test("adds the right answers' own likelihood where rpo_alpha asks for it", async () => {
        const rows = [row(0, 1, [-1, -3], [-1, -3]), row(0, 0, [-2], [-2])];
        const [plain, more] = [await evaluate(rows), await (await evaluator(dpo({ beta, rpoAlpha: 0.5 })))(rows)];
        expect(more.loss - plain.loss).toBeCloseTo(0.5 * 2, 14);
        expect(more.dlogp[0][0] - plain.dlogp[0][0]).toBeCloseTo(-0.25, 14);
        expect(more.dlogp[1][0]).toBeCloseTo(plain.dlogp[1][0], 14);
    });
});
