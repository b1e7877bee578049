/**
 * Cold start: supervised fine-tuning on worked examples, before the loop, for a model that is too weak
 * to be right even once.
 *
 *   problems with solutions  →  update  →  checkpoint
 *
 * The loss is on the solution alone, its end-of-sequence token included; the prompt is only read.
 */
import type { Example } from "../engine/engine.ts";
import { learntTokens } from "../engine/objective-inputs.ts";
import type { RunContext } from "../run/events.ts";
import type { Position } from "../run/position.ts";
import { type EvalRecord, isLossEval, type LossEval, type StepRecord } from "../run/records.ts";
import { sft as objective } from "./objectives/sft.ts";
import { optimizer } from "./policy-update.ts";
import { learningRateAt } from "./schedule.ts";
import { type AskedOfRun, attend } from "./session/controls.ts";
import type { SftOptions } from "./session/given-values.ts";
import { endRun, isDue, owesEvaluation, type RunResult, saveCheckpoint } from "./session/saving.ts";
import { openSft, type SftSession } from "./session/sft-session.ts";
import { measured, timeMetrics } from "./step-metrics.ts";

export type SftResult = RunResult<LossEval>;

/**
 * Teaches a model, or a new one, to write worked solutions.
 *
 * @param given  what differs from the defaults; `model` and `dataset` at least
 * @throws OptionError, DataError, ModelError before anything is learnt; EngineError and RunError with all steps
 *   up to the last checkpoint on the disk
 */
export async function sft(given: SftOptions, context: RunContext = {}): Promise<SftResult> {
  const session = await openSft(given, context);
  try {
    return await run(session);
  } finally {
    await session.close();
  }
}

async function run(session: SftSession): Promise<SftResult> {
  const { options, steps } = session;
  let at: Position = { ...session.run.position, data: session.data };
  await measureIfDue(session, at);

  while (at.step < steps) {
    await attend(session, at, asked(session, at));
    if (session.stopped()) break;
    const step = at.step + 1;
    const watch = session.tell.restart();
    const batch = session.order
      .choose(step, at.draws, options.miniBatchSize)
      .map(({ index }) => session.examples[index]!);

    const learnt = await learn(session, batch, step);
    at = after(at, batch);
    await record(session, at, learnt, watch());
    await measureIfDue(session, at);
    if (isDue(step, options.saveSteps) || step === 1) await save(session, at);
  }
  return end(session, at);
}

function after(at: Position, batch: readonly Example[]): Position {
  return {
    ...at,
    step: at.step + 1,
    draws: at.draws + batch.length,
    tokens: at.tokens + learntTokens(batch),
  };
}

async function learn(
  session: SftSession,
  batch: readonly Example[],
  step: number,
): Promise<Record<string, number>> {
  const { engine, options, tell, steps, checks } = session;
  checks.beforeUpdate(batch);
  const learningRate = learningRateAt(options, step, steps);
  const tokens = learntTokens(batch);
  const report = await tell.timed("update_actor", step, (onProgress) =>
    engine.update(
      batch,
      objective,
      {
        ...optimizer(options),
        ...{ number: engine.updates + 1, learningRate, lossScale: tokens, temperature: 1 },
      },
      { onProgress },
    ),
  );
  checks.afterUpdate(report, learningRate);
  return measured({
    "actor/loss": report.loss,
    "actor/grad_norm": report.gradNorm,
    "actor/update_norm": report.updateNorm,
    "actor/entropy": report.entropy,
    "actor/lr": learningRate,
    "actor/tokens": tokens,
    ...report.metrics,
  });
}

async function record(
  { run, tell, steps, examples }: SftSession,
  at: Position,
  learnt: Record<string, number>,
  seconds: number,
): Promise<void> {
  const line: StepRecord = {
    step: at.step,
    metrics: {
      "train/global_step": at.step,
      "train/epoch": at.draws / examples.length,
      "train/num_tokens": at.tokens,
      ...learnt,
      ...timeMetrics(tell.seconds, seconds, learnt["actor/tokens"]!),
    },
  };
  await run.append("steps", [line]);
  tell({ kind: "sft-step", step: at.step, steps, record: line });
}

async function measureIfDue(session: SftSession, at: Position): Promise<void> {
  const owes = owesEvaluation(session, at, at.step >= session.steps);
  if (owes && !session.stopped()) await measure(session, at);
}

/**
 * Nats per token of the held-out solutions.
 *
 * @param asked  by somebody, at a step where none is due
 */
async function measure(session: SftSession, at: Position, asked?: true): Promise<void> {
  const { heldOut, engine, run, tell } = session;
  if (heldOut === undefined) return;
  const began = performance.now();
  const scores = await tell.timed("eval", at.step, (onProgress) =>
    engine.score(heldOut.examples, 1, { onProgress }),
  );
  let nats = 0;
  let tokens = 0;
  for (const { logps } of scores) {
    for (const logp of logps) nats -= logp;
    tokens += logps.length;
  }
  const line: EvalRecord = {
    kind: "loss",
    step: at.step,
    ...(asked && { asked }),
    dataset: heldOut.name,
    problems: scores.length,
    loss: nats / tokens,
    seconds: Math.round(performance.now() - began) / 1000,
  };
  await run.append("evals", [line]);
  tell({ kind: "eval", step: at.step, record: line, answers: [] });
}

function asked(session: SftSession, at: Position): AskedOfRun {
  return {
    evaluate: session.heldOut && (() => measure(session, at, true)),
    save: () => save(session, at),
  };
}

function save(session: SftSession, at: Position): Promise<void> {
  return saveCheckpoint(session, at, 1);
}

async function end(session: SftSession, at: Position): Promise<SftResult> {
  await save(session, at);
  const isOver = at.step >= session.steps && !owesEvaluation(session, at, true);
  return endRun(session, at, isOver ? "finished" : "stopped", isLossEval);
}
