/**
 * A model pass, as any Tinker server is asked for one and answers it, whatever the bytes on the wire.
 */
import { EngineError } from "../../errors.ts";
import type { Sequence } from "../engine.ts";

/** One sequence, shifted: token i is fed in, and target i is what comes after it. */
export interface Datum {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
  /** What the loss reads beside the targets (`weights`, `logprobs`, `advantages`): one number per target. */
  readonly inputs: Readonly<Record<string, Float32Array>>;
}

/** A forward pass or, where `forwardOnly` is false, one that adds to the gradient. */
export interface Pass {
  readonly modelId: string;
  readonly seqId: number;
  readonly loss: "cross_entropy" | "importance_sampling";
  readonly forwardOnly: boolean;
  readonly data: readonly Datum[];
}

/** One sampled sequence; nats at temperature 1, where the server told them. */
export interface Sampled {
  readonly tokens: Int32Array;
  readonly logps: Float32Array | undefined;
  readonly stop: "stop" | "length";
}

/** A sequence with per-token numbers of its completion, which stand at the last targets; those before them are 0. */
export function datumOf(
  { prompt, completion }: Sequence,
  inputs: Readonly<Record<string, Float32Array>>,
): Datum {
  const whole = new Int32Array(prompt.length + completion.length);
  whole.set(prompt);
  whole.set(completion, prompt.length);
  const before = whole.length - 1 - completion.length;
  return {
    tokens: whole.slice(0, -1),
    targets: whole.slice(1),
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => {
        const padded = new Float32Array(whole.length - 1);
        padded.set(values, before);
        return [name, padded];
      }),
    ),
  };
}

/** An answer that is not what the API says: it is not believed. */
export const damagedAnswer = (expected: string, got: string, cause?: unknown): EngineError =>
  new EngineError({
    where: "the server's answer",
    expected,
    got,
    next: "Check that the address is of a Tinker server, of the kind that engine_dialect names.",
    cause,
  });
