/**
 * What a generator draws: a problem, its answer and how it is worked.
 */

/** A problem before it has a name of its own. */
export interface Sketch {
  /** Its sort, kept in the problem's `extra`, so that results can be told apart by it. */
  readonly kind: string;
  readonly prompt: string;
  readonly answer: string;
  readonly solution: string;
  /** What its verifier needs beside the answer. */
  readonly extra?: Readonly<Record<string, unknown>>;
}
