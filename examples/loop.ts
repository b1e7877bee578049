/**
 * The loop by itself: Negative-aware Fine-Tuning, from a model and a list of problems to a better model.
 *
 *   npx tsx examples/loop.ts [folder]
 *
 * These are the pieces that `errata train` is made of, and with the same options it gives the same weights, bit for
 * bit (test/library/loop.test.ts). What it has beside them: runs that resume, evaluations, records and checks.
 */
import { mkdir } from "node:fs/promises";
import {
  generators,
  isMixed,
  type JudgedRollout,
  learningRateAt,
  learntTokens,
  loadModel,
  lossScale,
  miniBatches,
  nft,
  openVerifier,
  promptRenderer,
  type Rollout,
  ShuffledSampler,
  sampleRollouts,
  toGroup,
  withColumns,
  withScores,
} from "errata";

const [folder = "better"] = process.argv.slice(2);
const seed = 42;
const steps = 2;
const groupsPerStep = 4;
const groupsPerUpdate = 2;
const mostRounds = 10;
const temperature = 1;
const sampling = { answers: 8, maxTokens: 64, temperature, topP: 1, topK: 0, seed };
const schedule = { learningRate: 1e-4, warmupSteps: 2, lrSchedulerType: "constant" } as const;
const adamw = { weightDecay: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, maxGradNorm: 1 };

// Problems, as the model is asked them and in the order they are drawn
const { engine, tokenizer } = await loadModel("pocket");
const render = promptRenderer(tokenizer);
const problems = generators.pocket({ count: 64, seed, split: "train" });
const asked = problems.map((problem) => ({ problem, ...render(problem) }));
const order = new ShuffledSampler(asked.length, seed);
let draws = 0;

// A verdict: right, wrong, or an error, which teaches nothing. An answer without an end is wrong
const verifier = await openVerifier("math");
async function judge(rollout: Rollout): Promise<JudgedRollout> {
  if (rollout.stop === "length") return { rollout, verdict: { kind: "wrong", because: "not finished" } };
  const [verdict] = await verifier.verify([{ problem: rollout.problem, answer: rollout.text }]);
  return { rollout, verdict: verdict! };
}

/** The answers to fresh problems, judged, as groups. */
async function sampleGroups(step: number) {
  const drawn = order.range(draws, groupsPerStep).map((at, i) => ({ ...asked[at]!, draw: draws + i }));
  draws += drawn.length;
  const rollouts = await sampleRollouts(engine, tokenizer, drawn, { ...sampling, step });
  const judged = await Promise.all(rollouts.map((own) => Promise.all(own.map(judge))));
  return judged.map((own, i) => toGroup(drawn[i]!.problem, own));
}

const objective = nft();
for (let step = 1; step <= steps; step++) {
  // Groups all right or all wrong teach nothing: others are sampled in their place
  const groups = [];
  for (let round = 0; round < mostRounds && groups.length < groupsPerStep; round++)
    groups.push(...(await sampleGroups(step)).filter(isMixed));
  const rollouts = withColumns(groups.slice(0, groupsPerStep), { scaleRewards: "none", rewardStd: "sample" });
  if (rollouts.length === 0) continue;

  // π_old is the policy that sampled, by the log-probs it sampled with, and stays so for all updates of the step
  const scored = withScores(
    rollouts,
    rollouts.map(({ rollout }) => rollout),
  );

  for (const batch of miniBatches(scored, groupsPerUpdate, objective.columns)) {
    const sizes = { answers: batch.length, tokens: learntTokens(batch) };
    const report = await engine.update(batch, objective, {
      ...adamw,
      number: engine.updates + 1,
      learningRate: learningRateAt(schedule, step, steps),
      lossScale: lossScale("token-sum", sizes, 1000),
      temperature,
    });
    console.log(`step ${step}   loss ${report.loss.toFixed(4)}   gradient ${report.gradNorm?.toFixed(3)}`);
  }
}

await mkdir(folder, { recursive: true });
await engine.save(folder);
await verifier.close();
await engine.close();
