/**
 * The loop. Read this first: one call to a stage, in the order of the flow.
 *
 *   problems → rollouts → verdicts → groups → objective → update → checkpoint
 */

import type { RunContext } from "../run/events.ts";
import type { Position } from "../run/position.ts";
import { isSolveEval, type SolveEval, type StepRecord } from "../run/records.ts";
import { type Gathered, gather } from "./collect-groups.ts";
import { evaluatePolicy } from "./eval-step.ts";
import { type Learnt, learn } from "./policy-update.ts";
import { rolloutLines } from "./rollout-lines.ts";
import { type AskedOfRun, attend } from "./session/controls.ts";
import type { Asked } from "./session/datasets.ts";
import type { TrainOptions } from "./session/given-values.ts";
import { goOn } from "./session/go-on.ts";
import { endRun, isDue, owesEvaluation, type RunResult, saveCheckpoint } from "./session/saving.ts";
import { openTraining, type TrainSession } from "./session/train-session.ts";
import { alikeIn, judgedIn, shownAnswers, whyAllWrong } from "./shown-answers.ts";
import {
  type Flops,
  flopMetrics,
  gatheredMetrics,
  learntMetrics,
  sampledTokens,
  timeMetrics,
} from "./step-metrics.ts";
import { tokenRecords } from "./token-records.ts";

export type TrainResult = RunResult<SolveEval>;

/**
 * Trains a model on its own right and wrong answers.
 *
 * @param given  what differs from the defaults; `model` and `dataset` at least. Data, verifier and objective are
 *   paths and names, or values: a verifier that is a function runs in this process, so that a loop without end in it
 *   cannot be ended
 * @throws OptionError, DataError, ModelError before anything is written; VerifierError, EngineError and RunError
 *   with all steps up to the last checkpoint on the disk
 */
export async function train(given: TrainOptions, context: RunContext = {}): Promise<TrainResult> {
  const open = (resumes: string | undefined) =>
    openTraining(resumes === undefined ? given : { ...given, resumeFromCheckpoint: resumes }, context);
  return goOn(open, runTraining);
}

/** Takes the steps of a session that is open, whatever its engine is. */
export async function runTraining(session: TrainSession): Promise<TrainResult> {
  const { options } = session;
  let at: Position = { ...session.run.position, data: session.data };
  await measureIfDue(session, at);

  while (!isOver(session, at)) {
    await attend(session, at, asked(session, at));
    if (session.stopped()) break;
    const step = at.step + 1;
    const watch = session.tell.restart();
    const flops = session.engine.flops && { ...session.engine.flops };

    const gathered = await gather(session, step, at.draws);
    if (gathered?.fault !== undefined) await giveUp(session, at, gathered, gathered.fault);
    if (gathered === undefined || session.stopped()) break;
    const learnt = gathered.kept.length > 0 ? await learn(session, gathered.kept, step) : undefined;
    const tokens = learnt === undefined ? [] : await tokenRecords(session, step, gathered, learnt.rollouts);

    at = after(at, gathered, learnt);
    await session.run.append("tokens", tokens);
    await record(session, at, gathered, learnt, watch(), flops);
    await measureIfDue(session, at);
    // the first step is saved as well: a disk that refuses should say so now, not in an hour
    if (isDue(step, options.saveSteps) || step === 1) await save(session, at);
  }
  return end(session, at);
}

function isOver({ options, steps }: TrainSession, at: Position): boolean {
  return at.step >= steps || at.emptySteps >= options.maxEmptySteps;
}

function after(at: Position, gathered: Gathered, learnt: Learnt | undefined): Position {
  const groups = gathered.all.map(({ group }) => group);
  return {
    ...at,
    step: at.step + 1,
    draws: at.draws + groups.length,
    rollouts: at.rollouts + groups.reduce((sum, { rollouts }) => sum + rollouts.length, 0),
    tokens: at.tokens + sampledTokens(groups),
    emptySteps: learnt === undefined ? at.emptySteps + 1 : 0,
  };
}

async function record(
  { run, engine, steps, problems, verifier, checks, tell }: TrainSession,
  at: Position,
  gathered: Gathered,
  learnt: Learnt | undefined,
  seconds: number,
  flops: Flops,
): Promise<void> {
  const judged = judgedIn(gathered.all.map(({ group }) => group));
  const alike = alikeIn(judged);
  const sampled = gatheredMetrics(gathered, alike);
  const wrong = whyAllWrong(judged.map(({ verdict }) => verdict));
  const line: StepRecord = {
    step: at.step,
    ...(learnt === undefined ? { skipped: whySkipped(gathered) } : {}),
    ...(wrong === undefined ? {} : { wrong }),
    metrics: {
      "train/global_step": at.step,
      "train/epoch": at.draws / problems.asked.length,
      "train/num_rollouts": at.rollouts,
      "train/num_tokens": at.tokens,
      ...sampled,
      ...(learnt === undefined ? {} : learntMetrics(learnt)),
      ...flopMetrics(flops, engine.flops),
      ...timeMetrics(tell.seconds, seconds, sampled["perf/tokens"]!),
    },
  };
  await run.append("rollouts", rolloutLines(at.step, gathered));
  await run.append("steps", [line]);
  checks.afterJudging(alike, sampled, verifier.readsReference);
  const answers = wrong === undefined ? [] : shownAnswers(judged);
  tell({ kind: "step", step: at.step, steps, record: line, answers });
}

/** In words, why a step had nothing to learn from. */
function whySkipped({ all, rounds }: Gathered): string {
  const groups = all.map(({ group }) => group);
  const right = groups.filter((group) => group.solveRate === 1).length;
  const wrong = groups.filter((group) => group.solveRate === 0).length;
  const errors = groups.length - right - wrong;
  const parts = [`${wrong} solved by no answer`, `${right} by all`];
  if (errors > 0) parts.push(`${errors} without a verdict`);
  return `no problem of ${groups.length} in ${rounds} rounds was solved in part: ${parts.join(", ")}`;
}

async function measureIfDue(session: TrainSession, at: Position): Promise<void> {
  const { heldOut } = session;
  const owes = owesEvaluation(session, at, isOver(session, at));
  if (heldOut !== undefined && owes && !session.stopped()) await measure(session, heldOut, at);
}

/** @param asked  by somebody, at a step where none is due */
async function measure(session: TrainSession, heldOut: Asked, at: Position, asked?: true): Promise<void> {
  const { run, tell } = session;
  const first = run.evals.filter(isSolveEval).find((each) => each.asked === undefined);
  const { record, lines, answers } = await evaluatePolicy(session, heldOut, at.step, first, asked);
  await run.append("answers", lines);
  await run.append("evals", [record]);
  tell({ kind: "eval", step: at.step, record, answers });
}

function asked(session: TrainSession, at: Position): AskedOfRun {
  const { heldOut } = session;
  return {
    evaluate: heldOut && (() => measure(session, heldOut, at, true)),
    save: () => save(session, at),
  };
}

function save(session: TrainSession, at: Position): Promise<void> {
  return saveCheckpoint(session, at, session.options.temperature);
}

/** Nothing of this step was learnt: the policy is still that of the last one, and is saved as such. */
async function giveUp(session: TrainSession, at: Position, gathered: Gathered, fault: Error): Promise<never> {
  await save(session, at);
  // after the checkpoint, so that the step's answers are there to read until it is taken again
  await session.run.append("rollouts", rolloutLines(at.step + 1, gathered));
  throw fault;
}

async function end(session: TrainSession, at: Position): Promise<TrainResult> {
  await save(session, at);
  if (!isOver(session, at) || owesEvaluation(session, at, true))
    return endRun(session, at, "stopped", isSolveEval);
  const learnt = at.emptySteps < at.step;
  const reason = at.step >= session.steps && learnt ? "finished" : "nothing-to-learn";
  return endRun(session, at, reason, isSolveEval);
}
