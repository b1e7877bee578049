/**
 * Events: what a run tells as it goes.
 *
 * The loop prints nothing. A command, a dashboard or a test listens here, and what it hears is also
 * in the run's folder, so that missing an event loses nothing.
 */
import type { EvalRecord, ShownAnswer, StepRecord } from "./records.ts";

/** What a run is busy with, named as in `timing_s/…` of steps.jsonl. */
export type Phase =
  | "open"
  | "gen"
  | "verify"
  | "old_log_prob"
  | "update_actor"
  | "token_records"
  | "eval"
  | "save";

export type RunEvent =
  /** The run's folder is there and everything is loaded. `resumedAt` is the number of steps already taken. */
  | {
      readonly kind: "start";
      readonly folder: string;
      readonly resumedAt: number;
      readonly steps: number;
      /** As the options name it. */
      readonly model: string;
    }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string }
  /** A self-check passed; one that fails is thrown. */
  | { readonly kind: "check"; readonly name: string; readonly text: string }
  /** Bytes of what is fetched from the hub. */
  | { readonly kind: "download"; readonly name: string; readonly done: number; readonly total: number }
  | { readonly kind: "phase"; readonly phase: Phase; readonly step: number }
  | {
      readonly kind: "progress";
      readonly phase: Phase;
      readonly step: number;
      readonly done: number;
      readonly total: number;
    }
  /** `step` counts from 1; `steps` is the length of the run. */
  | {
      readonly kind: "step";
      readonly step: number;
      readonly steps: number;
      readonly record: StepRecord;
      /** A wrong answer, where none was right. */
      readonly answers: readonly ShownAnswer[];
    }
  | { readonly kind: "sft-step"; readonly step: number; readonly steps: number; readonly record: StepRecord }
  | {
      readonly kind: "eval";
      readonly step: number;
      readonly record: EvalRecord;
      /** One right and one wrong answer, where there are any. */
      readonly answers: readonly ShownAnswer[];
    }
  | { readonly kind: "saved"; readonly step: number; readonly folder: string; readonly seconds: number }
  /** Somebody asked this of the run, which has read it; it is done before the step after `step`. */
  | { readonly kind: "asked"; readonly id: string; readonly request: RequestName; readonly step: number }
  /** It waits before its next step, as it was asked to, and goes on. */
  | { readonly kind: "paused"; readonly step: number }
  | { readonly kind: "continued"; readonly step: number }
  /** The last event. `resume` is the command's argument that goes on from here. */
  | {
      readonly kind: "end";
      readonly reason: EndReason;
      readonly text: string;
      readonly folder: string;
      readonly checkpoint: string | undefined;
      readonly resume: string;
    };

/** What may be asked of a run that is at work (`requests.ts`). */
export const requestNames = ["pause", "continue", "evaluate", "save", "stop"] as const;
export type RequestName = (typeof requestNames)[number];

/** `finished`: all steps taken. `stopped`: asked to. `nothing-to-learn`: no problem was solved in part for too long, or in any step. */
export type EndReason = "finished" | "stopped" | "nothing-to-learn";

export type OnEvent = (event: RunEvent) => void;

/** What a caller may hand to `train`, `sft` and `evaluate`. */
export interface RunContext {
  readonly onEvent?: OnEvent;
  /** Once aborted, the run finishes the updates it is in, saves and ends with `stopped`. */
  readonly signal?: AbortSignal;
}

/**
 * One line of events.jsonl: what a run told, with its time (ISO 8601) and less what other files hold. Lines are never
 * taken back: after a `start`, steps beyond its `resumedAt` are taken again.
 */
export type LoggedEvent = { readonly time: string } & (
  | Pick<RunEventOf<"start">, "kind" | "resumedAt" | "steps" | "model">
  | RunEventOf<"note" | "warning" | "check" | "phase" | "progress" | "asked" | "paused" | "continued">
  | Pick<RunEventOf<"step">, "kind" | "step">
  | Pick<RunEventOf<"eval">, "kind" | "step">
  | Pick<RunEventOf<"saved">, "kind" | "step" | "seconds">
  | Pick<RunEventOf<"end">, "kind" | "reason" | "text">
);

type RunEventOf<K extends RunEvent["kind"]> = K extends unknown
  ? Extract<RunEvent, { readonly kind: K }>
  : never;
