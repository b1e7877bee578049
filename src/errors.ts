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
    const [where, expected, got, next] = [fault.where, fault.expected, fault.got, fault.next].map(oneLine);
    super(
      `${where}: expected ${expected}, got ${got}.\n  → ${next}`,
      fault.cause === undefined ? undefined : { cause: fault.cause },
    );
    this.where = where!;
    this.expected = expected!;
    this.got = got!;
    this.next = next!;
    this.name = new.target.name;
  }
}

/** Longest part of an error, in characters. */
const LONGEST = 1000;

/** A part of an error may quote a file, a server or a verifier: it is cut in its middle, and kept on one line. */
function oneLine(text: string): string {
  const plain = printable(text.replace(/\s*[\r\n]+\s*/g, " ⏎ "));
  const half = LONGEST / 2;
  return plain.length <= LONGEST ? plain : `${plain.slice(0, half - 3)} … ${plain.slice(-half)}`;
}

/** Text of a model, a data set, a server or a verifier: what would move the cursor or rename the window is shown, not done. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === "\n" || character === "\t"
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
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

/** A JSON schema asks for what answers cannot be held to, or for too much. */
export class SchemaError extends ErrataError {}

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
