/**
 * A channel: the loss of a server's own through which any gradient of log-probs reaches its optimizer exactly.
 *
 *   W = −d loss / d log-prob of each token, log-probs  →  datums whose gradient there is −Σ W · d log-prob
 */
import type { Sequence } from "../engine.ts";
import { type Datum, datumOf, type Pass } from "./pass.ts";

export interface Channel {
  readonly loss: Pass["loss"];
  /**
   * What a token's number is multiplied by beforehand, to undo what the server divides by.
   *
   * @param targets  of the token's datum
   * @param datums   of the whole update
   */
  readonly scale: (targets: number, datums: number) => number;
  /** Sent as the weight of each target, where the server would divide by the sum of them. */
  readonly weight?: number;
}

/**
 * @param weights  W of the completion's tokens
 * @param logps    of all targets, under the present weights: with them the ratio of `importance_sampling` is 1
 * @param datums   of the whole update
 */
export function gradientDatum(
  sequence: Sequence,
  weights: Float32Array,
  logps: Float32Array,
  { loss, scale, weight }: Channel,
  datums: number,
): Datum {
  const scaled = weights.map((weight) => weight * scale(logps.length, datums));
  if (loss === "cross_entropy") return datumOf(sequence, { weights: scaled });
  const datum = datumOf(sequence, { advantages: scaled });
  const inputs = { ...datum.inputs, logprobs: logps };
  if (weight === undefined) return { ...datum, inputs };
  return { ...datum, inputs: { ...inputs, weights: new Float32Array(logps.length).fill(weight) } };
}

/** A datum of which log-probs alone are wanted. */
export const forwardDatum = (sequence: Sequence): Datum =>
  datumOf(sequence, { weights: new Float32Array(sequence.completion.length) });

export const completionOf = (logps: Float32Array, { completion }: Sequence): Float32Array =>
  logps.slice(logps.length - completion.length);
