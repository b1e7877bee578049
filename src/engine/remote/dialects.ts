/**
 * What servers do differently, a row each: added once a server of that kind was measured to be exact.
 */
import type { Channel } from "./channel.ts";

export interface Dialect {
  /** The loss whose gradient is exact; `tryChannel` holds a server to it before each run. */
  readonly channel: Channel;
  /** Of the adapters, which are on all linear layers: the server chooses it. */
  readonly alpha: number;
  /** A request's seed is below this, and answer i of the request has the seed + i. */
  readonly seeds: number;
  /** Whether the server scales a gradient down to a norm. */
  readonly clips: boolean;
  /** The metric of an optimizer step that holds the gradient's norm. */
  readonly gradNorm: string;
  /** Datums, and bytes of tokens and tensors, of one request. */
  readonly mostDatums: number;
  readonly mostBytes: number;
}

/** The largest max_grad_norm there is: no gradient is scaled down. */
export const UNCLIPPED = 1e9;

export const dialects = {
  /**
   * SkyRL 0.4.0 on JAX divides a datum's loss by its targets, and the sum by the datums since the last step.
   * `cross_entropy` is not exact there: it divides by the sum of the weights, which may be of both signs.
   */
  "skyrl-jax": {
    channel: { loss: "importance_sampling", scale: (targets, datums) => targets * datums },
    alpha: 32,
    seeds: 2 ** 31,
    clips: false,
    gradNorm: "skyrl.ai/grad_norm",
    mostDatums: 1024,
    mostBytes: 5_000_000,
  },
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof dialects;
