/**
 * Learning: the groups of a step → several updates of the policy.
 *
 * π_old is the policy at the start of the step; all mini-batches of the step are measured against it, so only the
 * first is strictly on-policy.
 */
import type { Example, Score, Step, UpdateReport } from "../engine/engine.ts";
import { learntTokens } from "../engine/objective-inputs.ts";
import type { AnyOptions } from "../options/options.ts";
import type { PhaseProgress } from "../run/reporter.ts";
import { type ComparedRollout, withColumns } from "./groups/columns.ts";
import { miniBatches, type ScoredRollout, sequenceOf, withScores } from "./groups/examples.ts";
import { lossScale, type MiniBatchSize } from "./objectives/aggregation.ts";
import { learningRateAt } from "./schedule.ts";
import { columnOptions, lossAggOf } from "./session/build-objective.ts";
import { type RolloutGap, rolloutGap } from "./session/rollout-gap.ts";
import { type LogpDifference, logpDifference } from "./session/self-checks.ts";
import type { TrainSession } from "./session/train-session.ts";
import { type LearntRollout, updatesOf } from "./token-records.ts";
import type { Group, Rollout } from "./types.ts";

export interface Learnt {
  /** One for each mini-batch, in order. */
  readonly reports: readonly UpdateReport[];
  readonly learningRate: number;
  /**
   * Nats, between the log-probs of sampling and those of scoring, over the answers that were scored; or those of the
   * first update, where rollouts of eight bits are scored by none.
   */
  readonly difference: LogpDifference | RolloutGap;
  /** Answers learnt from. */
  readonly answers: number;
  /** Each of them, with what the updates read and did of it. */
  readonly rollouts: readonly LearntRollout[];
}

/** @throws EngineError where, at the run's first update, the ratio is not 1 or the weights stay */
export async function learn(session: TrainSession, groups: readonly Group[], step: number): Promise<Learnt> {
  const { options, objective, tell } = session;
  const compared = withColumns(groups, columnOptions(options));
  const { scored, difference } = await oldOf(session, compared, step);

  const learningRate = learningRateAt(options, step, session.steps);
  const batches = miniBatches(scored, options.miniBatchSize, objective.columns);
  const reports = await tell.timed("update_actor", step, (progress) =>
    update(session, batches, learningRate, progress),
  );
  const updates = updatesOf(reports, options.numIterations);
  const sizes = batches.flatMap((batch) => batch.map(() => batchSize(batch)));
  const rollouts = scored.map((one, i) => ({
    ...{ scored: one, updates: updates[i] ?? [] },
    ...{ batch: sizes[i]!, lossScale: scaleOf(options, sizes[i]!) },
  }));
  const gap = difference === undefined ? rolloutGap(batches[0]!, reports[0]!) : undefined;
  if (gap !== undefined) session.checks.afterInt8(gap);
  return { reports, learningRate, difference: difference ?? gap!, answers: scored.length, rollouts };
}

const batchSize = (batch: readonly Example[]): MiniBatchSize => ({
  answers: batch.length,
  tokens: learntTokens(batch),
});

const scaleOf = (options: AnyOptions, size: MiniBatchSize): number =>
  lossScale(lossAggOf(options), size, options.lossScaleFactor);

interface Old {
  readonly scored: readonly ScoredRollout[];
  readonly difference?: LogpDifference;
}

/**
 * log π_old of every rollout. π_old is the policy that sampled, so that of rollouts of eight bits the log-probs that
 * they came with are it, and those of float32 would be another policy's.
 */
async function oldOf(
  session: TrainSession,
  compared: readonly ComparedRollout[],
  step: number,
): Promise<Old> {
  if (session.options.rolloutPrecision !== "int8") return withOld(session, compared, step);
  const rollouts = compared.map(({ rollout }) => rollout);
  session.checks.beforeUpdate(rollouts.map(sequenceOf));
  return { scored: withScores(compared, rollouts) };
}

/**
 * log π_old of every rollout: as the engine that trains scores it; or, without `recompute_logprobs`, as it was sampled
 * with, where scoring one group says the same.
 */
async function withOld(
  session: TrainSession,
  compared: readonly ComparedRollout[],
  step: number,
): Promise<Old> {
  const { engine, options, checks } = session;
  const [first] = compared;
  const isScored = ({ columns }: ComparedRollout) =>
    options.recomputeLogprobs || columns.group === first.columns.group;
  const rollouts = compared.map(({ rollout }) => rollout);
  const probe = compared.filter(isScored).map(({ rollout }) => rollout);
  const { scores, difference } = await scoreOld(session, probe, step);
  checks.beforeUpdate(rollouts.map(sequenceOf), difference);
  if (probe.length === rollouts.length) return { scored: withScores(compared, scores), difference };
  if (difference.max <= engine.facts.logpTolerance)
    return { scored: withScores(compared, rollouts), difference };
  const all = await scoreOld(session, rollouts, step);
  return { scored: withScores(compared, all.scores), difference: all.difference };
}

/** Scores of rollouts, and how far the log-probs that they were sampled with are from them. */
async function scoreOld(
  { engine, options, tell }: TrainSession,
  rollouts: readonly Rollout[],
  step: number,
): Promise<{ readonly scores: readonly Score[]; readonly difference: LogpDifference }> {
  const scores = await tell.timed("old_log_prob", step, (onProgress) =>
    engine.score(rollouts.map(sequenceOf), options.temperature, { onProgress }),
  );
  return { scores, difference: logpDifference(rollouts, scores) };
}

/** One update for each mini-batch, in as many passes as the options say. */
async function update(
  session: TrainSession,
  batches: readonly (readonly Example[])[],
  learningRate: number,
  progress: PhaseProgress,
): Promise<UpdateReport[]> {
  const { options, engine, objective, checks } = session;
  const reports: UpdateReport[] = [];
  const total = options.numIterations * batches.reduce((sum, batch) => sum + learntTokens(batch), 0);
  let before = 0;
  for (let iteration = 0; iteration < options.numIterations; iteration++) {
    for (const batch of batches) {
      const size = batchSize(batch);
      const step = {
        ...optimizer(options),
        number: engine.updates + 1,
        learningRate,
        lossScale: scaleOf(options, size),
        temperature: options.temperature,
      };
      const report = await engine.update(batch, objective, step, {
        onProgress: (done, of) => progress(before + Math.round((size.tokens * done) / of), total),
      });
      checks.afterUpdate(report, learningRate);
      reports.push(report);
      before += size.tokens;
    }
  }
  return reports;
}

/** AdamW's settings, the same at every step. */
export function optimizer(
  options: AnyOptions,
): Omit<Step, "number" | "learningRate" | "lossScale" | "temperature"> {
  return {
    weightDecay: options.weightDecay,
    beta1: options.adamBeta1,
    beta2: options.adamBeta2,
    epsilon: options.adamEpsilon,
    maxGradNorm: options.maxGradNorm,
  };
}
