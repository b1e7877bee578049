/**
 * What servers do differently, a row each: added once a server of that kind was measured to be exact.
 */
import type { Channel } from "./channel.ts";
import { jsonWire } from "./json-wire.ts";
import { protobufWire } from "./proto-wire.ts";
import type { Wire } from "./wire.ts";

export interface Dialect {
  readonly wire: Wire;
  /** The loss whose gradient is exact; each run holds a server to it before it learns. */
  readonly channel: Channel;
  /** Of adapters of a rank, which are on all linear layers: the server chooses it. */
  readonly alpha: (rank: number) => number;
  /** A request's seed is below this, and answer i of the request has the seed + i. */
  readonly seeds: number;
  /** Whether the server scales a gradient down to a norm. */
  readonly clips: boolean;
  /** The metric of an optimizer step that holds the gradient's norm; undefined where none does. */
  readonly gradNorm: string | undefined;
  /** Whether a pass or a step that is asked for again, under its number, is done once. */
  readonly remembers: boolean;
  /**
   * Whether a new model takes the place of an unloaded one, the lowest that is free, with the gradient that was never
   * stepped with there. Such a server tells a model's id at once and numbers the requests of all clients in one row.
   */
  readonly leavesGradients: boolean;
  /** Whether a step's weight decay shrinks the adapters of all models there. */
  readonly decaysAll: boolean;
  /** Whether the models that it says it offers are those that it runs. */
  readonly listsModels: boolean;
  /** Whether a model is unloaded at once, its id in the address. */
  readonly unloadsAtOnce: boolean;
  /** The word for checkpoints with an optimizer in `tinker://` paths. */
  readonly checkpoints: "weights" | "checkpoints";
  /**
   * Where a server draws from the likeliest tokens alone unless asked for more: the most that it can be asked for. It
   * takes the likeliest token, too, where one answer alone is asked for.
   */
  readonly mostTopK: number | undefined;
  /** Datums, and bytes of tokens and tensors, of one request. */
  readonly mostDatums: number;
  readonly mostBytes: number;
}

/** The largest max_grad_norm there is: no gradient is scaled down. */
export const UNCLIPPED = 1e9;

/** A weight of each target so small that the weights of a request are never 1 together; a power of 2, so that it is exact. */
const TINY = 2 ** -24;

export const dialects = {
  /**
   * SkyRL 0.4.0 on JAX divides a datum's loss by its targets, and the sum by the datums since the last step.
   * `cross_entropy` is not exact there: it divides by the sum of the weights, which may be of both signs.
   */
  "skyrl-jax": {
    wire: protobufWire,
    channel: { loss: "importance_sampling", scale: (targets, datums) => targets * datums },
    alpha: () => 32,
    seeds: 2 ** 31,
    clips: false,
    gradNorm: "skyrl.ai/grad_norm",
    remembers: true,
    leavesGradients: true,
    decaysAll: true,
    listsModels: true,
    unloadsAtOnce: false,
    checkpoints: "weights",
    mostTopK: undefined,
    mostDatums: 1024,
    mostBytes: 5_000_000,
  },
  /**
   * hatchery-core 0.3.0 divides the loss of a request by the sum of its weights, or by 1 where that is less. It draws
   * from the 50 likeliest tokens unless asked for up to 1000; and a repeated pass or step is done twice.
   */
  hatchery: {
    wire: jsonWire,
    channel: { loss: "importance_sampling", scale: () => 1 / TINY, weight: TINY },
    alpha: (rank) => 2 * rank,
    seeds: 2 ** 31,
    clips: true,
    gradNorm: undefined,
    remembers: false,
    leavesGradients: false,
    decaysAll: false,
    listsModels: false,
    unloadsAtOnce: true,
    checkpoints: "checkpoints",
    mostTopK: 1000,
    mostDatums: 1024,
    mostBytes: 5_000_000,
  },
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof dialects;
