/**
 * A wire: how model passes are written, and their results and samples read, in the bytes that a server speaks.
 */
import type { Reply, Request } from "./connection.ts";
import { damagedAnswer, type Pass, type Sampled } from "./pass.ts";

export interface Wire {
  /** A pass has one request, to the byte: a repeated one is known by it. */
  readonly request: (pass: Pass) => Request;
  /** What results are asked for in; left out, JSON. */
  readonly accept?: Request["accept"];
  /**
   * The log-probs of each datum's targets.
   *
   * @param lengths  targets of each datum that was sent
   * @throws EngineError where the answer is damaged, or holds other than one log-prob for each target
   */
  readonly logps: (reply: Reply, lengths: readonly number[]) => Float32Array[];
  /** The sequences of an answer to a sampling request. @throws EngineError where it is damaged, or its parts do not fit */
  readonly samples: (reply: Reply) => Sampled[];
}

/** @throws EngineError where there is not one log-prob for each target */
export function checkLengths(found: readonly Float32Array[], lengths: readonly number[]): void {
  const got = found.map(({ length }) => length);
  if (got.join() !== lengths.join())
    throw damagedAnswer(`log-probs of ${shown(lengths)} targets`, `${shown(got)} of them`);
}

/** @throws EngineError where there is not one log-prob for each token */
export function checkSample({ tokens, logps }: Sampled): void {
  if (logps !== undefined && logps.length !== tokens.length)
    throw damagedAnswer(`a log-prob for each of ${tokens.length} tokens`, `${logps.length} of them`);
}

/** The first of many numbers. */
export const shown = (numbers: readonly number[]): string =>
  `[${numbers.slice(0, 8).join(", ")}${numbers.length > 8 ? ", …" : ""}]`;
