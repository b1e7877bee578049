/**
 * Opening a session: its model and data before its folder, so that what cannot begin leaves nothing behind;
 * but a run that is resumed before its model, which is in it.
 */

import { createHash } from "node:crypto";
import type { Engine } from "../../engine/engine.ts";
import { RecordedEngine } from "../../engine/recorded-engine.ts";
import { ModelError, RunError } from "../../errors.ts";
import { bytesOf } from "../../files/bytes-of.ts";
import type { Options } from "../../options/options.ts";
import { checkContext } from "../../run/check-context.ts";
import { EventLog } from "../../run/event-log.ts";
import type { RunContext } from "../../run/events.ts";
import { RESUME_EARLIER } from "../../run/position.ts";
import { reportTo } from "../../run/report-to.ts";
import { type Tell, teller } from "../../run/reporter.ts";
import { openRun, type Run, refuseOccupied } from "../../run/run.ts";
import { resolveRunOptions } from "../../run/run-options.ts";
import { type ProblemOrder, ShuffledSampler } from "../problems/shuffled-sampler.ts";
import { today } from "../rollouts/prompt.ts";
import type { LeftOut } from "../types.ts";
import { Controls } from "./controls.ts";
import { checkValues, type TrainOptions, takeValues, type Values } from "./given-values.ts";
import { listLeftOut } from "./list-skipped.ts";
import type { LoadedModel } from "./load-model.ts";
import { meaningOf } from "./locate-model.ts";
import { SelfChecks } from "./self-checks.ts";

/** What every run has at hand, whatever it learns from. */
export interface Session {
  readonly options: Options<"train" | "sft">;
  readonly run: Run;
  readonly engine: Engine;
  /** In which the problems or examples are drawn. */
  readonly order: ProblemOrder;
  /** Names the problems or examples, in `Position`. */
  readonly data: string;
  /** Steps in all. */
  readonly steps: number;
  readonly tell: Tell;
  readonly stopped: () => boolean;
  /** As the caller gave it: it ends sampling, whose answers are drawn again by whoever goes on. */
  readonly signal: AbortSignal | undefined;
  readonly checks: SelfChecks;
  /** What is asked of the run from outside. */
  readonly controls: Controls;
  close(): Promise<void>;
}

/** What a run learns from, prepared for its model. */
export interface Prepared {
  /** `fingerprint` of the problems or examples in their order. */
  readonly data: string;
  /** How many they are. */
  readonly count: number;
  /** Rows and problems that are not used, one by one. */
  readonly leftOut: readonly LeftOut[];
  readonly steps: number;
}

/** What differs from one kind of run to another. */
export interface Opening<P extends Prepared> {
  /** Of a new run under `runs/`. */
  readonly name: string;
  readonly openModel: (checkpoint: string | undefined) => Promise<LoadedModel>;
  readonly prepare: (model: LoadedModel) => P;
  /** In which the problems are asked, of a run in this folder; shuffled, where it does not say. */
  readonly openOrder?: (prepared: P, folder: string) => Promise<ProblemOrder | undefined>;
}

/** What an opening may use; whatever it opens, it adds what closes it. */
export interface Opened<C extends "train" | "sft" = "train" | "sft"> {
  readonly options: Options<C>;
  /** What the options only name. */
  readonly values: Values;
  /** The folder of the run being resumed. */
  readonly resumes: string | undefined;
  readonly tell: Tell;
  readonly closers: (() => Promise<void> | void)[];
}

/**
 * Opens what a run needs; whatever was opened is closed again where something fails.
 *
 * @param open  reads the data and what else stands before the model
 * @throws RunError where the run's folder cannot be used, or was begun with other data
 */
export async function openSession<C extends "train" | "sft", P extends Prepared>(
  command: C,
  given: TrainOptions,
  context: RunContext,
  open: (opened: Opened<C>) => Promise<Opening<P>>,
): Promise<Session & P & LoadedModel> {
  checkContext(command, context, ["onEvent", "signal"]);
  const taken = takeValues(given);
  const { values } = taken;
  const { options: resolved, notes, resumes } = resolveRunOptions(command, { given: taken.options });
  // settled once: options.yaml keeps it, and a run over midnight asks as it began
  const own = { ...resolved, chatTemplateDate: resolved.chatTemplateDate ?? today() };
  const options = own as Options<"train" | "sft">;
  checkValues(options, values);
  const log = new EventLog();
  let controls: Controls | undefined;
  const tell = teller(log.hear, context.onEvent, ...(await reportTo(options.reportTo)), (event) =>
    controls?.hear(event),
  );
  // paths first, then files, then a user's code: what is quickly said is not said late
  if (resumes === undefined) {
    await refuseOccupied(options.outputDir);
    if (options.model !== "new") meaningOf(options.model);
  }
  for (const text of notes) tell({ kind: "note", text });
  const closers: Opened["closers"] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const opened = { values, resumes, tell, closers };
    const opening = await open({ ...opened, options: own });
    const started = await start(command, opening, { ...opened, options }, log);
    const { engine, run } = started;
    const order =
      (await opening.openOrder?.(started, run.folder)) ?? new ShuffledSampler(started.count, options.seed);
    const asked = new Controls(run, tell);
    controls = asked;
    return {
      ...started,
      engine: engine.facts.deterministic ? engine : new RecordedEngine(engine, run.replay),
      options,
      order,
      tell,
      stopped: () => context.signal?.aborted === true || asked.stopped,
      signal: context.signal,
      checks: new SelfChecks(engine, tell),
      controls: asked,
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function start<P extends Prepared>(
  command: "train" | "sft",
  { name, openModel, prepare }: Opening<P>,
  { options, resumes, tell, closers }: Opened,
  log: EventLog,
): Promise<P & LoadedModel & { readonly run: Run }> {
  const openFolder = async () => {
    const run = await openRun(command, options, resumes, name);
    closers.push(() => run.close());
    await log.open(run.folder);
    closers.push(() => log.close());
    return run;
  };
  const resumed = resumes === undefined ? undefined : await openFolder();
  tell({ kind: "phase", phase: "open", step: resumed?.position.step ?? 0 });
  const model = await openModel(resumed?.checkpoint).catch(asDamaged(resumed?.checkpoint));
  closers.push(() => model.engine.close());
  if (resumed !== undefined) await loadCheckpoint(resumed, model.engine);

  const prepared = prepare(model);
  const run = resumed ?? (await openFolder());
  if (run.position.data !== "" && run.position.data !== prepared.data) {
    throw new RunError({
      where: `dataset ${options.dataset}`,
      expected: `the problems that the run in ${run.folder} began with`,
      got: "others, or in another order",
      next: `Put the data set back as it was, or begin a new run with --model ${run.folder}.`,
    });
  }
  await listLeftOut(run.folder, prepared.leftOut, tell);
  tell({
    kind: "start",
    folder: run.folder,
    resumedAt: run.position.step,
    steps: prepared.steps,
    model: options.model,
  });
  return { ...prepared, ...model, run };
}

/** @throws RunError where the checkpoint is damaged, or its optimizer is not the one it was saved with */
async function loadCheckpoint({ checkpoint, position }: Run, engine: Engine): Promise<void> {
  if (checkpoint === undefined) return;
  await engine.load(checkpoint).catch(asDamaged(checkpoint));
  if (engine.updates === position.updates) return;
  throw new RunError({
    where: checkpoint,
    expected: `an optimizer that has taken ${position.updates} steps, as position.json says`,
    got: engine.updates === 0 ? "none" : `one that has taken ${engine.updates}`,
    next: RESUME_EARLIER,
  });
}

/** A fault of a model's files, where they are a checkpoint's: there is nothing to fetch again. */
function asDamaged(checkpoint: string | undefined): (cause: unknown) => never {
  return (cause) => {
    const isIts =
      checkpoint !== undefined && cause instanceof ModelError && cause.where.startsWith(checkpoint);
    if (!isIts) throw cause;
    const { where, expected, got } = cause;
    throw new RunError({ where, expected, got, next: RESUME_EARLIER, cause });
  };
}

/** Names a list of tokens and texts by what is in it: sixteen hexadecimal digits. */
export function fingerprint(rows: readonly (readonly (string | Int32Array)[])[]): string {
  const hash = createHash("sha256");
  for (const row of rows) {
    for (const part of row)
      hash.update(`${part.length}:`).update(typeof part === "string" ? part : bytesOf(part));
  }
  return hash.digest("hex").slice(0, 16);
}
