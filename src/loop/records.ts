/**
 * Records: the lines of a run's files, as they are written and read.
 *
 * Metric names are the field's (`actor/grad_norm`). A quantity that was not measured has no key: 0
 * always means that something was measured to be 0.
 */
import type { Interval } from "./intervals.ts";

/** One line of steps.jsonl for a training step. */
export interface StepRecord {
  /** From 1: the number of steps taken with this one. */
  readonly step: number;
  /** Why no update was made, where none was. */
  readonly skipped?: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/** One line of steps.jsonl for a step of supervised fine-tuning. */
export interface SftStepRecord {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** One line of evals.jsonl: how often held-out problems are answered right. */
export interface EvalRecord {
  /** Steps taken before it; 0 is the model as it came. */
  readonly step: number;
  readonly dataset: string;
  readonly problems: number;
  /** Answers to each problem. */
  readonly k: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  /** Mean over problems of the share of right answers; with supervised fine-tuning alone, absent. */
  readonly avgAtK?: Interval;
  /** Share of problems with at least one right answer among k. */
  readonly passAtK?: Interval;
  /** Share of problems whose commonest extracted answer is right, where the verifier extracts answers. */
  readonly majAtK?: Interval;
  /** Change of `avgAtK` since the run's first evaluation, problem by problem. */
  readonly sinceStart?: Interval;
  /** Nats per token of held-out worked solutions (supervised fine-tuning). */
  readonly loss?: number;
  readonly verifierErrors: number;
  readonly truncated: number;
  readonly meanTokens?: number;
  /** Right answers to each problem, in the data set's order; -1 where every verdict was an error. */
  readonly right: readonly number[];
  /** Answers to each problem that were judged (not errors). */
  readonly judged: readonly number[];
  readonly seconds: number;
}

/** One line of rollouts.jsonl. */
export interface RolloutRecord {
  readonly step: number;
  readonly problem: string;
  /** Which draw of the run, and which answer to it. */
  readonly draw: number;
  readonly index: number;
  readonly prompt: string;
  readonly answer: string;
  readonly text: string;
  readonly stop: "eos" | "length";
  readonly verdict: "right" | "wrong" | "error";
  readonly because?: string;
  readonly extracted?: string;
  readonly solveRate: number | null;
  /** Whether its group was learnt from; then its token ids and log-probs are here too. */
  readonly kept: boolean;
  readonly tokens?: readonly number[];
  readonly logps?: readonly number[];
}
