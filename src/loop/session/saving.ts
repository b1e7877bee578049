/**
 * Saving and ending a run, the same for training and supervised fine-tuning.
 */

import type { Options } from "../../options/options.ts";
import type { EndReason } from "../../run/events.ts";
import type { Position } from "../../run/position.ts";
import type { EvalRecord } from "../../run/records.ts";
import { checkpointPath } from "../../run/run-folder.ts";
import type { Session } from "./open-session.ts";

/** How a run ended; evaluations are of answers in training, of losses in supervised fine-tuning. */
export interface RunResult<E extends EvalRecord = EvalRecord> {
  readonly reason: EndReason;
  readonly folder: string;
  /** Steps taken in all, those before a resume included. */
  readonly steps: number;
  readonly checkpoint: string | undefined;
  /** The run's evaluations, first to last. */
  readonly evals: readonly E[];
}

/** Whether something is done after this step that is done every so many; 0 is never. */
export function isDue(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}

/**
 * Whether an evaluation is due after these steps that has not been made. A run that is asked to stop owes it
 * to whoever goes on: it is made then, before the next step, of the same model.
 */
export function owesEvaluation(
  { run, options, heldOut }: Session & { readonly heldOut: object | undefined },
  { step }: Position,
  isOver: boolean,
): boolean {
  const isWanted = isOver || (step === 0 ? options.evalOnStart : isDue(step, options.evalSteps));
  return heldOut !== undefined && isWanted && run.evals.at(-1)?.step !== step;
}

/**
 * Saves a checkpoint; where there is one of this step, what was recorded since. The first one after an update is
 * loaded again and compared.
 *
 * @throws RunError where the disk refuses, EngineError where the copy differs
 */
export async function saveCheckpoint(session: Session, at: Position, temperature: number): Promise<void> {
  const { run, engine, options, tell, checks } = session;
  const position = { ...at, updates: engine.updates };
  if (run.checkpoint === checkpointPath(run.folder, at.step)) return run.keepLines(position);
  const began = performance.now();
  const compare = await checks.beforeSave(temperature);
  const folder = await tell.timed("save", at.step, () =>
    run.save(position, options.saveTotalLimit, (path) => engine.save(path)),
  );
  tell({ kind: "saved", step: at.step, folder, seconds: (performance.now() - began) / 1000 });
  await compare?.(folder);
}

/** The last event, and what the caller is given. */
export function endRun<E extends EvalRecord>(
  { run, options, steps, tell }: Session,
  at: Position,
  reason: EndReason,
  isOwn: (record: EvalRecord) => record is E,
): RunResult<E> {
  tell({
    kind: "end",
    reason,
    text: endText(reason, at, steps, options),
    folder: run.folder,
    checkpoint: run.checkpoint,
    resume: `--resume ${run.folder}`,
  });
  return {
    reason,
    folder: run.folder,
    steps: at.step,
    checkpoint: run.checkpoint,
    evals: run.evals.filter(isOwn),
  };
}

function endText(reason: EndReason, at: Position, steps: number, options: Options): string {
  switch (reason) {
    case "finished":
      return `all ${steps} steps taken`;
    case "stopped":
      return `stopped after step ${at.step} of ${steps}, all of it saved`;
    case "nothing-to-learn":
      return (
        `no problem was solved in part in ${at.emptySteps === 1 ? "a step" : `${at.emptySteps} steps in a row`} (max_empty_steps ${options.maxEmptySteps}); ` +
        "rollouts.jsonl shows the answers. A model that is never right needs a cold start (errata sft) or easier problems, " +
        "one that is always right needs harder ones"
      );
    default:
      return reason satisfies never;
  }
}
