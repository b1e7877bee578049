/**
 * Learning, measured: one micro-batch of answers, scored and learnt from by the objective that the options name.
 */
import type { BatchShape } from "../../engine/embedded/memory.ts";
import type { Completion, Engine } from "../../engine/engine.ts";
import type { Objective } from "../../engine/objective.ts";
import { learntTokens } from "../../engine/objective-inputs.ts";
import { withColumns } from "../../loop/groups/columns.ts";
import { miniBatches, sequenceOf, withScores } from "../../loop/groups/examples.ts";
import { toGroup } from "../../loop/groups/group.ts";
import { lossScale } from "../../loop/objectives/aggregation.ts";
import { optimizer } from "../../loop/policy-update.ts";
import { columnOptions, lossAggOf } from "../../loop/session/build-objective.ts";
import type { Group, JudgedRollout } from "../../loop/types.ts";
import type { AnyOptions } from "../../options/options.ts";
import type { SamplingSpeed } from "./measure-sampling.ts";

export interface LearningSpeed {
  /** Tokens of the micro-batch, each prompt once. */
  readonly tokens: number;
  readonly scoredPerSecond: number;
  /** Forward and backward. */
  readonly updatedPerSecond: number;
  /** Of AdamW, for each optimizer step. */
  readonly optimizerSeconds: number;
}

/** Seconds that the update may take; a slower model learns from fewer tokens here. */
const BUDGET = 10;
/** Tokens of the first updates: one compiles, the next says how many tokens are affordable. */
const FEW_TOKENS = 8;
const MOST_TIMES = 5;
const WARM_MS = 2000;

/**
 * @param sampled  whose prompts and answers are learnt from, every other answer as if it were right
 * @param batch    a micro-batch of a run
 */
export async function measureLearning(
  engine: Engine,
  objective: Objective,
  { prompts, groups }: SamplingSpeed,
  batch: BatchShape,
  options: AnyOptions,
): Promise<LearningSpeed> {
  const run = async (answers: number, length: number) => {
    const made = makeGroups(prompts, groups, answers, length, options.numGenerations);
    const rollouts = withColumns(made, columnOptions(options));
    const sequences = rollouts.map(({ rollout }) => sequenceOf(rollout));
    const began = performance.now();
    const scores = await engine.score(sequences, options.temperature);
    const scored = performance.now();
    const learnt = miniBatches(withScores(rollouts, scores), made.length, objective.columns).flat();
    const counts = { answers: learnt.length, tokens: learntTokens(learnt) };
    const report = await engine.update(learnt, objective, {
      ...optimizer(options),
      number: engine.updates + 1,
      // the same work, and weights that stay what they are
      learningRate: 0,
      lossScale: lossScale(lossAggOf(options), counts, options.lossScaleFactor),
      temperature: options.temperature,
    });
    const optimizerSeconds = report.seconds.optimizer ?? 0;
    const updated = (performance.now() - scored) / 1000 - optimizerSeconds;
    const asked = made.map((group) => group.rollouts[0]!.rollout.prompt.length);
    const tokens = asked.reduce((sum, length) => sum + length, counts.tokens);
    return {
      tokens,
      scoredPerSecond: (1000 * tokens) / (scored - began),
      updatedPerSecond: tokens / updated,
      optimizerSeconds,
    };
  };
  const few = Math.min(FEW_TOKENS, batch.answerLength);
  await run(2, few);
  const affordable = BUDGET * (await run(2, few)).updatedPerSecond;
  const length = Math.max(1, Math.min(batch.answerLength, Math.floor(affordable / 2)));
  const answers = Math.max(2, Math.min(batch.answers, Math.floor(affordable / length)));
  // a small model is through before its code is warm: the last time is what a run is like
  const began = performance.now();
  let speed = await run(answers, length);
  for (let i = 1; i < MOST_TIMES && performance.now() - began < WARM_MS; i++)
    speed = await run(answers, length);
  return speed;
}

/** Groups of `size` answers, `answers` in all, each drawn out or cut to `length` tokens. */
function makeGroups(
  prompts: readonly Int32Array[],
  groups: readonly (readonly Completion[])[],
  answers: number,
  length: number,
  size: number,
): Group[] {
  return Array.from({ length: Math.ceil(answers / size) }, (_, g) => {
    const problem = { id: `doctor-${g}`, prompt: "", answer: "" };
    const prompt = prompts[g % prompts.length]!;
    const own = groups[g % groups.length]!;
    const rollouts = Array.from({ length: Math.min(size, answers - g * size) }, (_, index): JudgedRollout => {
      const { tokens } = own[index % own.length]!;
      const rollout = {
        ...{ problem, prompt, index, text: "", stop: "eos" as const },
        tokens: Int32Array.from({ length }, (_, t) => tokens[t % tokens.length]!),
        logps: new Float32Array(length),
        entropies: new Float32Array(length),
      };
      return {
        rollout,
        verdict: index % 2 === 0 ? { kind: "right" } : { kind: "wrong", because: "" },
      };
    });
    return toGroup(problem, rollouts);
  });
}
