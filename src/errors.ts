/**
 * Errors: one class for each thing a person can fix.
 *
 * Each says where it happened, what was expected, what came, and what to do next, because an error
 * that stops at "invalid" costs its reader the hour that its writer saved.
 */
export interface Fault {
  /** What was being read or done: a file, an option, a tensor, a request. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What to do now, as a sentence. */
  readonly next: string;
  readonly cause?: unknown;
}

export abstract class ErrataError extends Error {
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly next: string;

  constructor(fault: Fault) {
    super(
      `${fault.where}: expected ${fault.expected}, got ${fault.got}.\n  → ${fault.next}`,
      fault.cause === undefined ? undefined : { cause: fault.cause },
    );
    this.where = fault.where;
    this.expected = fault.expected;
    this.got = fault.got;
    this.next = fault.next;
    this.name = new.target.name;
  }
}

/** An option has an unknown name or a value out of its range. */
export class OptionError extends ErrataError {}

/** A data set cannot be read, or holds nothing to learn from. */
export class DataError extends ErrataError {}

/** A model's files are missing, damaged, hostile or of a kind that is not supported. */
export class ModelError extends ErrataError {}

/** The hub cannot be reached, refuses, or sends what it should not; or its cache cannot be written. */
export class HubError extends ErrataError {}

/** A verifier cannot be loaded, or fails more often than a run may bear. */
export class VerifierError extends ErrataError {}

/** The engine cannot do what was asked: too little memory, a worker that died, tokens of another model. */
export class EngineError extends ErrataError {}

/** A prompt and the answer to it are longer together than the model's context. */
export class ContextError extends EngineError {}

/** A run's folder cannot be written, or holds another run than the one being resumed. */
export class RunError extends ErrataError {}

/** Tensors that do not fit together; thrown while tracing, before anything runs. */
export class ShapeError extends ErrataError {}

/** A bug in errata itself, never the user's doing. */
export class InternalError extends Error {
  constructor(message: string) {
    super(
      `internal: ${message}\n  → This is a bug in errata; please report it with the command that led here.`,
    );
    this.name = "InternalError";
  }
}
