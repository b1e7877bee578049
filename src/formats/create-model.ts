/**
 * A new model: random weights for a config, written as a Hugging Face folder.
 *
 * The same seed gives the same weights on every machine.
 */

import { checkConfig, type ModelConfig } from "../models/config.ts";
import { tensorShapes } from "../models/tensor-shapes.ts";
import { saveModel } from "./save-model.ts";
import type { Tokenizer } from "./tokenizer/tokenizer.ts";

/**
 * Matrices are normal with variance 1 / inputs, and those that write into the residual stream smaller by
 * √(2·layers), so that its size does not grow with depth; norms are 1, biases 0.
 *
 * @param folder  made where it is missing
 * @throws ModelError where the config makes no sense, RunError where the folder may not be written
 */
export async function createModel(
  folder: string,
  config: ModelConfig,
  tokenizer: Tokenizer,
  seed: number,
): Promise<void> {
  checkConfig(config, "the new model");
  const normal = normals(seed);
  const tensors = [...tensorShapes(config)].map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
    if (shape.length === 1) data.fill(name.endsWith(".bias") ? 0 : 1);
    else {
      const residual = /\.(o_proj|down_proj)\.weight$/.test(name);
      const deviation = Math.sqrt(1 / shape[1] / (residual ? 2 * config.layers : 1));
      for (let i = 0; i < data.length; i++) data[i] = deviation * normal();
    }
    return { name, shape, data };
  });
  await saveModel(folder, { config, tensors, eosIds: tokenizer.eosIds, tokenizer });
}

/** Sums of twelve uniform numbers less 6: normal enough for weights, and exact, where logarithms and cosines differ by machine. */
function normals(seed: number): () => number {
  let state = (seed ^ Math.imul(Math.floor(seed / 2 ** 32) + 1, 0x9e3779b9)) >>> 0;
  const uniform = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform();
    return sum;
  };
}
