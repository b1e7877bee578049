/**
 * Records: the lines of a run's files, as they are written and read.
 *
 * Metric names are the field's (`actor/grad_norm`). A quantity that was not measured has no key: 0
 * always means that something was measured to be 0.
 */

/** An estimate with its 95 % interval, as rates in [0, 1] (differences in [-1, 1]). */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** One line of steps.jsonl, of training or of supervised fine-tuning. */
export interface StepRecord {
  /** From 1: the number of steps taken with this one. */
  readonly step: number;
  /** Why no update was made, where training had nothing to learn from. */
  readonly skipped?: string;
  /** Where no answer was right: why they are wrong. */
  readonly wrong?: WrongAnswers;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Wrong answers, and the commonest reasons of the verifier, most first. */
export interface WrongAnswers {
  readonly answers: number;
  readonly reasons: readonly { readonly because: string; readonly count: number }[];
}

/** One answer as it is shown while a run goes on; events have it, files have them all. */
export interface ShownAnswer {
  /** The problem's id. */
  readonly problem: string;
  readonly question: string;
  readonly reference: string;
  readonly text: string;
  readonly verdict: "right" | "wrong";
  readonly because?: string;
}

/** One line of evals.jsonl: how well held-out problems are answered, after `step` steps (0 is the model as it came). */
export type EvalRecord = SolveEval | LossEval;

export const isSolveEval = (record: EvalRecord): record is SolveEval => record.kind === "solve";
export const isLossEval = (record: EvalRecord): record is LossEval => record.kind === "loss";

interface EvalBase {
  readonly step: number;
  /** Made because somebody asked for it, beside those that are due. */
  readonly asked?: true;
  readonly dataset: string;
  readonly problems: number;
  readonly seconds: number;
}

/** Of training and of `errata eval`: answers sampled and judged. */
export interface SolveEval extends EvalBase {
  readonly kind: "solve";
  /** Answers to each problem. */
  readonly k: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  /** Mean over problems of the share of right answers. */
  readonly avgAtK: Interval;
  /** Share of problems with at least one right answer among k; those with fewer than k verdicts are left out, and the key where all have. */
  readonly passAtK?: Interval;
  /** The same of 1, 2, 4, … and k answers, estimated without bias from all k, with intervals that hold all at once; none of one answer each. */
  readonly passAt?: readonly PassAt[];
  /** Share of problems whose commonest answer is right, where the verifier extracts answers and k is over 1. */
  readonly majAtK?: Interval;
  /** Change of `avgAtK` since the run's first evaluation, problem by problem. */
  readonly sinceStart?: Interval;
  readonly verifierErrors: number;
  /** Answers cut off at the longest allowed; they are wrong. */
  readonly truncated: number;
  /** Wrong answers that, as the verifier says, may mean two things, one of them the reference; older records are without it. */
  readonly ambiguous?: number;
  readonly meanTokens: number;
  /** Nats, mean over the answers' tokens of the entropy they were drawn from; older records are without it. */
  readonly entropy?: number;
  /** Right answers to each problem, and answers that were judged (no errors), in the data set's order. */
  readonly right: readonly number[];
  readonly judged: readonly number[];
}

/** pass@k of one k. */
export interface PassAt extends Interval {
  readonly k: number;
}

/** One answer to a held-out problem, as `measure` reads it. */
export interface JudgedAnswer {
  readonly text: string;
  readonly stop: "eos" | "length";
  /** How many, the end-of-sequence token included. */
  readonly tokens: number;
  /** Nats, the sum over its tokens of the entropy they were drawn from, where the engine tells. */
  readonly entropy?: number;
  readonly verdict: "right" | "wrong" | "error";
  readonly because?: string;
  readonly extracted?: string;
  /** In [0, 1], where the verifier gives one. */
  readonly score?: number;
  /** Wrong, and yet it may be meant as the reference is. */
  readonly isAmbiguous?: true;
}

/** One line of an evaluation's results.jsonl: a problem with all answers to it. */
export interface ResultRecord {
  readonly dataset: string;
  /** The problem's id in its data set. */
  readonly problem: string;
  /** Names the problem by what it asks and its reference, wherever it stands. */
  readonly key: string;
  readonly reference: string;
  readonly answers: readonly JudgedAnswer[];
}

/** One line of answers.jsonl: a held-out problem at one of the run's evaluations, with all answers to it. */
export interface AnswerRecord extends Pick<ResultRecord, "problem" | "reference" | "answers"> {
  readonly step: number;
  /** As in the evaluation's line of evals.jsonl. */
  readonly asked?: true;
  /** Its place among the held-out problems, that of `SolveEval.right` and `.judged`. */
  readonly place: number;
  /** What the model was asked, as it read it. */
  readonly prompt: string;
}

/** Of supervised fine-tuning: held-out worked solutions read. */
export interface LossEval extends EvalBase {
  readonly kind: "loss";
  /** Nats per token. */
  readonly loss: number;
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
  /** In [0, 1], where the verifier gives one. */
  readonly score?: number;
  /** Wrong, and yet it may be meant as the reference is. */
  readonly isAmbiguous?: true;
  /** The verdict was the other, and verifier_noise turned it. */
  readonly isTurned?: true;
  readonly solveRate: number | null;
  /** Whether its group was learnt from; then its token ids and log-probs are here too. */
  readonly kept: boolean;
  readonly tokens?: readonly number[];
  readonly logps?: readonly number[];
}

/**
 * One line of tokens.jsonl: a group that a step learnt from, and what the step did to each token of its answers.
 *
 * Log-probs are in nats at the training temperature. What a token gained is `logpsAfter` less `logpsOld`.
 */
export interface TokenRecord {
  readonly step: number;
  readonly problem: string;
  /** As in rollouts.jsonl. */
  readonly draw: number;
  /** The name of the objective that learnt. */
  readonly objective: string;
  /** Of the mini-batch it was in: what its losses, and so `push`, are divided by, and what it held. */
  readonly lossScale: number;
  readonly batch: { readonly answers: number; readonly tokens: number };
  /** Those that were learnt from: no errors. */
  readonly answers: readonly AnswerTokens[];
}

/** One answer of a token record; every list of numbers has one for each token. */
export interface AnswerTokens {
  /** As in rollouts.jsonl. */
  readonly index: number;
  readonly verdict: "right" | "wrong";
  /** What the verdict was worth, less an overlong penalty. */
  readonly reward: number;
  /** What the objective read of it, by name: `right`, `solveRate`, `advantage`, … */
  readonly columns: Readonly<Record<string, number>>;
  readonly tokens: readonly number[];
  /** The text that each token settles, together the answer's; empty where a character takes several tokens, or of an end token. */
  readonly pieces: readonly string[];
  /** log π_old, of the policy at the start of the step. */
  readonly logpsOld: readonly number[];
  /** Nats, of the distribution that each token was drawn from, where the engine tells. */
  readonly entropies?: readonly number[];
  /** One for each update that learnt from it, in order, where the engine tells: one, or as many as num_iterations. */
  readonly updates?: readonly TokenUpdate[];
  /** By the policy after the step. */
  readonly logpsAfter: readonly number[];
}

/** What one update read and did, as the engine computed it. */
export interface TokenUpdate {
  /** log π_new, by the policy just before the update. */
  readonly logps: readonly number[];
  /** d loss / d log-prob, the loss being the mini-batch's: below 0 the update makes the token likelier, above 0 less likely. */
  readonly push: readonly number[];
}
