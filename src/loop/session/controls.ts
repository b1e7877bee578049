/**
 * What a run is asked while it is at work: read between phases and as they go on, done between two steps.
 *
 * Nothing here draws a random number or changes the weights, and the clock of a step does not run: a run that was
 * paused, measured and saved on the way is the run that never was.
 */
import { setTimeout } from "node:timers/promises";
import type { RequestName, RunEvent } from "../../run/events.ts";
import type { Position } from "../../run/position.ts";
import { Requests } from "../../run/requests.ts";
import type { Run } from "../../run/run.ts";
import type { Session } from "./open-session.ts";

/** How often a run that is busy looks, and one that is paused. */
const BUSY_MS = 500;
const PAUSED_MS = 200;

export class Controls {
  /** The run ends before its next step. */
  stopped = false;
  readonly #requests: Requests;
  readonly #tell: (event: RunEvent) => void;
  readonly #wanted = new Set<RequestName>();
  /** Steps taken. */
  #step: number;
  #looked = 0;

  constructor({ folder, position }: Run, tell: (event: RunEvent) => void) {
    this.#requests = new Requests(folder);
    this.#tell = tell;
    this.#step = position.step;
  }

  readonly hear = (event: RunEvent): void => {
    if (event.kind === "step" || event.kind === "sft-step") this.#step = event.step;
    if (event.kind !== "phase" && event.kind !== "progress") return;
    if (performance.now() - this.#looked >= BUSY_MS) this.look();
  };

  /** Takes what was asked since, and says so. */
  look(): void {
    this.#looked = performance.now();
    for (const { id, request } of this.#requests.take()) {
      this.#tell({ kind: "asked", id, request, step: this.#step });
      if (request === "continue") this.#wanted.delete("pause");
      else this.#wanted.add(request);
    }
  }

  get isPaused(): boolean {
    return this.#wanted.has("pause") && !this.#wanted.has("stop");
  }

  /** Whether this was asked and is still to be done; it is taken as done. */
  take(request: "evaluate" | "save" | "stop"): boolean {
    return this.#wanted.delete(request);
  }
}

export interface AskedOfRun {
  /** Measures the policy as it is; undefined where there is nothing to measure it on. */
  readonly evaluate: (() => Promise<void>) | undefined;
  readonly save: () => Promise<void>;
}

/** Between two steps: does what was asked since the last ones, and waits while the run is paused. */
export async function attend(
  { controls, run, tell, signal, stopped }: Session,
  { step }: Position,
  { evaluate, save }: AskedOfRun,
): Promise<void> {
  let isPaused = false;
  for (;;) {
    controls.look();
    if (controls.take("evaluate")) {
      const isMeasured = run.evals.at(-1)?.step === step;
      if (evaluate === undefined)
        tell({ kind: "note", text: "there are no held-out problems to evaluate on" });
      else if (isMeasured) tell({ kind: "note", text: `the evaluation after step ${step} is there already` });
      else await evaluate();
    }
    if (controls.take("save")) await save();
    controls.stopped ||= controls.take("stop");
    if (!controls.isPaused || stopped()) break;
    if (!isPaused) tell({ kind: "paused", step });
    isPaused = true;
    await setTimeout(PAUSED_MS, undefined, { signal }).catch(() => {});
  }
  if (isPaused && !stopped()) tell({ kind: "continued", step });
}
