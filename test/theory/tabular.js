import { objectiveGradient, traceObjective } from "../../src/engine/objective-program.js";
import { compile } from "../../src/engine/onnx/run.js";
/** The objective on rows of any number and length. */
export async function evaluator(objective) {
    const program = await compile(objectiveGradient(traceObjective(objective)), 1);
    return async (rows, lossScale = 1) => {
        const B = rows.length;
        const T = Math.max(...rows.map(({ logp }) => logp.length));
        const matrix = (of) => ({
            data: Float64Array.from({ length: B * T }, (_, i) => of(rows[Math.floor(i / T)])[i % T] ?? 0),
            dims: [B, T],
        });
        const results = await program.run({
            logp: matrix(({ logp }) => logp),
            logpOld: matrix(({ logpOld }) => logpOld),
            mask: matrix(({ logp }) => logp.map(() => 1)),
            ...Object.fromEntries(objective.columns.map((name) => [
                `column/${name}`,
                { data: Float64Array.from(rows, ({ columns }) => columns[name]), dims: [B, 1] },
            ])),
            lossScale: { data: Float64Array.of(lossScale), dims: [] },
        });
        const { loss, dlogp, ...metrics } = results;
        return {
            loss: loss.data[0],
            dlogp: rows.map(({ logp }, b) => logp.map((_, t) => dlogp.data[b * T + t])),
            metrics: Object.fromEntries(Object.entries(metrics).map(([name, { data }]) => [name, data[0]])),
        };
    };
}
export function softmax(logits) {
    const peak = Math.max(...logits);
    const parts = logits.map((logit) => Math.exp(logit - peak));
    const total = sum(parts);
    return parts.map((part) => part / total);
}
export const sum = (values) => values.reduce((a, b) => a + b, 0);
export const dot = (a, b) => sum(a.map((x, i) => x * b[i]));
export const largest = (values) => Math.max(...values.map(Math.abs));
export const minus = (a, b) => a.map((x, i) => x - b[i]);
/** Σ weight · d loss / d logits, over draws of answers of one token each; for objectives that do not couple. */
export async function gradientOfTable(evaluate, logits, old, draws) {
    const policy = softmax(logits);
    const { dlogp } = await evaluate(draws.map(({ answer, columns }) => ({
        logp: [Math.log(policy[answer])],
        logpOld: [Math.log(old[answer])],
        columns,
    })));
    const total = logits.map(() => 0);
    draws.forEach(({ answer, weight }, i) => {
        // d log softmax(θ)_a / dθ_j = 1[a = j] − π_j
        for (let j = 0; j < total.length; j++)
            total[j] += weight * dlogp[i][0] * ((answer === j ? 1 : 0) - policy[j]);
    });
    return total;
}
/** Gradient descent from π_old until the gradient is as good as gone; the policy it ends at. */
export async function descend(evaluate, old, draws, { rate = 1, steps = 20_000, until = 1e-12 } = {}) {
    let logits = old.map(Math.log);
    for (let step = 0; step < steps; step++) {
        const gradient = await gradientOfTable(evaluate, logits, old, draws);
        if (largest(gradient) < until)
            break;
        logits = logits.map((logit, j) => logit - rate * gradient[j]);
    }
    return softmax(logits);
}
/** A small generator, so that what is drawn is the same in every run. */
export function generator(seed) {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}
