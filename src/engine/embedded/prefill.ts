/**
 * Prefill: the keys and values of prompts, read once for all their answers.
 *
 * Prompts of a like length are read together, so that little is spent on padding.
 */
import type { Prompt } from "../engine.ts";
import { array, type Values } from "../onnx/run.ts";
import type { PromptCache } from "./kv-cache.ts";
import { causalMask } from "./masks.ts";
import type { Network } from "./model-programs.ts";
import { inWholeBlocks, isLong, promptBlocks } from "./query-blocks.ts";

/** Tokens read at a time, padding included: enough to fill the cores. One longer prompt is read by itself. */
const PREFILL_TOKENS = 1024;

/** Keys and values of each prompt but its last token, which leads the answers. */
export async function prefill(network: Network, prompts: readonly Prompt[]): Promise<PromptCache> {
  const { layers, kvHeads, headDim } = network.config;
  const lengths = prompts.map((prompt) => prompt.tokens.length - 1);
  const length = Math.max(1, ...lengths);
  const empty = () =>
    Array.from({ length: layers }, () => new Float32Array(prompts.length * kvHeads * length * headDim));
  const cache = { k: empty(), v: empty(), length, lengths };
  for (const part of parts(lengths)) await read(network, prompts, part, cache);
  return cache;
}

/** Places in `lengths`, the shortest first, as many together as the tokens allow. */
function parts(lengths: readonly number[]): number[][] {
  const order = lengths.map((_, place) => place).sort((a, b) => lengths[a] - lengths[b] || a - b);
  const all: number[][] = [];
  for (const place of order) {
    const last = all.at(-1);
    if (last !== undefined && (last.length + 1) * lengths[place] <= PREFILL_TOKENS) last.push(place);
    else all.push([place]);
  }
  return all;
}

/** Reads some of the prompts, in rectangles of their own length, into the cache. */
async function read(
  network: Network,
  prompts: readonly Prompt[],
  part: readonly number[],
  cache: PromptCache,
): Promise<void> {
  const { kvHeads, headDim, width } = network.config;
  const S = inWholeBlocks(Math.max(1, ...part.map((place) => cache.lengths[place])));
  const blocked = isLong(S);
  const tokens = new Int32Array(part.length * S);
  part.forEach((place, p) => tokens.set(prompts[place].tokens.subarray(0, cache.lengths[place]), p * S));
  const promptPosition = array(
    BigInt64Array.from(tokens, (_, i) => BigInt(i % S)),
    part.length,
    S,
  );
  const inputs = network.layerInputs(S, ({ window }) => ({
    promptPosition,
    ...(blocked ? promptBlocks(part.length, S, window) : { causal: array(causalMask(S, window), S, S) }),
  }));
  /** Rows of [part, kvHeads, S, headDim] to theirs in [P, kvHeads, length, headDim]. */
  const lay = (to: Float32Array, from: Float32Array) =>
    part.forEach((place, p) => {
      for (let head = 0; head < kvHeads; head++) {
        const start = (p * kvHeads + head) * S * headDim;
        const row = from.subarray(start, start + cache.lengths[place] * headDim);
        to.set(row, (place * kvHeads + head) * cache.length * headDim);
      }
    });
  const program = await network.prefill(blocked);
  let x: Values = array(network.embed(tokens), tokens.length, width);
  for (const [layer, weights] of network.layers.entries()) {
    const { y, k, v } = await program.run({ x, ...inputs[layer], ...weights });
    lay(cache.k[layer], k.data as Float32Array);
    lay(cache.v[layer], v.data as Float32Array);
    x = y;
  }
}
