/**
 * Self-checks: what must hold at a run's first update and first checkpoint before it is worth its hours.
 *
 * Each is told once, as a line for the log, or thrown with what to do next. What an engine is held to is what its
 * facts say of it.
 */
import type { Completion, Engine, Score, Sequence, UpdateReport } from "../../engine/engine.ts";
import { EngineError } from "../../errors.ts";
import type { Tell } from "../../run/reporter.ts";
import { type Alikeness, isSuspicious } from "../../statistics/alike.ts";
import type { RolloutGap } from "./rollout-gap.ts";

/** Effective share of the tokens that rollouts of eight bits may not fall below unnoticed. */
const LEAST_SHARE = 0.9;
/** Sequences that a saved copy is compared by. */
const PROBES = 4;

/** Between log-probs of the same tokens, in nats. */
export interface LogpDifference {
  readonly mean: number;
  readonly max: number;
}

/** The checks of one run in this process: each is made once, at its first occasion. */
export class SelfChecks {
  readonly #engine: Engine;
  readonly #tell: Tell;
  #sawUpdate = false;
  #toldHarm = false;
  #toldAlike = false;
  #toldInt8 = false;
  #toldGap = false;
  /** Of the last update; undefined once a saved copy was compared. */
  #probe: readonly Sequence[] | undefined = [];

  constructor(engine: Engine, tell: Tell) {
    this.#engine = engine;
    this.#tell = tell;
  }

  /** Before an update: what it learns from, and how far sampling and scoring are apart, where both were done. */
  beforeUpdate(sequences: readonly Sequence[], difference?: LogpDifference): void {
    if (this.#probe !== undefined)
      this.#probe = sequences.slice(0, PROBES).map(({ prompt, completion }) => ({ prompt, completion }));
    if (this.#sawUpdate || difference === undefined) return;
    const text = checkRatio(difference, this.#engine.facts.logpTolerance);
    this.#tell({ kind: "check", name: "ratio", text });
  }

  afterUpdate(report: UpdateReport, learningRate: number): void {
    const harm = this.#toldHarm ? undefined : tooLarge(report, learningRate);
    if (harm !== undefined) this.#tell({ kind: "warning", text: harm });
    this.#toldHarm ||= harm !== undefined;
    if (this.#sawUpdate) return;
    this.#tell({ kind: "check", name: "weights", text: checkUpdate(report, learningRate) });
    this.#sawUpdate = true;
  }

  /** After the updates of a step whose answers were sampled with eight bits: warns once where they are too coarse. */
  afterInt8(gap: RolloutGap): void {
    if (!this.#toldInt8 && Number.isFinite(gap.mean))
      this.#tell({ kind: "check", name: "ratio", text: gapText(gap) });
    this.#toldInt8 = true;
    if (this.#toldGap || !(gap.effectiveShare < LEAST_SHARE)) return;
    this.#toldGap = true;
    this.#tell({
      kind: "warning",
      text: `${gapText(gap)}: below ${LEAST_SHARE} eight bits are too coarse for this model, and its answers teach it less. Begin anew without rollout_precision`,
    });
  }

  /**
   * After the verdicts of a step: warns once where right answers are alike as a trick would make them.
   *
   * @param readsReference  of the verifier; one that reads none may well take one text for every problem
   */
  afterJudging(
    alike: Alikeness,
    metrics: Readonly<Record<string, number>>,
    readsReference: boolean | undefined,
  ): void {
    if (this.#toldAlike || readsReference === false || !isSuspicious(alike)) return;
    this.#toldAlike = true;
    this.#tell({ kind: "warning", text: suspicion(alike, metrics) });
  }

  /** Before a save. @returns what compares the saved copy, or undefined where one was compared before */
  async beforeSave(temperature: number): Promise<((folder: string) => Promise<void>) | undefined> {
    const probe = this.#probe;
    if (probe === undefined || probe.length === 0) return undefined;
    const scores = await this.#engine.score(probe, temperature);
    return async (folder) => {
      const text = await checkReload(this.#engine, folder, probe, scores, temperature);
      this.#tell({ kind: "check", name: "checkpoint", text });
      this.#probe = undefined;
    };
  }
}

const gapText = ({ mean, p99, effectiveShare }: RolloutGap) =>
  `sampled with eight bits, log-probs are ${mean.toPrecision(2)} nats from float32's, 99 of 100 within ${p99.toPrecision(2)}: an effective share of ${effectiveShare.toFixed(3)}`;

function suspicion({ right, wrong }: Alikeness, metrics: Readonly<Record<string, number>>): string {
  const percent = (rate = 0) => `${Math.round(100 * rate)}%`;
  const [own, others] = [metrics["response_length/right"], metrics["response_length/wrong"]];
  const long =
    own === undefined || others === undefined
      ? ""
      : `; they take ${own.toFixed(1)} tokens, wrong ones ${others.toFixed(1)}`;
  return `${percent(right?.mean)} of the right answers say what is right for another reference as well (${percent(wrong?.mean)} of the wrong ones)${long}. The verifier may take a trick for an answer: read them with errata show, and try its judge with errata verify --audit and this run's folder. One that reads no reference says readsReference: false`;
}

/** Largest and mean |log π sampled − log π scored|, in nats, over all tokens. */
export function logpDifference(
  completions: readonly Pick<Completion, "logps">[],
  scores: readonly Score[],
): LogpDifference {
  let total = 0;
  let tokens = 0;
  let max = 0;
  for (const [i, completion] of completions.entries()) {
    for (const [t, logp] of completion.logps.entries()) {
      const difference = Math.abs(logp - scores[i]!.logps[t]!);
      total += difference;
      tokens++;
      // a NaN must not hide behind a comparison that is false
      if (!(difference <= max)) max = difference;
    }
  }
  return { mean: total / tokens, max };
}

/**
 * Before the first update new and old policy are one: the ratio is 1 for every token.
 *
 * @param tolerance  nats, the engine's own
 * @throws EngineError where sampling and scoring disagree
 */
export function checkRatio(difference: LogpDifference, tolerance: number): string {
  if (difference.max <= tolerance) {
    return `sampling and scoring agree on every log-prob to ${difference.max.toExponential(1)} nats`;
  }
  throw new EngineError({
    where: "the first step",
    expected: `log-probs of sampling and of scoring within ${tolerance} nats, so that the ratio starts at 1`,
    got: `a difference of ${difference.max}, ${difference.mean} on average`,
    next: "The engine computes one model in two ways. Please report it, with the model's name and this machine's kind.",
  });
}

/** @throws EngineError where the first update left the weights as they were, or broke them */
export function checkUpdate(report: UpdateReport, learningRate: number): string {
  const { gradNorm, updateNorm } = report;
  const areFinite = [gradNorm, updateNorm].every((norm) => norm === undefined || Number.isFinite(norm));
  if (areFinite && (updateNorm ?? gradNorm) !== 0) {
    const moved =
      updateNorm === undefined ? "is made" : `moved the weights by ${updateNorm.toExponential(1)}`;
    const gradient =
      gradNorm === undefined ? "its gradient not told" : `gradient norm ${gradNorm.toExponential(1)}`;
    return `the first update ${moved} (${gradient})`;
  }
  throw new EngineError({
    where: "the first update",
    expected: "weights that change, by a finite amount",
    got: `a change of ${updateNorm ?? "a size not told"}, gradient norm ${gradNorm ?? "not told"}`,
    next:
      learningRate === 0
        ? "learning_rate is 0: set it higher."
        : gradNorm === 0
          ? "No answer had a gradient: check the objective's options."
          : "Lower learning_rate; where that does not help, the model's weights may be damaged.",
  });
}

/** Largest change of the weights in one update, as a share of their norm, that leaves most of a model as it was. */
const MOST_MOVED = 0.3;

/** That an update has moved the weights so far that what the model had learnt is gone; undefined where it has not. */
export function tooLarge({ updateNorm, weightNorm }: UpdateReport, learningRate: number): string | undefined {
  if (weightNorm === undefined || updateNorm === undefined || !(updateNorm > MOST_MOVED * weightNorm))
    return undefined;
  const share = (updateNorm / weightNorm).toPrecision(2);
  return `one update moved the weights by ${updateNorm.toExponential(1)}, ${share} times their own norm of ${weightNorm.toExponential(1)}: what the model had learnt is most likely destroyed. Begin anew with a learning_rate far below ${learningRate}`;
}

/**
 * A saved checkpoint is the model: loaded again, it gives the same log-probs; to the last bit where the engine is
 * deterministic, else within its tolerance.
 *
 * @param before  scores of `probe` by the weights that were saved
 * @throws EngineError where they differ
 */
export async function checkReload(
  engine: Engine,
  folder: string,
  probe: readonly Sequence[],
  before: readonly Score[],
  temperature: number,
): Promise<string> {
  const { deterministic, logpTolerance } = engine.facts;
  const isSame = (a: number, b: number) =>
    deterministic ? Object.is(a, b) : Math.abs(a - b) <= logpTolerance;
  await engine.load(folder);
  const after = await engine.score(probe, temperature);
  for (const [i, score] of after.entries()) {
    for (const [t, logp] of score.logps.entries()) {
      const was = before[i]!.logps[t]!;
      if (isSame(logp, was)) continue;
      throw new EngineError({
        where: folder,
        expected: `log-prob ${was} of token ${t}, as before saving${deterministic ? "" : `, within ${logpTolerance} nats`}`,
        got: String(logp),
        next: "What is saved is not what was trained. Check the disk; if it is sound, please report it.",
      });
    }
  }
  return `${folder} loads to the same log-probs`;
}
