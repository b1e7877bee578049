/**
 * What the engine's threads and whoever asks them say to each other: a verb with its arguments, progress, one result or one error.
 */

import type { Program } from "../../autodiff/tensor.ts";
import * as errors from "../../errors.ts";
import type {
  Completion,
  EngineFacts,
  EngineOptions,
  Example,
  SampledToken,
  Sampling,
  Score,
  Sequence,
  Step,
  UpdateReport,
} from "../engine.ts";
import type { Asked } from "./shares.ts";
import type { ModelOrigin } from "./weight-files.ts";

/** Each verb's arguments and result. */
export interface Verbs {
  /** A part of the weights, all of which go before `open`; afterwards its new values. */
  take: { in: { name: string; data: Float32Array }; out: undefined };
  open: { in: { origin: ModelOrigin; options: Omit<EngineOptions, "model"> }; out: EngineFacts };
  /** `inFlight`: at most so many grow together. `streams`: tokens are wanted as they are drawn. */
  sample: {
    in: { asked: readonly Asked[]; sampling: Sampling; inFlight: number; streams: boolean };
    /** The answers are posted, those of one `Asked` together. */
    out: undefined;
  };
  score: { in: { sequences: readonly Sequence[]; temperature: number }; out: Score[] };
  update: {
    in: { examples: readonly Example[]; objective: Program; key: string; coupled: boolean; step: Step };
    out: UpdateReport;
  };
  /** Copies of all weights, or of those that learn, for a thread that samples beside. */
  weights: { in: { all: boolean }; out: ReadonlyMap<string, Float32Array<ArrayBuffer>> };
  save: { in: { folder: string }; out: undefined };
  /** Gives the steps that the optimizer had taken. */
  load: { in: { folder: string }; out: number };
}
export type Verb = keyof Verbs;

export interface Request<V extends Verb = Verb> {
  readonly id: number;
  readonly verb: V;
  readonly in: Verbs[V]["in"];
}

/** Ends a request early, under way or still waiting; it is then answered by an error. */
export interface Abort {
  readonly abort: number;
}

/** Ends the thread where it stands, between two runs of a session: one that is ended inside of a run takes the process with it. */
export interface Close {
  readonly close: true;
}

export type Reply =
  | { readonly id: number; readonly kind: "tokens"; readonly tokens: readonly SampledToken[] }
  | {
      readonly id: number;
      readonly kind: "answers";
      /** Which of what was asked for. */
      readonly at: number;
      readonly answers: readonly Completion[];
    }
  | { readonly id: number; readonly kind: "progress"; readonly done: number; readonly total: number }
  | { readonly id: number; readonly kind: "result"; readonly out: unknown; readonly flops: number }
  | { readonly id: number; readonly kind: "error"; readonly error: PostedError };

/** An error as it crosses between threads, where classes are lost. */
export interface PostedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly fault?: errors.Fault;
}

export function postError(error: unknown): PostedError {
  if (error instanceof errors.ErrataError) {
    const { name, message, stack, where, expected, got, next } = error;
    return { name, message, stack, fault: { where, expected, got, next } };
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack };
}

export function receiveError({ name, message, stack, fault }: PostedError): Error {
  const known = (errors as Record<string, unknown>)[name];
  const error =
    fault && typeof known === "function"
      ? new (known as new (fault: errors.Fault) => Error)(fault)
      : new errors.EngineError({
          where: "engine",
          expected: "to finish what was asked",
          got: `${name}: ${message}`,
          next: /alloc|memory/i.test(message)
            ? "There was not enough memory: set micro_batch_tokens or max_answers_in_flight lower."
            : "This is a fault of errata or of onnxruntime; please report it with the command that led here.",
        });
  if (stack) error.stack = stack;
  return error;
}
