/**
 * Decoding: a token of each answer and its caches go in, what follows comes out.
 *
 * Layer by layer nothing is made ready. The whole decoder as one program is faster from token to token: in a small
 * model because little waits for little, in a large one where the weights are constants, laid out as products like them
 * best. These are made anew for each request, for between two the weights may change. With weights of eight bits, a
 * quarter as large, constants pay in a small model too, and are kept until the weights change.
 */

import { layerKinds, type ModelConfig } from "../../models/config.ts";
import { parameterCount } from "../../models/parameter-shapes.ts";
import { array, type Runnable, type Values } from "../onnx/run.ts";
import type { Choice, Choosing } from "./head-sample.ts";
import type { Caches } from "./kv-cache.ts";
import { type Network, numbers } from "./model-programs.ts";

/** The newest token of each row, and what decides on the next. */
export interface Rows extends Choosing {
  readonly tokens: Int32Array;
  /** The place of each token in its sequence. */
  readonly places: readonly number[];
}

export interface Decoded {
  /** [A, D] */
  readonly hidden: Float32Array;
  /** What `headSample` says of each row. */
  choice(): Promise<Record<string, Values>>;
}

export interface Decoder {
  /** Writes the tokens' keys and values into the caches. */
  step(caches: Caches, rows: Rows): Promise<Decoded>;
  release(): Promise<void>;
}

/** Parameters of a model that is small: what a token costs is no longer the time between products. */
const SMALL = 2 ** 24;
/** Tokens that win back what making a large model's constants takes, some ten times its products for one row. */
const MANY = 4096;

export type Way = "layers" | "program" | "constants";

/**
 * A request is always decoded in the same way, for constants have other bits.
 *
 * @param tokens  at most so many are asked for
 */
export const wayOf = (config: ModelConfig, tokens: number): Way =>
  parameterCount(config) < SMALL ? "program" : tokens < MANY ? "layers" : "constants";

export async function openDecoder(network: Network, choice: Choice, way: Way): Promise<Decoder> {
  if (way === "layers") return layerByLayer(network, choice);
  const isInt8 = network.int8 !== undefined;
  if (way === "program" && !isInt8) return atOnce(network, await network.decoder({ choice }), async () => {});
  try {
    const program = await network.decoderOfConstants({ choice });
    return atOnce(network, program, isInt8 ? async () => {} : () => program.release());
  } catch (error) {
    // a temporary folder that is full or not to be written to is no reason to end a run
    if (error instanceof Error && "syscall" in error) return layerByLayer(network, choice);
    throw error;
  }
}

const masksOf = (network: Network, caches: Caches, places: readonly number[]) =>
  network.layerInputs(Math.max(...places), ({ window }) => caches.masks(window));

function layerByLayer(network: Network, choice: Choice): Decoder {
  return {
    async step(caches, rows) {
      const { tokens, places } = rows;
      const [program, head] = [await network.decode(), await network.headSample({ choice })];
      const told = masksOf(network, caches, places);
      const position = numbers(places);
      let x: Values = array(network.embed(tokens), tokens.length, network.config.width);
      for (const [layer, weights] of network.layers.entries()) {
        const { y, k, v } = await program.run({
          x,
          position,
          ...told[layer],
          ...caches.inputs(layer),
          ...weights,
        });
        caches.write(layer, k.data as Float32Array, v.data as Float32Array);
        x = y;
      }
      caches.advance();
      return {
        hidden: x.data as Float32Array,
        choice: () => head.run({ h: x, ...network.choiceInputs(rows) }),
      };
    },
    release: async () => {},
  };
}

function atOnce(network: Network, program: Runnable, release: () => Promise<void>): Decoder {
  const { kinds, kindOf } = layerKinds(network.config);
  const weights = Object.fromEntries(
    [...network.parameters.tensors.keys()].map((name) => [name, network.parameters.values(name)]),
  );
  const prefixed = (prefix: string, values: Record<string, Values>) =>
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value] as const);
  return {
    async step(caches, rows) {
      const { tokens, places } = rows;
      const told = masksOf(network, caches, places);
      const results = await program.run({
        tokens: numbers(tokens),
        position: numbers(places),
        ...caches.inputs(0),
        ...Object.fromEntries([
          ...kinds.flatMap((_, kind) => prefixed(`kind ${kind}/`, told[kindOf.indexOf(kind)])),
          ...kindOf.flatMap((_, layer) => prefixed(`${layer}/`, caches.inputs(layer))),
        ]),
        ...network.choiceInputs(rows),
        ...weights,
      });
      for (let layer = 0; layer < kindOf.length; layer++)
        caches.write(
          layer,
          results[`${layer}/k`].data as Float32Array,
          results[`${layer}/v`].data as Float32Array,
        );
      caches.advance();
      return { hidden: results.hidden.data as Float32Array, choice: async () => results };
    },
    release,
  };
}
